// Properties of the whole round: anti-affinity and spread as they are at its end.
#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "base/text.h"
#include "k8s/selector.h"
#include "plan/properties_testing.h"

namespace plan::testing {
namespace {

bool selects(const Problem& problem,
             const k8s::Pod& owner,
             const k8s::PodAffinityTerm& term,
             const k8s::Pod& other) {
  std::set<std::string> spaces(term.namespaces.begin(), term.namespaces.end());
  if (spaces.empty() && !term.namespace_selector) {
    spaces.insert(owner.meta.namespace_);
  }
  for (const auto& space : problem.snapshot.namespaces) {
    if (term.namespace_selector && k8s::matches(*term.namespace_selector, space->meta.labels)) {
      spaces.insert(space->meta.name);
    }
  }
  return spaces.contains(other.meta.namespace_) && k8s::matches(term.selector, other.meta.labels);
}

// SCH-340..343: no two pods are certainly in one domain against the will of either, unless both
// were there before.
void check_pair(const Problem& problem,
                const PlannedPlace& a,
                const k8s::Pod& owner,
                const PlannedPlace& b,
                const k8s::Pod& other,
                std::vector<std::string>& broken) {
  for (const k8s::PodAffinityTerm& term : owner.spec.pod_anti_affinity.required) {
    const auto here = a.label(term.topology_key);
    if (here && here == b.label(term.topology_key) && selects(problem, owner, term, other)) {
      broken.push_back(base::concat(
          owner.meta.name, " and ", other.meta.name, " share ", term.topology_key, " ", *here));
    }
  }
}

void check_anti_affinity(const Problem& problem,
                         const std::vector<PlannedPlace>& places,
                         std::vector<std::string>& broken) {
  for (const PlannedPlace& a : places) {
    for (const PlannedPlace& b : places) {
      for (const k8s::Pod* placed : a.placed) {
        for (const k8s::Pod* other : b.placed) {
          if (placed != other) {
            check_pair(problem, a, *placed, b, *other, broken);
          }
        }
        for (const k8s::Pod* other : b.bound) {
          if (!other->meta.is_deleting()) {  // SCH-315
            check_pair(problem, a, *placed, b, *other, broken);
          }
          check_pair(problem, b, *other, a, *placed, broken);
        }
      }
    }
  }
}

bool is_same(const k8s::TopologySpreadConstraint& a, const k8s::TopologySpreadConstraint& b) {
  return a.topology_key == b.topology_key && a.max_skew == b.max_skew && a.selector == b.selector &&
         a.min_domains == b.min_domains && a.when_unsatisfiable == b.when_unsatisfiable &&
         a.match_label_keys == b.match_label_keys;
}

// Only its own spread limits where the pod may go, and nothing but its own kind is counted.
bool is_plain(const k8s::Pod& pod, const k8s::TopologySpreadConstraint& constraint) {
  return constraint.when_unsatisfiable == "DoNotSchedule" && constraint.selector &&
         k8s::matches(constraint.selector, pod.meta.labels) &&
         constraint.node_taints_policy != "Honor" && constraint.match_label_keys.empty() &&
         pod.spec.node_selector.empty() && pod.spec.node_affinity.required.empty();
}

struct Spread {
  const k8s::TopologySpreadConstraint& constraint;
  std::string namespace_;
  std::map<std::string, std::int64_t> counts;
  std::set<std::string> grown;  // Domains that got a pod in this round.
  bool is_promised = true;      // Every new pod that counts has the constraint too.

  void count(const PlannedPlace& place) {
    const auto domain = place.label(constraint.topology_key);
    for (const k8s::Pod* pod : place.bound) {
      if (domain && counts_pod(*pod) && pod->meta.deletion_time == 0) {
        ++counts[*domain];
      }
    }
    for (const k8s::Pod* pod : place.placed) {
      if (!counts_pod(*pod)) {
        continue;
      }
      is_promised &= domain && has_it(*pod);
      ++counts[domain.value_or("")];
      grown.insert(domain.value_or(""));
    }
  }

  bool counts_pod(const k8s::Pod& pod) const {
    return pod.meta.namespace_ == namespace_ && pod.status.phase != "Succeeded" &&
           k8s::matches(constraint.selector, pod.meta.labels);
  }

  bool has_it(const k8s::Pod& pod) const {
    return is_plain(pod, constraint) &&
           std::ranges::any_of(pod.spec.topology_spread,
                               [&](const k8s::TopologySpreadConstraint& other) {
                                 return is_same(constraint, other);
                               });
  }
};

// SCH-316, SCH-318: no host has more than maxSkew; no domain has more than maxSkew above the
// emptiest of those that have pods at all.
void check_spread(const std::vector<PlannedPlace>& places,
                  const k8s::Pod& pod,
                  const k8s::TopologySpreadConstraint& constraint,
                  std::vector<std::string>& broken) {
  Spread spread{.constraint = constraint, .namespace_ = pod.meta.namespace_};
  for (const PlannedPlace& place : places) {
    spread.count(place);
  }
  if (!spread.is_promised) {
    return;
  }
  const bool is_host = constraint.topology_key == cloud::label::kHostname;
  std::int64_t min = is_host ? 0 : std::numeric_limits<std::int64_t>::max();
  for (const auto& [domain, count] : spread.counts) {
    min = std::min(min, count);
  }
  for (const std::string& domain : spread.grown) {
    if (spread.counts[domain] - min > constraint.max_skew) {
      broken.push_back(base::concat(
          pod.meta.name, " is spread too unevenly over ", constraint.topology_key, ": ", domain));
    }
  }
}

}  // namespace

void check_topology(const Problem& problem,
                    const std::vector<PlannedPlace>& places,
                    bool lost_claims,
                    std::vector<std::string>& broken) {
  check_anti_affinity(problem, places, broken);
  if (lost_claims) {
    return;  // What was counted on claims that were given up stays counted (SCH-607).
  }
  for (const PlannedPlace& place : places) {
    for (const k8s::Pod* pod : place.placed) {
      for (const k8s::TopologySpreadConstraint& constraint : pod->spec.topology_spread) {
        if (is_plain(*pod, constraint)) {
          check_spread(places, *pod, constraint, broken);
        }
      }
    }
  }
}

}  // namespace plan::testing

#include "plan/properties_testing.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "k8s/selector.h"
#include "k8s/taints.h"

namespace plan::testing {
namespace {

// Every pod of the round is placed once or reported, and no other pod.
void check_complete(const Problem& problem, const Plan& plan, std::vector<std::string>& broken) {
  std::map<world::PodId, int> seen;
  for (const PlannedClaim& claim : plan.claims) {
    for (const world::PodId pod : claim.pods) {
      ++seen[pod];
    }
    if (claim.pods.empty()) {
      broken.push_back("a claim without pods");
    }
  }
  for (const ExistingPlacement& placement : plan.existing) {
    for (const world::PodId pod : placement.pods) {
      ++seen[pod];
    }
  }
  for (const Unplaced& unplaced : plan.unplaced) {
    ++seen[unplaced.pod];
    if (unplaced.reason.empty()) {
      broken.push_back("an unplaced pod without reason");
    }
  }
  std::map<world::PodId, int> wanted;
  for (const world::PodId pod : problem.pods) {
    ++wanted[pod];
  }
  if (seen != wanted) {
    broken.push_back("not every pod is placed or reported exactly once");
  }
}

// SCH-157..160: what exists and what is planned stays within each limit that planning touches.
void check_limits(const Problem& problem, const Plan& plan, std::vector<std::string>& broken) {
  for (const auto& row : problem.snapshot.pools) {
    k8s::Resources planned;
    for (const PlannedClaim& claim : plan.claims) {
      if (claim.pool()->meta.name != row->pool->meta.name) {
        continue;
      }
      k8s::Resources most{{"nodes", k8s::Quantity::units(1)}};
      for (const std::string& type : claim.instance_types()) {
        most.raise_to(row->catalogue->find(type)->capacity);
      }
      planned.add(most);
    }
    k8s::Resources total = planned;
    problem.snapshot.nodes.for_each([&](world::NodeId id, const world::NodeRow& node) {
      if (node.pool() == row->pool->meta.name && !node.is_deleting() &&
          std::ranges::find(problem.removed, id) == problem.removed.end()) {
        total.add(node.capacity());
        total.add({{"nodes", k8s::Quantity::units(1)}});
      }
    });
    for (const auto& [name, limit] : row->pool->limits) {
      if (!planned.get(name).is_zero() && total.get(name) > limit) {
        broken.push_back(base::concat("limit of ", name, " exceeded in ", row->pool->meta.name));
      }
    }
  }
}

std::vector<PlannedPlace> places_of(const Problem& problem, const Plan& plan) {
  std::vector<PlannedPlace> places;
  const auto pod = [&](world::PodId id) { return problem.snapshot.pods[id].pod.get(); };
  for (const PlannedClaim& claim : plan.claims) {
    PlannedPlace& place = places.emplace_back();
    place.name = base::concat("claim ", places.size());
    place.claim = &claim;
    std::ranges::transform(claim.pods, std::back_inserter(place.placed), pod);
  }
  const std::set<world::PodId> moving(problem.pods.begin(), problem.pods.end());
  problem.snapshot.nodes.for_each([&](world::NodeId id, const world::NodeRow& row) {
    PlannedPlace place{.name = row.name(), .node = &row};
    for (const world::PodId bound : row.pods) {
      if (!moving.contains(bound)) {
        place.bound.push_back(pod(bound));
      }
    }
    for (const ExistingPlacement& placement : plan.existing) {
      if (placement.node == id) {
        std::ranges::transform(placement.pods, std::back_inserter(place.placed), pod);
      }
    }
    places.push_back(std::move(place));
  });
  return places;
}

}  // namespace

std::optional<std::string> PlannedPlace::label(const std::string& key) const {
  if (key == cloud::label::kHostname) {
    return name;
  }
  if (node != nullptr) {
    const auto found = node->labels().find(key);
    return found == node->labels().end() ? std::nullopt : std::optional(found->second);
  }
  for (const k8s::SelectorTerm& term : claim->form->claim.spec.requirements) {
    if (term.key == key && term.op == "In" && term.values.size() == 1) {
      return term.values[0];
    }
  }
  return std::nullopt;
}

bool selectors_match(const k8s::PodSpec& spec, const k8s::StringMap& labels) {
  static const cloud::LabelSchema schema = cloud::LabelSchema::core();
  const auto is_met = [&](k8s::SelectorTerm term) {
    term.key = std::string(schema.canonical_key(term.key));
    return k8s::matches(term, labels);
  };
  for (const auto& [key, value] : spec.node_selector) {
    if (!is_met({.key = key, .op = "In", .values = {value}, .min_values = {}})) {
      return false;
    }
  }
  return spec.node_affinity.required.empty() ||
         std::ranges::any_of(spec.node_affinity.required, [&](const k8s::NodeSelectorTerm& term) {
           return std::ranges::all_of(term.match_expressions, is_met);
         });
}

bool ports_conflict(const k8s::PodSpec& a, const k8s::PodSpec& b) {
  const auto any = [](const std::string& ip) {
    return ip.empty() || ip == "0.0.0.0" || ip == "::";
  };
  for (const k8s::Container& x : a.containers) {
    for (const k8s::Container& y : b.containers) {
      for (const k8s::ContainerPort& p : x.ports) {
        for (const k8s::ContainerPort& q : y.ports) {
          if (p.host_port != 0 && p.host_port == q.host_port && p.protocol == q.protocol &&
              (any(p.host_ip) || any(q.host_ip) || p.host_ip == q.host_ip)) {
            return true;
          }
        }
      }
    }
  }
  return false;
}

bool tolerates_hard_taints(const k8s::PodSpec& spec, const std::vector<k8s::Taint>& taints) {
  return std::ranges::all_of(taints, [&](const k8s::Taint& taint) {
    return taint.effect == "PreferNoSchedule" ||
           std::ranges::any_of(spec.tolerations, [&](const k8s::Toleration& toleration) {
             return k8s::tolerates(toleration, taint);
           });
  });
}

std::vector<std::string> broken_properties(const Problem& problem, const Plan& plan) {
  std::vector<std::string> broken;
  check_complete(problem, plan, broken);
  check_limits(problem, plan, broken);
  const std::vector<PlannedPlace> places = places_of(problem, plan);
  for (const PlannedPlace& place : places) {
    if (place.placed.empty()) {
      continue;
    }
    if (place.claim != nullptr) {
      check_claim(problem, place, broken);
    } else {
      check_node(problem, place, broken);
    }
  }
  const bool lost_claims = std::ranges::any_of(plan.unplaced, [](const Unplaced& unplaced) {
    return unplaced.reason.find("validating minValues") != std::string::npos;  // SCH-230
  });
  check_topology(problem, places, lost_claims, broken);
  return broken;
}

}  // namespace plan::testing

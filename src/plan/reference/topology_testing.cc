#include "plan/reference/topology_testing.h"

#include <algorithm>

#include "base/text.h"
#include "k8s/selector.h"
#include "world/pods.h"

namespace plan::reference {
namespace {

std::vector<k8s::PodAffinityTerm> terms_of(const k8s::PodAffinity& affinity,
                                           PreferencePolicy policy) {
  std::vector<k8s::PodAffinityTerm> out = affinity.required;
  if (policy == PreferencePolicy::kRespect) {
    std::vector<k8s::WeightedPodAffinityTerm> by_weight = affinity.preferred;
    std::ranges::stable_sort(by_weight, std::greater(), &k8s::WeightedPodAffinityTerm::weight);
    for (const k8s::WeightedPodAffinityTerm& preferred : by_weight) {
      out.push_back(preferred.term);
    }
  }
  return out;
}

bool has_node(const world::Snapshot& snapshot, const k8s::Pod& pod) {
  bool found = false;
  snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    found |= row.node != nullptr && row.node->meta.name == pod.spec.node_name;
  });
  return found;
}

}  // namespace

Topology::Topology(const Problem& problem,
                   const cloud::LabelSchema& schema,
                   const std::vector<PoolView>& pools,
                   std::vector<MachineView> machines)
    : problem_(problem),
      schema_(schema),
      machines_(std::move(machines)),
      in_round_(problem.pods.begin(), problem.pods.end()) {
  for (const PoolView& pool : pools) {
    const auto offer = [&](const Req& req) {
      for (const std::string& value : req.values) {
        universe_[req.key][value].push_back(pool.taints);
      }
    };
    std::vector<Reqs> sets = {pool.reqs};
    for (const Reqs& labels : pool.type_labels) {
      add(sets.emplace_back(pool.reqs), labels);
    }
    for (const Reqs& set : sets) {
      for (const auto& [key, req] : set) {
        if (!req.complement) {
          offer(req);
        }
      }
    }
  }
}

std::vector<Topology::Group> Topology::groups_of(const Wish& wish) const {
  const PreferencePolicy policy = problem_.options.preference_policy;
  std::vector<Group> out;
  for (const k8s::TopologySpreadConstraint& constraint : wish.spec.topology_spread) {
    if (policy == PreferencePolicy::kRespect || constraint.when_unsatisfiable == "DoNotSchedule") {
      out.push_back(spread_group(wish, constraint));
    }
  }
  for (const k8s::PodAffinityTerm& term : terms_of(wish.spec.pod_affinity, policy)) {
    out.push_back(affinity_group(Kind::kAffinity, wish.namespace_, term));
  }
  for (const k8s::PodAffinityTerm& term : terms_of(wish.spec.pod_anti_affinity, policy)) {
    out.push_back(affinity_group(Kind::kAnti, wish.namespace_, term));
  }
  add_inverse(wish, out);
  return out;
}

// SCH-310..313
Topology::Group Topology::spread_group(const Wish& wish,
                                       const k8s::TopologySpreadConstraint& constraint) const {
  Group group{.kind = Kind::kSpread,
              .key = constraint.topology_key,
              .namespaces = {wish.namespace_},
              .selector = constraint.selector,
              .max_skew = constraint.max_skew,
              .min_domains = constraint.min_domains,
              .honors_affinity = constraint.node_affinity_policy != "Ignore",
              .honors_taints = constraint.node_taints_policy == "Honor",
              .tolerations = wish.spec.tolerations};
  for (const std::string& key : constraint.match_label_keys) {
    const auto label = wish.labels.find(key);
    if (label != wish.labels.end() && group.selector) {
      group.selector->match_expressions.push_back(
          {.key = key, .op = "In", .values = {label->second}, .min_values = {}});
    }
  }
  if (group.honors_affinity) {
    group.filter = required_terms(wish.spec, schema_);
  }
  return group;
}

Topology::Group Topology::affinity_group(Kind kind,
                                         const std::string& namespace_,
                                         const k8s::PodAffinityTerm& term) const {
  return {.kind = kind,
          .key = term.topology_key,
          .namespaces = namespaces_of(namespace_, term),
          .selector = term.selector};
}

// SCH-330
std::set<std::string> Topology::namespaces_of(const std::string& own,
                                              const k8s::PodAffinityTerm& term) const {
  std::set<std::string> out(term.namespaces.begin(), term.namespaces.end());
  if (out.empty() && !term.namespace_selector) {
    return {own};
  }
  for (const auto& space : problem_.snapshot.namespaces) {
    if (term.namespace_selector && k8s::matches(*term.namespace_selector, space->meta.labels)) {
      out.insert(space->meta.name);
    }
  }
  return out;
}

// SCH-342
void Topology::add_inverse(const Wish& wish, std::vector<Group>& groups) const {
  problem_.snapshot.pods.for_each([&](world::PodId id, const world::PodRow& row) {
    const bool is_bound = !world::is_terminal(*row.pod) && has_node(problem_.snapshot, *row.pod);
    if (!in_round_.contains(id) && !is_bound) {
      return;
    }
    for (const k8s::PodAffinityTerm& term : row.pod->spec.pod_anti_affinity.required) {
      Group group = affinity_group(Kind::kInverse, row.pod->meta.namespace_, term);
      if (selects(group, wish.namespace_, wish.labels)) {
        groups.push_back(std::move(group));
      }
    }
  });
}

bool Topology::selects(const Group& group,
                       const std::string& namespace_,
                       const k8s::StringMap& labels) {
  return group.namespaces.contains(namespace_) && k8s::matches(group.selector, labels);
}

// SCH-313
bool Topology::passes(const Group& group,
                      const Reqs& reqs,
                      const std::vector<k8s::Taint>& taints,
                      const KeySet& allow_undefined) {
  if (group.kind != Kind::kSpread) {
    return true;
  }
  return (!group.honors_taints.value_or(false) || tolerates(group.tolerations, taints)) &&
         std::ranges::any_of(group.filter, [&](const Reqs& term) {
           return !incompatible(reqs, term, allow_undefined);
         });
}

Topology::Counts Topology::count(const Group& group, const Wish& wish) const {
  Counts counts;
  if (const auto domains = universe_.find(group.key); domains != universe_.end()) {
    for (const auto& [domain, taint_sets] : domains->second) {
      // SCH-302
      if (!group.honors_taints.value_or(false) ||
          std::ranges::any_of(taint_sets, [&](const std::vector<k8s::Taint>& taints) {
            return tolerates(wish.spec.tolerations, taints);
          })) {
        counts[domain] = 0;
      }
    }
  }
  for (const MachineView& machine : machines_) {  // SCH-303
    const auto label = machine.reqs.find(group.key);
    if (machine.row->node != nullptr && label != machine.reqs.end() &&
        label->second.values.size() == 1 &&
        passes(group, machine.reqs, machine.row->taints(), {})) {
      counts.try_emplace(*label->second.values.begin(), 0);
    }
  }
  if (group.kind == Kind::kInverse) {
    count_owners(group, counts);
  } else {
    count_cluster(group, counts);
    count_round(group, counts);
  }
  return counts;
}

void Topology::record(const Wish& wish,
                      const Reqs& reqs,
                      const std::vector<k8s::Taint>& taints,
                      bool is_claim) {
  placements_.push_back({.namespace_ = wish.namespace_,
                         .labels = wish.labels,
                         .reqs = reqs,
                         .taints = taints,
                         .is_claim = is_claim,
                         .anti = wish.spec.pod_anti_affinity.required});
}

}  // namespace plan::reference

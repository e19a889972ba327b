#include "disrupt/guards.h"

#include <boost/unordered/unordered_flat_set.hpp>

#include "base/text.h"
#include "k8s/selector.h"
#include "world/pods.h"

namespace disrupt {

namespace {

std::string key_of(const k8s::Object& object) {
  return base::concat(object.meta.namespace_, "/", object.meta.name);
}

bool spares_unhealthy(const k8s::PodDisruptionBudget& budget, const k8s::Pod& pod) {
  const k8s::Condition* ready = k8s::find_condition(pod.status.conditions, "Ready");
  return budget.unhealthy_pod_eviction_policy == "AlwaysAllow" && ready != nullptr &&
         ready->status == "False";
}

}  // namespace

PodGuards::PodGuards(const world::Snapshot& snapshot) : now_(snapshot.now) {
  if (snapshot.budgets.empty()) {
    return;
  }
  std::unordered_map<std::string_view, std::vector<const k8s::PodDisruptionBudget*>> by_namespace;
  for (const auto& budget : snapshot.budgets) {
    by_namespace[budget->meta.namespace_].push_back(budget.get());
  }
  boost::unordered_flat_set<const model::PodShape*> seen;
  snapshot.pods.for_each([&](world::PodId, const world::PodRow& row) {
    const auto budgets = by_namespace.find(row.shape->namespace_);
    if (budgets == by_namespace.end() || !seen.insert(row.shape.get()).second) {
      return;
    }
    for (const auto* budget : budgets->second) {
      if (k8s::matches(budget->selector, row.shape->labels)) {
        by_shape_[row.shape.get()].push_back(budget);
      }
    }
  });
}

std::string PodGuards::block(const world::PodRow& row) const {
  const k8s::Pod& pod = *row.pod;
  const auto found = row.traits.is_movable ? by_shape_.find(row.shape.get()) : by_shape_.end();
  if (found == by_shape_.end() ||
      (row.traits.has_do_not_disrupt && world::do_not_disrupt(pod, now_).is_active)) {
    return {};
  }
  const std::vector<const k8s::PodDisruptionBudget*>& matching = found->second;
  if (matching.size() > 1) {
    std::vector<std::string> names;
    for (const auto* budget : matching) {
      names.push_back(key_of(*budget));
    }
    return base::concat("eviction does not support multiple PDBs (PodDisruptionBudget(s)=[",
                        base::join(names, " "),
                        "])");
  }
  if (matching[0]->disruptions_allowed > 0 || spares_unhealthy(*matching[0], pod)) {
    return {};
  }
  return base::concat(
      "pdb prevents pod evictions (PodDisruptionBudget=[", key_of(*matching[0]), "])");
}

}  // namespace disrupt

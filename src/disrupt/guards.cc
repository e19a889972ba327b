#include "disrupt/guards.h"

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
  for (const auto& budget : snapshot.budgets) {
    by_namespace_[budget->meta.namespace_].push_back(budget.get());
  }
}

std::string PodGuards::block(const k8s::Pod& pod) const {
  const auto found = by_namespace_.find(pod.meta.namespace_);
  if (found == by_namespace_.end() || !world::is_evictable(pod, now_)) {
    return {};
  }
  std::vector<const k8s::PodDisruptionBudget*> matching;
  for (const auto* budget : found->second) {
    if (k8s::matches(budget->selector, pod.meta.labels)) {
      matching.push_back(budget);
    }
  }
  if (matching.size() > 1) {
    std::vector<std::string> names;
    for (const auto* budget : matching) {
      names.push_back(key_of(*budget));
    }
    return base::concat("eviction does not support multiple PDBs (PodDisruptionBudget(s)=[",
                        base::join(names, " "),
                        "])");
  }
  if (matching.empty() || spares_unhealthy(*matching[0], pod) ||
      matching[0]->disruptions_allowed > 0) {
    return {};
  }
  return base::concat(
      "pdb prevents pod evictions (PodDisruptionBudget=[", key_of(*matching[0]), "])");
}

}  // namespace disrupt

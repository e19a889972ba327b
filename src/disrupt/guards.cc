#include "disrupt/guards.h"

#include <algorithm>
#include <iterator>

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

PodGuards::PodGuards(const world::Snapshot& snapshot)
    : now_(snapshot.now), budgets_(snapshot.budgets) {
  for (std::size_t i = 0; i < budgets_.size(); ++i) {
    const k8s::PodDisruptionBudget& budget = *budgets_[i];
    if (!budget.selector || budget.selector->match_labels.empty()) {
      by_label_[{budget.meta.namespace_, {}, {}}].push_back(i);
      continue;
    }
    const auto& [key, value] = *budget.selector->match_labels.begin();
    by_label_[{budget.meta.namespace_, key, value}].push_back(i);
  }
}

void PodGuards::add_matching(const model::PodShape& shape,
                             const Label& label,
                             std::vector<std::size_t>& found) const {
  if (const auto asking = by_label_.find(label); asking != by_label_.end()) {
    std::ranges::copy_if(asking->second, std::back_inserter(found), [&](std::size_t i) {
      return k8s::matches(budgets_[i]->selector, shape.labels);
    });
  }
}

const std::vector<const k8s::PodDisruptionBudget*>& PodGuards::matching(
    const model::PodShape& shape) const {
  const auto [it, is_new] = by_shape_.try_emplace(&shape);
  if (is_new) {
    std::vector<std::size_t> found;
    add_matching(shape, {shape.namespace_, {}, {}}, found);
    for (const auto& [key, value] : shape.labels) {
      add_matching(shape, {shape.namespace_, key, value}, found);
    }
    std::ranges::sort(found);
    std::ranges::transform(
        found, std::back_inserter(it->second), [&](std::size_t i) { return budgets_[i].get(); });
  }
  return it->second;
}

std::string PodGuards::block(const world::PodRow& row) const {
  if (!row.traits.is_movable || by_label_.empty()) {
    return {};
  }
  const std::vector<const k8s::PodDisruptionBudget*>& budgets = matching(*row.shape);
  if (budgets.empty() ||
      (row.traits.has_do_not_disrupt && world::do_not_disrupt(*row.pod, now_).is_active)) {
    return {};
  }
  if (budgets.size() > 1) {
    std::vector<std::string> names;
    for (const auto* budget : budgets) {
      names.push_back(key_of(*budget));
    }
    return base::concat("eviction does not support multiple PDBs (PodDisruptionBudget(s)=[",
                        base::join(names, " "),
                        "])");
  }
  if (budgets[0]->disruptions_allowed > 0 || spares_unhealthy(*budgets[0], *row.pod)) {
    return {};
  }
  return base::concat(
      "pdb prevents pod evictions (PodDisruptionBudget=[", key_of(*budgets[0]), "])");
}

}  // namespace disrupt

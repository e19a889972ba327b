#include "disrupt/guards.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

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

// Budgets by a label that they ask for, so that a pod is held against those alone that it may meet.
class BudgetIndex {
 public:
  explicit BudgetIndex(const world::Snapshot& snapshot) : budgets_(snapshot.budgets) {
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

  // In the order of the snapshot.
  std::vector<const k8s::PodDisruptionBudget*> matching(const model::PodShape& shape) const {
    std::vector<std::size_t> found;
    add_matching(shape, {shape.namespace_, {}, {}}, found);
    for (const auto& [key, value] : shape.labels) {
      add_matching(shape, {shape.namespace_, key, value}, found);
    }
    std::ranges::sort(found);
    std::vector<const k8s::PodDisruptionBudget*> out;
    std::ranges::transform(
        found, std::back_inserter(out), [&](std::size_t i) { return budgets_[i].get(); });
    return out;
  }

 private:
  using Key = std::tuple<std::string_view, std::string_view, std::string_view>;

  void add_matching(const model::PodShape& shape,
                    const Key& key,
                    std::vector<std::size_t>& found) const {
    if (const auto asking = by_label_.find(key); asking != by_label_.end()) {
      std::ranges::copy_if(asking->second, std::back_inserter(found), [&](std::size_t i) {
        return k8s::matches(budgets_[i]->selector, shape.labels);
      });
    }
  }

  const world::SharedList<std::shared_ptr<const k8s::PodDisruptionBudget>>& budgets_;
  std::map<Key, std::vector<std::size_t>>
      by_label_;  // Namespace, label; no label: of no one label.
};

}  // namespace

PodGuards::PodGuards(const world::Snapshot& snapshot) : now_(snapshot.now) {
  if (snapshot.budgets.empty()) {
    return;
  }
  const BudgetIndex index(snapshot);
  boost::unordered_flat_set<const model::PodShape*> seen;
  snapshot.pods.for_each([&](world::PodId, const world::PodRow& row) {
    if (!seen.insert(row.shape.get()).second) {
      return;
    }
    if (auto budgets = index.matching(*row.shape); !budgets.empty()) {
      by_shape_.emplace(row.shape.get(), std::move(budgets));
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

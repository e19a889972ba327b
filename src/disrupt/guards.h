// Which PodDisruptionBudgets forbid an eviction now (DIS-37). Made once per snapshot, which it
// borrows; what selects the pods of a shape is found out when the first of them is asked about.
// Thread rule: one owner.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "world/snapshot.h"

namespace disrupt {

class PodGuards {
 public:
  explicit PodGuards(const world::Snapshot& snapshot);

  // The text of DIS-24, "zero disruptions" mode; empty: no budget stands in the way.
  std::string block(const world::PodRow& row) const;

 private:
  // Namespace, key, value.
  using Label = std::tuple<std::string_view, std::string_view, std::string_view>;

  void add_matching(const model::PodShape& shape,
                    const Label& label,
                    std::vector<std::size_t>& found) const;
  const std::vector<const k8s::PodDisruptionBudget*>& matching(const model::PodShape& shape) const;

  const k8s::TimeNs now_;
  const world::SharedList<std::shared_ptr<const k8s::PodDisruptionBudget>>& budgets_;
  // By one label that they ask for, so that a pod is held against those alone that it may meet;
  // those that ask for none stand under the empty one.
  std::map<Label, std::vector<std::size_t>> by_label_;
  // Asked so far.
  mutable std::unordered_map<const model::PodShape*, std::vector<const k8s::PodDisruptionBudget*>>
      by_shape_;
};

}  // namespace disrupt

// PodDisruptionBudgets by namespace: which of them forbid an eviction now (DIS-37). Built once per
// snapshot, which it borrows. Thread rule: immutable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "world/snapshot.h"

namespace disrupt {

class PodGuards {
 public:
  explicit PodGuards(const world::Snapshot& snapshot);

  // The text of DIS-24, "zero disruptions" mode; empty: no budget stands in the way.
  std::string block(const world::PodRow& row) const;

 private:
  const k8s::TimeNs now_;
  // Those that select the pods of a shape; shapes that none selects are not here.
  boost::unordered_flat_map<const model::PodShape*, std::vector<const k8s::PodDisruptionBudget*>>
      by_shape_;
};

}  // namespace disrupt

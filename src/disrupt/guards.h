// PodDisruptionBudgets by namespace: which of them forbid an eviction now (DIS-37). Built once per
// snapshot, which it borrows. Thread rule: immutable.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "world/snapshot.h"

namespace disrupt {

class PodGuards {
 public:
  explicit PodGuards(const world::Snapshot& snapshot);

  // The text of DIS-24, "zero disruptions" mode; empty: no budget stands in the way.
  std::string block(const k8s::Pod& pod) const;

 private:
  const k8s::TimeNs now_;
  std::map<std::string_view, std::vector<const k8s::PodDisruptionBudget*>> by_namespace_;
};

}  // namespace disrupt

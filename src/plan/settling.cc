#include "plan/settling.h"

#include <algorithm>

namespace plan {

bool is_settling(const world::Snapshot& snapshot, const world::NodeRow& row) {
  if (row.claim == nullptr || !row.is_initialized()) {
    return false;
  }
  const auto pool = std::ranges::find_if(
      snapshot.pools, [&](const auto& one) { return one->pool->meta.name == row.pool(); });
  if (pool == snapshot.pools.end()) {
    return false;
  }
  const auto after = (*pool)->pool->disruption.consolidate_after;
  if (!after || *after == 0) {
    return false;
  }
  const k8s::Condition* initialized =
      k8s::find_condition(row.claim->status.conditions, "Initialized");
  const k8s::TimeNs since = row.claim->status.last_pod_event != 0
                                ? row.claim->status.last_pod_event
                                : (initialized == nullptr ? 0 : initialized->last_transition);
  return snapshot.now - since < *after;
}

}  // namespace plan

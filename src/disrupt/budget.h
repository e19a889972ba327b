// Disruption budgets of a NodePool: how many of its nodes may go voluntarily at this moment, per
// reason (spec 03 s4). Pure; time is passed.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "world/snapshot.h"

namespace disrupt {

// No budget limits it.
inline constexpr std::int64_t kUnlimited = std::numeric_limits<std::int32_t>::max();

inline constexpr std::string_view kEmpty = "Empty";
inline constexpr std::string_view kUnderutilized = "Underutilized";
inline constexpr std::string_view kDrifted = "Drifted";

// DIS-51. Errors: kInvalid, an unreadable schedule.
base::Result<bool> is_active(const k8s::Budget& budget, k8s::TimeNs now);

// DIS-53: what one budget allows of a pool of `nodes`. Errors: kInvalid.
base::Result<std::int64_t> allowed_by(const k8s::Budget& budget,
                                      std::int64_t nodes,
                                      k8s::TimeNs now);

// DIS-54, DIS-55. Errors: kInvalid when any budget of the pool is; callers then allow none.
base::Result<std::int64_t> allowed_by(const k8s::NodePool& pool,
                                      std::string_view reason,
                                      std::int64_t nodes,
                                      k8s::TimeNs now);

struct PoolAllowance {
  std::int64_t nodes = 0;       // DIS-56: those that count.
  std::int64_t disrupting = 0;  // Not ready or going.
  std::int64_t allowed = 0;     // Before subtraction.

  std::int64_t remaining() const { return allowed > disrupting ? allowed - disrupting : 0; }
};

// By pool name, for every pool of the snapshot (DIS-56, DIS-57).
std::map<std::string, PoolAllowance, std::less<>> allowances(const world::Snapshot& snapshot,
                                                             std::string_view reason);

// DIS-62: "invalid disruption budgets in nodepool NAME, WHY", by name.
std::vector<std::string> broken_budgets(const world::Snapshot& snapshot);

}  // namespace disrupt

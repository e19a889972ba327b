// What is counted when a NodeClaim goes because we delete it (OPR-64, DIS-181 to DIS-183).
//
//   delete_object(step, "nodeclaim.expiration", claim);
//   count_disruption(step.effects.back(), claim, {.reason = "expired", .pods = 3});
//
// Thread rule: free functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "act/effect.h"
#include "k8s/node.h"
#include "world/snapshot.h"

namespace control {

struct DisruptionCount {
  std::string reason;       // "expired", "drifted", "launch_timeout", ...
  std::string policy = {};  // Of the NodePool; consolidation only.
  std::size_t pods = 0;     // Pods that have to move.
  bool counts_pods = true;
};

// Counted when the effect went well: REQUIRES that it deletes the claim.
void count_disruption(act::Effect& effect,
                      const k8s::NodeClaim& claim,
                      const DisruptionCount& count);

// Pods on the machine that a scheduler would have to place elsewhere.
std::size_t reschedulable_pods(const world::Snapshot& snapshot, const world::NodeRow& row);

// "WhenEmptyOrUnderutilized" -> "when_empty_or_underutilized" (OPR-64).
std::string snake_case(std::string_view name);

}  // namespace control

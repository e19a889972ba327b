// Nodes that pods have come to or left so recently that consolidation must not use them as a
// destination yet (SCH-148).
//
// Thread rule: pure.
#pragma once

#include "world/snapshot.h"

namespace plan {

// The pool's consolidateAfter has not passed since the last pod event of the node.
bool is_settling(const world::Snapshot& snapshot, const world::NodeRow& row);

}  // namespace plan

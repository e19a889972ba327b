// Whether anything that disruption looks at has changed between two snapshots, and when time alone
// will change an answer: a pass over an idle cluster asks nothing again (DIS-75 to DIS-78,
// improved: what counts is the picture itself, so that nothing is overlooked and nothing repeated).
//
// Heartbeats, leases and progress of pods that nobody asks about do not count. Cost: a comparison
// of pointers per row, and a closer look at rows that are new. Pure.
#pragma once

#include "world/snapshot.h"

namespace disrupt {

bool is_same_picture(const world::Snapshot& before, const world::Snapshot& after);

// The first instant after the snapshot's at which a budget window opens or ends, a nomination or a
// do-not-disrupt runs out, or a node has settled; the largest value when none will.
k8s::TimeNs next_change(const world::Snapshot& snapshot);

}  // namespace disrupt

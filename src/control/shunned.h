// Machines that somebody keeps pods out of: fresh, ready, empty, with a taint that neither their
// claim nor Kubernetes put there. A pod that is driven from each new machine would buy one every
// second and a half; from the fifth on its pool buys at most one per pause.
//
// Thread rule: pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "k8s/time.h"
#include "world/snapshot.h"

namespace control {

std::size_t count_shunned(const world::Snapshot& snapshot, std::string_view pool);

// Between two purchases of a pool with so many of them; 0: none needed.
k8s::DurationNs purchase_pause(std::size_t shunned);

}  // namespace control

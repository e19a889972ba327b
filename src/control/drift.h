// Has a machine become another one than its pool would buy today (spec 03 s12)? Pure.
#pragma once

#include <string>

#include "control/view.h"

namespace control {

// The reason, as the condition Drifted shows it; empty: it has not. Static hash, requirements,
// instance type, image, in this order (DIS-189..193).
std::string find_drift(const View& view, const world::PoolRow& pool, const k8s::NodeClaim& claim);

}  // namespace control

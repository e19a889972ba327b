// node.health: a node that its provider calls sick for too long is replaced at once, unless so many
// are sick that something else is wrong (spec 04 s7, spec 03 s14; gate NodeRepair).
#pragma once

#include "control/view.h"

namespace control {

// By node name.
Step reconcile_health(const View& view, const std::string& node_name);

}  // namespace control

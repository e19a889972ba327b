// nodeclass: the EC2NodeClass's finalizer, resolved status lists and conditions (spec 06 s2).
#pragma once

#include "control/view.h"

namespace control {

// By name of the EC2NodeClass (AWN-4..20).
Step reconcile_node_class(const View& view, const std::string& name);
// The KWOKNodeClass needs nothing but its Ready condition.
Step reconcile_kwok_class(const View& view, const std::string& name);

}  // namespace control

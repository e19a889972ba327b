// nodeclass.hash: the static hash of an EC2NodeClass and its version, on the class and on the
// claims that older versions hashed (API-188 to API-190).
#pragma once

#include "control/view.h"

namespace control {

// By name of the EC2NodeClass.
Step reconcile_class_hash(const View& view, const std::string& name);

}  // namespace control

// The functions of the device selectors' language (plan/devices_expression.h).
//
// Thread rule: pure.
#pragma once

#include <string>
#include <vector>

#include "plan/devices_value.h"

namespace plan {

// args[0] is the receiver of a method. An error: arguments of types that the function is not for.
Value call_function(const std::string& name, const std::vector<Value>& args);

}  // namespace plan

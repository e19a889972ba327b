// What LIF-239 derives from a KWOK instance type's name, resources and offerings. Private to this
// folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cloud/catalogue.h"

namespace cloud::kwok {

// Fills labels and reservations. REQUIRES: name, capacity and offerings are set.
void complete_type(InstanceType& type,
                   std::string_view architecture,
                   std::vector<std::string> operating_systems);

}  // namespace cloud::kwok

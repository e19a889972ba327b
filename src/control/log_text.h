// Texts that log lines share. Pure.
#pragma once

#include <string>
#include <vector>

namespace control {

// "a, b and 3 other(s)"
std::string some_of(const std::vector<std::string>& names, std::size_t shown);

}  // namespace control

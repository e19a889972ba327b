// What this binary is.
#pragma once

#include <string_view>

namespace app {

inline constexpr std::string_view kVersion = "0.1.0";
// The Karpenter release whose API and behaviour this is a replacement for.
inline constexpr std::string_view kCompatibleWith = "1.14.1";

}  // namespace app

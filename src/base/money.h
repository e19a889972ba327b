// Prices are binary doubles inside and decimal text outside: rounding hides the noise of sums.
#pragma once

#include <cmath>

namespace base {

// To a tenth of a millionth of a dollar.
inline double rounded_dollars(double value) {
  constexpr double kScale = 1e7;
  return std::round(value * kScale) / kScale;
}

}  // namespace base

// Does a move pay? What it saves per hour against what it costs once: pods that have to move, and
// machines that have to come up beside those that still run (--consolidation=extended). Pure.
#pragma once

#include <vector>

#include "disrupt/candidate.h"

namespace disrupt {

// Dollars per eviction of an ordinary pod (DIS-41 makes it more or less).
inline constexpr double kEvictionDollars = 0.002;
// Dollars per launch: it may fail, and somebody waits for it.
inline constexpr double kLaunchDollars = 0.01;
// Hours that a new machine runs beside those that it replaces.
inline constexpr double kOverlapHours = 1.0 / 6;
// Hours in which a move has to have paid.
inline constexpr double kPaybackHours = 4;

struct Outlay {
  double evictions = 0;               // Weighed by their cost.
  std::vector<double> launches = {};  // Dollars per hour of each.

  double dollars() const;
};

// What the candidates' pods cost to move.
double evictions_of(const std::vector<const Candidate*>& candidates);

// What is left after kPaybackHours; a move pays when it is not negative.
double net_gain(double savings, const Outlay& outlay);

}  // namespace disrupt

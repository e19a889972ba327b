// The least that any fleet could cost which takes the pods that a plan puts on new machines: a
// linear relaxation over all offers of all pools, solved with COIN-OR CLP. What it keeps of the
// rules, and why no plan can be cheaper, is in docs/decisions/0012-price-bound.md.
//
//   const LowerBound bound = lower_bound(problem, plan);
//   gap = price of the plan / bound.price - 1;
//
// Not for the hot path: it takes about a second. Pure; CLP is used by one thread per call.
#pragma once

#include <cstdint>

#include "plan/plan.h"

namespace plan {

struct LowerBound {
  double price = 0;  // Dollars per hour.
  int rounds = 0;    // Linear programs that were solved.
};

LowerBound lower_bound(const Problem& problem, const Plan& plan);

}  // namespace plan

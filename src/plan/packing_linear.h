// A linear program small enough to write down: a few rows and some hundred columns, or the other
// way round. Packing asks it what a core and a gibibyte are worth on a catalogue, and the lower
// bound which mix of pods a machine could carry at most. Not for anything larger
// (plan/lower_bound.h has CLP): the table is dense and a pivot walks all of it.
//
//   // max 3x + 2y, x + y <= 4, x <= 2
//   const LinearAnswer answer = maximize({3, 2}, {1, 1, 1, 0}, {4, 2});   // value 10, x {2, 2}
//
// Deterministic: plain doubles, a fixed order of pivots, a fixed number of them at most. Pure.
#pragma once

#include <span>
#include <vector>

namespace plan {

struct LinearAnswer {
  double value = 0;
  std::vector<double> x;       // By column.
  std::vector<double> prices;  // The dual, by row.
};

// max gain.x under rows.x <= limits, x >= 0; `rows` row by row. REQUIRES: limits >= 0. When pivots
// run out, x is feasible but not the best.
LinearAnswer maximize(std::span<const double> gain,
                      std::span<const double> rows,
                      std::span<const double> limits);

}  // namespace plan

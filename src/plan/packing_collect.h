// From a finished round to the arithmetic of packing, and back: which pods are equal to it, which
// machines they may use at which prices.
//
// Thread rule: values; borrows the round for the call.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/packing.h"
#include "plan/packing_fill.h"

namespace plan {

// The pods of one NodePool's claims that may be packed anew.
struct PoolPacking {
  std::size_t tmpl = 0;
  PackProblem problem;
  std::vector<model::SetId> lane_sets;           // By lane: what its claims ask of a node.
  std::vector<std::vector<std::uint32_t>> pods;  // By group: positions in solver.placements().
};

struct Collected {
  std::vector<PoolPacking> pools;
  base::Bitset is_kept;  // By claim: it stays as it is.
};

Collected collect(const SolvedRound& round);

}  // namespace plan

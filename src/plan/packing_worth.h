// What pods are worth to packing by cost: the dual of a small linear program says what a unit of
// each resource, and a place under each host rule, costs on the machines of a lane when nothing is
// wasted.
//
// Units: dollars per hour for a unit of the resource's own unit (millicores, bytes). Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plan/packing_fill.h"

namespace plan {

struct Worth {
  std::vector<double> resource;  // Dollars per unit.
  std::vector<double> rule;      // Dollars per place under a host rule.

  double of(const PackGroup& group) const;
  // What a machine carries at most.
  double of(const PackMachine& machine) const;
};

// Of the lane's groups, `left[g]` pods of each: the most that all of them can be worth while no
// machine carries more worth than it costs.
Worth find_worth(const PackProblem& problem,
                 std::uint32_t lane,
                 std::span<const std::uint32_t> groups,
                 std::span<const std::uint32_t> left);

}  // namespace plan

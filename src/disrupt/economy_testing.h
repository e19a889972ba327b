// What consolidation makes of a cluster when nobody disturbs it: commands are carried out, evicted
// pods are placed again as a scheduler and the provisioner would, until nothing is left to do.
//
//   Crowd crowd({.machines = 60});
//   const Economy after = settle(crowd, true);
#pragma once

#include <cstddef>

#include "disrupt/crowd_testing.h"

namespace disrupt::testing {

struct Economy {
  double price_before = 0;  // Dollars per hour.
  double price = 0;
  std::size_t evictions = 0;
  std::size_t launches = 0;
  std::size_t homeless = 0;  // Pods that found no place.
  int passes = 0;

  double evictions_per_dollar() const {
    return static_cast<double>(evictions) / (price_before - price);
  }
};

Economy settle(Crowd& crowd, bool is_extended);

}  // namespace disrupt::testing

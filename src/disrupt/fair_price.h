// What pods would cost if machines could be bought by the slice: a bound from below, in each pool
// by the machine that carries them for least. What a node costs beyond that is waste, which some
// move may save; where there is none, nobody needs to look for one.
//
// Thread rule: one owner of the PlanBase; O(machines that are worth their price) per question.
#pragma once

#include <vector>

#include "plan/what_if.h"

namespace disrupt {

class FairPrice {
 public:
  explicit FairPrice(plan::PlanBase& base);

  // Dollars per hour; the largest double when no pool sells anything.
  double of(const world::Snapshot& snapshot, const std::vector<world::PodId>& pods) const;

 private:
  struct Machine {
    plan::Amounts supply;
    double price = 0;
  };

  plan::PlanBase& base_;
  std::vector<Machine> machines_;
};

}  // namespace disrupt

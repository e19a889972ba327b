#include "disrupt/fair_price.h"

#include <algorithm>
#include <limits>

#include "plan/prices.h"

namespace disrupt {

namespace {

constexpr double kMaxPrice = std::numeric_limits<double>::max();

}  // namespace

FairPrice::FairPrice(plan::PlanBase& base) : base_(base) {
  for (const plan::Template& tmpl : base.templates()) {
    for (const plan::PricedType& type : plan::types_by_price(*tmpl.columns, tmpl.set, tmpl.rows)) {
      if (type.price < kMaxPrice) {
        machines_.push_back({.supply = tmpl.columns->allocatable(type.row), .price = type.price});
      }
    }
  }
}

double FairPrice::of(const world::Snapshot& snapshot, const std::vector<world::PodId>& pods) const {
  k8s::Resources sum;
  for (const world::PodId pod : pods) {
    sum.add(snapshot.pods[pod].shape->requests);
  }
  const plan::Amounts demand = base_.names().demand(sum);
  double least = kMaxPrice;
  for (const Machine& machine : machines_) {
    double share = 0;
    for (std::size_t i = 0; i < demand.size(); ++i) {
      if (demand[i] > 0) {
        share =
            machine.supply[i] > 0
                ? std::max(share,
                           static_cast<double>(demand[i]) / static_cast<double>(machine.supply[i]))
                : kMaxPrice;
      }
      if (share >= kMaxPrice) {
        break;
      }
    }
    if (share < kMaxPrice) {
      least = std::min(least, share * machine.price);
    }
  }
  return least;
}

}  // namespace disrupt

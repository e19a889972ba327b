#include "disrupt/payback.h"

namespace disrupt {

double Outlay::dollars() const {
  double sum = evictions * kEvictionDollars;
  for (const double price : launches) {
    sum += kLaunchDollars + price * kOverlapHours;
  }
  return sum;
}

double evictions_of(const std::vector<const Candidate*>& candidates) {
  double sum = 0;
  for (const Candidate* candidate : candidates) {
    sum += candidate->disruption_cost - 1;  // DIS-29 counts the machine as one.
  }
  return sum;
}

double net_gain(double savings, const Outlay& outlay) {
  return savings * kPaybackHours - outlay.dollars();
}

}  // namespace disrupt

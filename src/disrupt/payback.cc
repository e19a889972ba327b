#include "disrupt/payback.h"

#include <algorithm>

#include "k8s/conditions.h"

namespace disrupt {

namespace {

constexpr auto kHourNs = static_cast<double>(k8s::kHour);

}  // namespace

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

k8s::TimeNs quiet_since(const std::vector<const Candidate*>& candidates) {
  k8s::TimeNs latest = 0;
  for (const Candidate* candidate : candidates) {
    const k8s::NodeClaimStatus& status = candidate->row->claim->status;
    const k8s::Condition* initialized = k8s::find_condition(status.conditions, "Initialized");
    latest = std::max(
        {latest, status.last_pod_event, initialized == nullptr ? 0 : initialized->last_transition});
  }
  return latest;
}

double net_gain(double savings, const Outlay& outlay, k8s::DurationNs quiet) {
  const auto horizon = static_cast<double>(std::clamp(quiet, kLeastHorizon, kMostHorizon));
  return savings * horizon / kHourNs - outlay.dollars();
}

std::optional<k8s::DurationNs> quiet_needed(double savings, const Outlay& outlay) {
  if (net_gain(savings, outlay, kMostHorizon) < 0) {
    return std::nullopt;
  }
  if (net_gain(savings, outlay, kLeastHorizon) >= 0) {
    return 0;
  }
  // Rounded up, so that it pays then.
  return static_cast<k8s::DurationNs>(outlay.dollars() / savings * kHourNs) + k8s::kSecond;
}

double Payback::gain(const std::vector<const Candidate*>& candidates,
                     double savings,
                     const Outlay& outlay) {
  const k8s::TimeNs since = quiet_since(candidates);
  const double gain = net_gain(savings, outlay, now_ - since);
  if (gain < 0) {
    if (const auto quiet = quiet_needed(savings, outlay); quiet && since + *quiet > now_) {
      const k8s::TimeNs at = (since + *quiet + k8s::kHour - 1) / k8s::kHour * k8s::kHour;
      look_again_ = std::min(look_again_.value_or(at), at);
    }
  }
  return gain;
}

}  // namespace disrupt

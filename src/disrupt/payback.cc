#include "disrupt/payback.h"

#include <algorithm>

#include "k8s/conditions.h"

namespace disrupt {

namespace {

constexpr auto kHourNs = static_cast<double>(k8s::kHour);

k8s::TimeNs quiet_since(const Candidate& candidate) {
  const k8s::NodeClaimStatus& status = candidate.row->claim->status;
  const k8s::Condition* initialized = k8s::find_condition(status.conditions, "Initialized");
  return std::max(status.last_pod_event, initialized == nullptr ? 0 : initialized->last_transition);
}

bool has_jobs_alone(const world::Snapshot& snapshot, const Candidate& candidate) {
  return !candidate.reschedulable.empty() &&
         std::ranges::all_of(candidate.reschedulable, [&](world::PodId pod) {
           const k8s::OwnerReference* owner = snapshot.pods[pod].pod->meta.controller();
           return owner != nullptr && owner->kind == "Job";
         });
}

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

Outlook outlook_of(const world::Snapshot& snapshot,
                   const std::vector<const Candidate*>& candidates) {
  Outlook out;
  for (const Candidate* candidate : candidates) {
    out.quiet_since = std::max(out.quiet_since, quiet_since(*candidate));
    out.has_jobs_alone = out.has_jobs_alone || has_jobs_alone(snapshot, *candidate);
  }
  return out;
}

k8s::DurationNs Outlook::least(const Outlay& outlay) const {
  return has_jobs_alone || !outlay.launches.empty() ? kShortHorizon : kLeastHorizon;
}

k8s::DurationNs Outlook::most() const {
  return has_jobs_alone ? kShortHorizon : kMostHorizon;
}

k8s::DurationNs Outlook::horizon(const Outlay& outlay, k8s::TimeNs now) const {
  return std::clamp((now - quiet_since) / kQuietPerHorizon, least(outlay), most());
}

std::optional<k8s::TimeNs> Outlook::when(k8s::DurationNs horizon, const Outlay& outlay) const {
  if (horizon > most()) {
    return std::nullopt;
  }
  return horizon <= least(outlay) ? quiet_since : quiet_since + horizon * kQuietPerHorizon;
}

double net_gain(double savings, const Outlay& outlay, k8s::DurationNs horizon) {
  return savings * static_cast<double>(horizon) / kHourNs - outlay.dollars();
}

double Payback::gain(const std::vector<const Candidate*>& candidates,
                     double savings,
                     const Outlay& outlay) {
  const k8s::TimeNs now = snapshot_.now;
  const Outlook outlook = outlook_of(snapshot_, candidates);
  const double gain = net_gain(savings, outlay, outlook.horizon(outlay, now));
  if (gain < 0 && net_gain(savings, outlay, outlook.most()) >= 0) {
    // Rounded up, so that it pays then.
    const auto needed =
        static_cast<k8s::DurationNs>(outlay.dollars() / savings * kHourNs) + k8s::kSecond;
    const auto then = outlook.when(std::min(needed, outlook.most()), outlay);
    if (then && *then > now) {
      const k8s::TimeNs at = (*then + k8s::kHour - 1) / k8s::kHour * k8s::kHour;
      look_again_ = std::min(look_again_.value_or(at), at);
    }
  }
  return gain;
}

}  // namespace disrupt

#include "disrupt/payback.h"

#include <algorithm>

#include "k8s/conditions.h"

namespace disrupt {

namespace {

constexpr auto kHourNs = static_cast<double>(k8s::kHour);

k8s::DurationNs least_horizon(const Outlay& outlay) {
  return outlay.launches.empty() ? kLeastHorizon : kLeastHorizonOfLaunch;
}

bool is_of_job(const k8s::Pod& pod) {
  const k8s::OwnerReference* owner = pod.meta.controller();
  return owner != nullptr && owner->kind == "Job";
}

k8s::TimeNs quiet_since(const Candidate& candidate) {
  const k8s::NodeClaimStatus& status = candidate.row->claim->status;
  const k8s::Condition* initialized = k8s::find_condition(status.conditions, "Initialized");
  return std::max(status.last_pod_event, initialized == nullptr ? 0 : initialized->last_transition);
}

// Since when the longest of its Jobs' pods has run, if it has no others.
std::optional<k8s::TimeNs> jobs_since(const world::Snapshot& snapshot, const Candidate& candidate) {
  std::optional<k8s::TimeNs> since;
  for (const world::PodId id : candidate.reschedulable) {
    const k8s::Pod& pod = *snapshot.pods[id].pod;
    if (!is_of_job(pod)) {
      return std::nullopt;
    }
    since = std::min(since.value_or(snapshot.now),
                     pod.status.start_time == 0 ? snapshot.now : pod.status.start_time);
  }
  return since;
}

}  // namespace

double Outlay::dollars() const {
  double sum = evictions * kEvictionDollars;
  for (const double price : launches) {
    sum += kLaunchDollars + price * kOverlapHours;
  }
  return sum;
}

double evictions_of(const world::Snapshot& snapshot,
                    const std::vector<const Candidate*>& candidates) {
  double sum = 0;
  for (const Candidate* candidate : candidates) {
    for (const world::PodId id : candidate->reschedulable) {
      const world::PodRow& row = snapshot.pods[id];
      sum += std::max(0.0, row.traits.eviction_cost) * (is_of_job(*row.pod) ? kJobFactor : 1);
    }
  }
  return sum;
}

Outlook outlook_of(const world::Snapshot& snapshot,
                   const std::vector<const Candidate*>& candidates) {
  Outlook out;
  for (const Candidate* candidate : candidates) {
    out.quiet_since = std::max(out.quiet_since, quiet_since(*candidate));
    if (const auto since = jobs_since(snapshot, *candidate)) {
      out.jobs_since = std::max(out.jobs_since.value_or(0), *since);
    }
  }
  return out;
}

k8s::DurationNs Outlook::horizon(const Outlay& outlay, k8s::TimeNs now) const {
  const k8s::DurationNs by_quiet =
      std::clamp((now - quiet_since) / kQuietPerHorizon, least_horizon(outlay), kMostHorizon);
  return jobs_since ? std::min(by_quiet, now - *jobs_since) : by_quiet;
}

k8s::TimeNs Outlook::when(k8s::DurationNs horizon, const Outlay& outlay) const {
  const k8s::TimeNs quiet =
      horizon <= least_horizon(outlay) ? quiet_since : quiet_since + horizon * kQuietPerHorizon;
  return jobs_since ? std::max(quiet, *jobs_since + horizon) : quiet;
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
  if (gain < 0 && net_gain(savings, outlay, kMostHorizon) >= 0) {
    // Rounded up, so that it pays then.
    const auto needed =
        static_cast<k8s::DurationNs>(outlay.dollars() / savings * kHourNs) + k8s::kSecond;
    const k8s::TimeNs then = outlook.when(std::min(needed, kMostHorizon), outlay);
    if (then > now) {
      const k8s::TimeNs at = (then + k8s::kHour - 1) / k8s::kHour * k8s::kHour;
      look_again_ = std::min(look_again_.value_or(at), at);
    }
  }
  return gain;
}

}  // namespace disrupt

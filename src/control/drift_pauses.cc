#include "control/drift_pauses.h"

#include "control/view.h"

namespace control {

namespace {

constexpr k8s::DurationNs kFirstPause = 1 * k8s::kMinute;
constexpr k8s::DurationNs kLongestPause = 30 * k8s::kMinute;

}  // namespace

void DriftPauses::succeeded(const disrupt::Command& command) {
  if (command.method == disrupt::Method::kDrift) {
    for (const disrupt::Candidate& candidate : command.candidates) {
      by_pool_.erase(candidate.pool_name());
    }
  }
}

void DriftPauses::failed(const disrupt::Command& command, k8s::TimeNs now) {
  if (command.method != disrupt::Method::kDrift) {
    return;
  }
  for (const disrupt::Candidate& candidate : command.candidates) {
    Pause& pause = by_pool_[candidate.pool_name()];
    if (pause.until <= now) {
      pause.until = now + backoff(++pause.failures, kFirstPause, kLongestPause);
    }
  }
}

std::map<std::string, k8s::TimeNs, std::less<>> DriftPauses::resting(k8s::TimeNs now) const {
  std::map<std::string, k8s::TimeNs, std::less<>> out;
  for (const auto& [pool, pause] : by_pool_) {
    if (pause.until > now) {
      out.emplace(pool, pause.until);
    }
  }
  return out;
}

}  // namespace control

#include "act/event_filter.h"

#include <algorithm>

#include "base/text.h"
#include "k8s/time.h"

namespace act {

bool EventFilter::admit(const PublishEvent& event, k8s::TimeNs now) {
  if (now - swept_ > k8s::kMinute) {
    std::erase_if(until_, [&](const auto& entry) { return entry.second <= now; });
    swept_ = now;
  }
  if (!event.dedupe.empty()) {
    const std::string key = base::to_lower(event.reason) + "-" + base::join(event.dedupe, "-");
    const auto [slot, is_new] = until_.try_emplace(key, now + event.dedupe_for);
    if (!is_new) {
      if (now < slot->second) {
        return false;
      }
      slot->second = now + event.dedupe_for;
    }
  }
  return !event.is_rate_limited || take_token(now);
}

bool EventFilter::take_token(k8s::TimeNs now) {
  const double elapsed = static_cast<double>(now - refilled_) / static_cast<double>(k8s::kSecond);
  tokens_ = std::min(kBurst, tokens_ + std::max(0.0, elapsed) * kPerSecond);
  refilled_ = now;
  if (tokens_ < 1) {
    return false;
  }
  tokens_ -= 1;
  return true;
}

}  // namespace act

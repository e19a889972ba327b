#include "act/event_filter.h"

#include <algorithm>

#include "base/hash.h"
#include "k8s/time.h"

namespace act {

namespace {

std::uint64_t key_of(std::string_view reason, const auto& dedupe) {
  std::uint64_t key = base::TextHash{}(reason);
  for (const std::string_view value : dedupe) {
    key = base::mix64(key) ^ base::TextHash{}(value);
  }
  return key;
}

}  // namespace

bool EventFilter::admit(const PublishEvent& event, k8s::TimeNs now) {
  if (now - swept_ > k8s::kMinute) {
    std::erase_if(until_, [&](const auto& entry) { return entry.second <= now; });
    swept_ = now;
  }
  if (!event.dedupe.empty()) {
    const auto [slot, is_new] =
        until_.try_emplace(key_of(event.reason, event.dedupe), now + event.dedupe_for);
    if (!is_new) {
      if (now < slot->second) {
        return false;
      }
      slot->second = now + event.dedupe_for;
    }
  }
  return !event.is_rate_limited || take_token(now);
}

bool EventFilter::is_held(std::string_view reason,
                          std::initializer_list<std::string_view> dedupe,
                          k8s::TimeNs now) const {
  const auto slot = until_.find(key_of(reason, dedupe));
  return slot != until_.end() && now < slot->second;
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

// Decides which Kubernetes Events go out: duplicates within their window are dropped, and so is
// what exceeds the bucket of 5 per second, burst 10, that rate-limited events share (LIF-16,
// OPR-80..82).
//
// Whoever repeats many events asks is_held() first, and does not even put them into words.
//
// Time is passed. Thread rule: one thread. Size: keys are forgotten when their window is over. Keys
// are hashes: of a million within their windows, two fall together with a chance of less than 1 in
// 10^7.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <unordered_map>

#include "act/effect.h"

namespace act {

class EventFilter {
 public:
  // True when the event is to be published now; that opens its window. A rate-limited event that is
  // dropped still holds its window (OPR-82).
  bool admit(const PublishEvent& event, k8s::TimeNs now);

  // The window of such an event is open: admit() would drop it.
  bool is_held(std::string_view reason,
               std::initializer_list<std::string_view> dedupe,
               k8s::TimeNs now) const;

  std::size_t size() const { return until_.size(); }

 private:
  bool take_token(k8s::TimeNs now);

  static constexpr double kPerSecond = 5;
  static constexpr double kBurst = 10;

  std::unordered_map<std::uint64_t, k8s::TimeNs> until_;  // By reason and dedupe values.
  k8s::TimeNs swept_ = 0;
  double tokens_ = kBurst;
  k8s::TimeNs refilled_ = 0;
};

}  // namespace act

// Decides which Kubernetes Events go out: duplicates within their window are dropped, and so is
// what exceeds the bucket of 5 per second, burst 10, that rate-limited events share (LIF-16,
// OPR-80..82).
//
// Time is passed. Thread rule: one thread. Size: keys are forgotten when their window is over.
#pragma once

#include <string>
#include <unordered_map>

#include "act/effect.h"

namespace act {

class EventFilter {
 public:
  // True when the event is to be published now; that opens its window. A rate-limited event that is
  // dropped still holds its window (OPR-82).
  bool admit(const PublishEvent& event, k8s::TimeNs now);

  std::size_t size() const { return until_.size(); }

 private:
  bool take_token(k8s::TimeNs now);

  static constexpr double kPerSecond = 5;
  static constexpr double kBurst = 10;

  std::unordered_map<std::string, k8s::TimeNs> until_;
  k8s::TimeNs swept_ = 0;
  double tokens_ = kBurst;
  k8s::TimeNs refilled_ = 0;
};

}  // namespace act

// Collects triggers into one window: it closes when nothing new came for the idle time, at the
// latest when the longest time has passed since the first (SCH-103). A value; time is passed.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "k8s/meta.h"

namespace control {

class Batcher {
 public:
  Batcher(k8s::DurationNs idle, k8s::DurationNs longest) : idle_(idle), longest_(longest) {}

  // An id that is in the window already does not extend it. Returns whether it was new.
  bool trigger(const std::string& id, k8s::TimeNs now);
  // When the window closes; nullopt: no window is open.
  std::optional<k8s::TimeNs> due() const;

  void clear() { seen_.clear(); }

 private:
  k8s::DurationNs idle_;
  k8s::DurationNs longest_;
  std::set<std::string, std::less<>> seen_;
  k8s::TimeNs first_ = 0;
  k8s::TimeNs last_ = 0;
};

}  // namespace control

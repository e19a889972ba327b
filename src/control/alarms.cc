#include "control/alarms.h"

#include "base/time.h"

namespace control {

Alarms::~Alarms() {
  *alive_ = false;
  executor_.cancel(timer_);
}

void Alarms::move(const Key& key, k8s::TimeNs from, k8s::TimeNs to) {
  if (from != 0) {
    moments_.erase({from, key});
  }
  if (to != 0) {
    moments_.emplace(to, key);
    arm();
  }
}

k8s::TimeNs Alarms::now() const {
  return base::to_unix_ns(executor_.clock().wall());
}

void Alarms::arm() {
  if (moments_.empty() ||
      (timer_ != runtime::TimerId::kNone && timer_at_ <= moments_.begin()->first)) {
    return;
  }
  executor_.cancel(timer_);
  timer_at_ = moments_.begin()->first;
  timer_ = executor_.after(runtime::Duration(timer_at_ - now()), [this, alive = alive_] {
    if (*alive) {
      fire();
    }
  });
}

void Alarms::fire() {
  timer_ = runtime::TimerId::kNone;
  const k8s::TimeNs time = now();
  while (!moments_.empty() && moments_.begin()->first <= time) {
    const Key key = moments_.begin()->second;
    moments_.erase(moments_.begin());
    ring_(key);
  }
  arm();
}

}  // namespace control

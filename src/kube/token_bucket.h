// A token bucket, by reservation: each caller is told how long to wait, in order of asking.
//
//   executor.after(bucket.reserve(clock.now()), [] { send(); });
//
// Thread rule: the loop.
#pragma once

#include <algorithm>

#include "base/time.h"

namespace kube {

class TokenBucket {
 public:
  // Zero or less per second: no limit.
  TokenBucket(double per_second, double burst)
      : per_second_(per_second), burst_(std::max(burst, 1.0)), tokens_(burst_) {}

  // Takes a token, from the future if need be. `now` never goes back.
  base::Duration reserve(base::Instant now) {
    if (per_second_ <= 0) {
      return base::Duration(0);
    }
    tokens_ = std::min(burst_, tokens_ + base::to_seconds(now - last_) * per_second_);
    last_ = now;
    tokens_ -= 1;
    return tokens_ >= 0 ? base::Duration(0) : base::from_seconds(-tokens_ / per_second_);
  }

 private:
  double per_second_;
  double burst_;
  double tokens_;
  base::Instant last_{};
};

}  // namespace kube

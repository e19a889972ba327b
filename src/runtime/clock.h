// The port to time. Product code asks a Clock that it was given and never the system: under
// simulation the same code lives in virtual time.
//
// now() is for waiting and measuring, wall() for timestamps in objects; the types do not mix
// (base/time.h). Thread rule: callable from any thread.
#pragma once

#include "base/time.h"

namespace runtime {

using base::Duration;
using base::Instant;
using base::WallTime;

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  virtual Instant now() const = 0;
  virtual WallTime wall() const = 0;
};

}  // namespace runtime

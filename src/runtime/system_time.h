// The system's wall clock, for commands that look once and end. What lives longer asks the Clock
// that it was given (runtime/clock.h). Thread rule: callable from any thread.
#pragma once

#include "base/time.h"

namespace runtime {

base::WallTime system_time();

}  // namespace runtime

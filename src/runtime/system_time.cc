#include "runtime/system_time.h"

#include <chrono>

namespace runtime {

base::WallTime system_time() {
  return base::WallTime(std::chrono::duration_cast<base::Duration>(
      std::chrono::system_clock::now().time_since_epoch()));
}

}  // namespace runtime

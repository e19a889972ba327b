// Time as values: Duration, Instant (monotonic, origin without meaning) and WallTime (since the
// Unix epoch). Instant and WallTime do not mix: waiting is measured in Instants, timestamps in
// objects are WallTimes. Nothing here reads a clock; that is runtime/clock.h.
//
//   using namespace std::chrono_literals;
//   base::Instant deadline = clock.now() + 5s;
//   std::int64_t creation = base::to_unix_ns(clock.wall());
#pragma once

#include <chrono>
#include <cstdint>

namespace base {

using Duration = std::chrono::nanoseconds;

struct MonotonicTimeline {
  using duration = Duration;
};

struct WallTimeline {
  using duration = Duration;
};

using Instant = std::chrono::time_point<MonotonicTimeline, Duration>;
using WallTime = std::chrono::time_point<WallTimeline, Duration>;

constexpr std::int64_t to_unix_ns(WallTime time) {
  return time.time_since_epoch().count();
}

constexpr WallTime from_unix_ns(std::int64_t ns) {
  return WallTime(Duration(ns));
}

constexpr double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

constexpr Duration from_seconds(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace base

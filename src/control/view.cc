#include "control/view.h"

#include <algorithm>

namespace control {

void Step::log(runtime::LogLevel level, std::string message, runtime::LogFields fields) {
  runtime::LogRecord record;
  record.level = level;
  record.message = std::move(message);
  record.fields = std::move(fields);
  logs.push_back(std::move(record));
}

k8s::DurationNs backoff(int failures, k8s::DurationNs first, k8s::DurationNs longest) {
  constexpr int kMaxDoublings = 20;
  return std::min(longest, first << std::clamp(failures - 1, 0, kMaxDoublings));
}

}  // namespace control

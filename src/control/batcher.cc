#include "control/batcher.h"

#include <algorithm>

namespace control {

bool Batcher::trigger(const std::string& id, k8s::TimeNs now) {
  if (seen_.empty()) {
    first_ = now;
  }
  if (!seen_.insert(id).second) {
    return false;
  }
  last_ = now;
  return true;
}

std::optional<k8s::TimeNs> Batcher::due() const {
  if (seen_.empty()) {
    return std::nullopt;
  }
  return std::min(last_ + idle_, first_ + longest_);
}

}  // namespace control

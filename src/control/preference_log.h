// Which pods to name in the log because a preference of theirs can prevent consolidation (SCH-89):
// each pod and kind of preference at most once a day.
//
// Thread rule: the loop. A value; time is passed.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "k8s/time.h"
#include "world/snapshot.h"

namespace control {

class PreferenceLog {
 public:
  struct Line {
    std::string_view message;
    std::vector<std::string> pods;  // "namespace/name"
  };

  // What to log about the pods now; kinds without a pod have no line.
  std::vector<Line> due(const world::Snapshot& snapshot,
                        std::span<const world::PodId> pods,
                        k8s::TimeNs now);

 private:
  static constexpr std::size_t kKinds = 2;

  void forget(k8s::TimeNs now);

  // By pod UID: when it was named last.
  std::array<std::unordered_map<std::string, k8s::TimeNs>, kKinds> named_;
  k8s::TimeNs forget_at_ = 0;
};

}  // namespace control

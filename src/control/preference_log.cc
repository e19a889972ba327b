#include "control/preference_log.h"

#include <algorithm>

namespace control {
namespace {

struct PreferenceKind {
  std::string_view message;
  bool (*has)(const k8s::PodSpec&);
};

constexpr std::array<PreferenceKind, 2> kPreferences{{
    {"pod(s) have a preferred Anti-Affinity which can prevent consolidation",
     [](const k8s::PodSpec& spec) { return !spec.pod_anti_affinity.preferred.empty(); }},
    {"pod(s) have a preferred TopologySpreadConstraint which can prevent consolidation",
     [](const k8s::PodSpec& spec) {
       return std::ranges::any_of(spec.topology_spread.read(), [](const auto& spread) {
         return spread.when_unsatisfiable == "ScheduleAnyway";
       });
     }},
}};

}  // namespace

std::vector<PreferenceLog::Line> PreferenceLog::due(const world::Snapshot& snapshot,
                                                    std::span<const world::PodId> pods,
                                                    k8s::TimeNs now) {
  static_assert(kPreferences.size() == kKinds);
  forget(now);
  std::vector<Line> lines;
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    Line line{.message = kPreferences[kind].message, .pods = {}};
    for (const world::PodId id : pods) {
      const k8s::Pod& pod = *snapshot.pods[id].pod;
      if (kPreferences[kind].has(pod.spec) && named_[kind].try_emplace(pod.meta.uid, now).second) {
        line.pods.push_back(pod.meta.namespace_ + "/" + pod.meta.name);
      }
    }
    if (!line.pods.empty()) {
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

void PreferenceLog::forget(k8s::TimeNs now) {
  if (now < forget_at_) {
    return;
  }
  forget_at_ = now + k8s::kHour;
  for (auto& named : named_) {
    std::erase_if(named, [&](const auto& entry) { return now - entry.second >= k8s::kDay; });
  }
}

}  // namespace control

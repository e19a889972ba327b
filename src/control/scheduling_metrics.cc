#include "control/scheduling_metrics.h"

#include <algorithm>

#include "control/metrics.h"

namespace control {

void count_plan(runtime::Metrics& metrics, const plan::Plan& plan, const PlanCount& count) {
  const std::string controller(count.controller);
  metrics.at(metric::kSchedulingDuration, {controller}).observe(base::to_seconds(count.took));
  metrics.at(metric::kIgnoredPods).set(static_cast<double>(count.refused));
  const auto without_room = std::ranges::count_if(
      plan.unplaced, [](const plan::Unplaced& unplaced) { return !unplaced.is_deferred; });
  metrics.at(metric::kUnschedulablePods, {controller})
      .set(static_cast<double>(without_room) - static_cast<double>(count.refused));
  metrics.erase_if(metric::kPendingPodsByZone,
                   [&](const runtime::LabelValues& labels) { return labels[0] == controller; });
  for (const auto& [zone, pods] : plan.effective_zones) {
    metrics.at(metric::kPendingPodsByZone, {controller, zone}).set(static_cast<double>(pods));
  }
}

}  // namespace control

#include "control/engine_meters.h"

#include <array>

#include "control/metrics.h"

namespace control {

namespace {

using namespace std::string_view_literals;
using runtime::MetricFacts;
using enum runtime::MetricType;

constexpr std::array kController{"controller"sv};
constexpr std::array kResult{"controller"sv, "result"sv};
constexpr std::array kQueueLabels{"name"sv, "controller"sv};
constexpr std::array kQueuePriorityLabels{"name"sv, "controller"sv, "priority"sv};
// Ten-fold steps from 10 ns.
constexpr std::array kQueueTimes{
    1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2, 1e3};
// The usual durations, up to a minute.
constexpr std::span<const double> kReconcileTimes = std::span(metric::detail::kDurations).first(40);

constexpr MetricFacts kReconciles{"controller_runtime_reconcile_total",
                                  kCounter,
                                  "Total number of reconciliations per controller.",
                                  kResult};
constexpr MetricFacts kErrors{"controller_runtime_reconcile_errors_total",
                              kCounter,
                              "Total number of reconciliation errors per controller.",
                              kController};
constexpr MetricFacts kReconcileTime{"controller_runtime_reconcile_time_seconds",
                                     kHistogram,
                                     "Length of time per reconciliation per controller.",
                                     kController,
                                     kReconcileTimes};
constexpr MetricFacts kActive{"controller_runtime_active_workers",
                              kGauge,
                              "Number of keys being worked on per controller.",
                              kController};
constexpr MetricFacts kDepth{
    "workqueue_depth", kGauge, "Keys that wait in the work queue.", kQueuePriorityLabels};
constexpr MetricFacts kAdds{
    "workqueue_adds_total", kCounter, "Keys that were put into the work queue.", kQueueLabels};
constexpr MetricFacts kRetries{
    "workqueue_retries_total", kCounter, "Keys that were put off after a failure.", kQueueLabels};
constexpr MetricFacts kWaitTime{"workqueue_queue_duration_seconds",
                                kHistogram,
                                "How long a key waits in the work queue.",
                                kQueueLabels,
                                kQueueTimes};
constexpr MetricFacts kWorkTime{"workqueue_work_duration_seconds",
                                kHistogram,
                                "How long a key is worked on.",
                                kQueueLabels,
                                kQueueTimes};

}  // namespace

EngineMeters::EngineMeters(runtime::Metrics& metrics, const std::string& controller)
    : results_{&metrics.at(kReconciles, {controller, "success"}),
               &metrics.at(kReconciles, {controller, "requeue_after"}),
               &metrics.at(kReconciles, {controller, "error"})},
      errors_(&metrics.at(kErrors, {controller})),
      reconcile_time_(&metrics.at(kReconcileTime, {controller})),
      active_(&metrics.at(kActive, {controller})),
      depth_(&metrics.at(kDepth, {controller, controller, "0"})),
      adds_(&metrics.at(kAdds, {controller, controller})),
      retries_(&metrics.at(kRetries, {controller, controller})),
      wait_time_(&metrics.at(kWaitTime, {controller, controller})),
      work_time_(&metrics.at(kWorkTime, {controller, controller})) {
  metrics.at(kReconciles, {controller, "requeue"});
}

void EngineMeters::queued() {
  adds_->add();
  depth_->add();
}

void EngineMeters::started(base::Duration waited) {
  depth_->add(-1);
  active_->add();
  wait_time_->observe(base::to_seconds(waited));
}

void EngineMeters::finished(base::Duration worked, ReconcileResult result) {
  active_->add(-1);
  results_[static_cast<std::size_t>(result)]->add();
  if (result == ReconcileResult::kError) {
    errors_->add();
  }
  reconcile_time_->observe(base::to_seconds(worked));
  work_time_->observe(base::to_seconds(worked));
}

}  // namespace control

// What the work queue tells about itself, per controller: the names that controller-runtime gives
// these metrics (spec 05 B.4).
//
// A reconcile counts from its start until all of its effects are through. Thread rule: the loop.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "runtime/metrics.h"

namespace control {

enum class ReconcileResult : std::uint8_t { kSuccess, kRequeueAfter, kError };

class EngineMeters {
 public:
  EngineMeters(runtime::Metrics& metrics, const std::string& controller);

  void queued();

  void retried() { retries_->add(); }

  void started(base::Duration waited);
  void finished(base::Duration worked, ReconcileResult result);

 private:
  runtime::MetricSeries* results_[3];  // By ReconcileResult.
  runtime::MetricSeries* errors_;
  runtime::MetricSeries* reconcile_time_;
  runtime::MetricSeries* active_;
  runtime::MetricSeries* depth_;
  runtime::MetricSeries* adds_;
  runtime::MetricSeries* retries_;
  runtime::MetricSeries* wait_time_;
  runtime::MetricSeries* work_time_;
};

}  // namespace control

// Names, labels and buckets of the metrics about conditions and terminations, per kind, and of the
// deprecated ones that all kinds but Node share (OPR-70 to OPR-72).
//
// Thread rule: immutable once made. A registry that counts by these must keep() them.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/meta.h"
#include "runtime/metrics.h"

namespace ops {

class ObjectFacts {
 public:
  // Extra labels are taken from the object's own labels: `label_keys`.
  ObjectFacts(k8s::Kind kind, std::vector<std::string> label_keys);
  ObjectFacts(const ObjectFacts&) = delete;
  ObjectFacts& operator=(const ObjectFacts&) = delete;

  // type, status, reason and the extra labels.
  const runtime::MetricFacts& transitions() const { return transitions_; }

  // type, status and the extra labels.
  const runtime::MetricFacts& transition_time() const { return transition_time_; }

  // The extra labels.
  const runtime::MetricFacts& termination() const { return termination_; }

  const std::vector<std::string>& label_keys() const { return label_keys_; }

 private:
  std::vector<std::string> label_keys_;
  std::vector<std::string> extra_names_;
  std::array<std::string, 3> metric_names_;
  std::array<std::vector<std::string_view>, 3> labels_;
  runtime::MetricFacts transitions_;
  runtime::MetricFacts transition_time_;
  runtime::MetricFacts termination_;
};

namespace detail {

inline constexpr std::array<std::string_view, 5> kOldTransitionLabels{
    "group", "kind", "type", "status", "reason"};
inline constexpr std::array<double, 11> kOldBuckets{
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

}  // namespace detail

inline constexpr runtime::MetricFacts kOldTransitions{"operator_status_condition_transitions_total",
                                                      runtime::MetricType::kCounter,
                                                      "Changes of conditions (deprecated).",
                                                      detail::kOldTransitionLabels};
inline constexpr runtime::MetricFacts kOldTransitionTime{
    "operator_status_condition_transition_seconds",
    runtime::MetricType::kHistogram,
    "How long a condition had its status before it changed (deprecated).",
    std::span(detail::kOldTransitionLabels).first(4),
    detail::kOldBuckets};
inline constexpr runtime::MetricFacts kOldTermination{
    "operator_termination_duration_seconds",
    runtime::MetricType::kHistogram,
    "From the deletion of an object until it was gone (deprecated).",
    std::span(detail::kOldTransitionLabels).first(2),
    detail::kOldBuckets};

}  // namespace ops

#include "ops/object_metric_names.h"

#include "ops/cluster_metrics.h"

#include "base/text.h"
#include "k8s/kinds.h"

namespace ops {

namespace {

using enum runtime::MetricType;

// OPR-72: from half a second, doubling.
constexpr std::array<double, 15> kBuckets{
    0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192};

std::vector<std::string_view> joined(std::initializer_list<std::string_view> first,
                                     const std::vector<std::string>& rest) {
  std::vector<std::string_view> all(first);
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

}  // namespace

ObjectFacts::ObjectFacts(k8s::Kind kind, std::vector<std::string> label_keys)
    : label_keys_(std::move(label_keys)) {
  for (const std::string& key : label_keys_) {
    extra_names_.push_back(series_label(key));
  }
  const std::string stem = base::concat("operator_", base::to_lower(k8s::kind_name(kind)), "_");
  metric_names_ = {stem + "status_condition_transitions_total",
                   stem + "status_condition_transition_seconds",
                   stem + "termination_duration_seconds"};
  labels_ = {joined({"type", "status", "reason"}, extra_names_),
             joined({"type", "status"}, extra_names_),
             joined({}, extra_names_)};
  transitions_ = {metric_names_[0], kCounter, "Changes of conditions.", labels_[0]};
  transition_time_ = {metric_names_[1],
                      kHistogram,
                      "How long a condition had its status before it changed.",
                      labels_[1],
                      kBuckets};
  termination_ = {metric_names_[2],
                  kHistogram,
                  "From the deletion of an object until it was gone.",
                  labels_[2],
                  kBuckets};
}

}  // namespace ops

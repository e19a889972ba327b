// Gauges that follow from a picture of the cluster: nodes, pods, pools, conditions (spec 05 B.1 and
// B.3). Written at scrape time from an immutable snapshot, so no series outlives its object and
// nothing is kept between scrapes (OPR-62).
//
//   const std::string text = cluster_metrics_text(*snapshot, shape);
//
// Thread rule: pure; meant for a worker thread, since large clusters make megabytes of text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cloud/label_schema.h"
#include "runtime/metrics.h"
#include "world/snapshot.h"

namespace ops {

// What depends on provider and settings.
struct ClusterMetricsShape {
  // Labels of nodes that become labels of series: key, and its name in the series (OPR-65).
  std::vector<std::pair<std::string, std::string>> node_labels;
  std::string class_label;  // "karpenter.kwok.sh/kwoknodeclass" (OPR-71).
  bool has_buffers = false;
  bool is_observing = true;  // False: --disable-cluster-state-observability.
};

ClusterMetricsShape cluster_metrics_shape(const cloud::LabelSchema& schema,
                                          std::string class_label);

std::string cluster_metrics_text(const world::Snapshot& snapshot, const ClusterMetricsShape& shape);

// The parts, each of them whole families.
void write_node_metrics(const world::Snapshot& snapshot,
                        const ClusterMetricsShape& shape,
                        runtime::MetricWriter& out);
// Voluntary disruption: what budgets allow, and what counts against them (DIS-56).
void write_budget_metrics(const world::Snapshot& snapshot, runtime::MetricWriter& out);
void write_pool_metrics(const world::Snapshot& snapshot, runtime::MetricWriter& out);
void write_pod_states(const world::Snapshot& snapshot, runtime::MetricWriter& out);
void write_condition_metrics(const world::Snapshot& snapshot,
                             const ClusterMetricsShape& shape,
                             runtime::MetricWriter& out);

// "karpenter.sh/nodepool" -> "karpenter_sh_nodepool" (OPR-71).
std::string series_label(std::string_view key);
// CPU in cores, everything else in base units (OPR-63).
double resource_value(std::string_view resource, const k8s::Quantity& quantity);
// "ephemeral-storage" -> "ephemeral_storage" (OPR-63).
std::string resource_type(std::string_view resource);

}  // namespace ops

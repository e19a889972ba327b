#include <array>
#include <map>

#include "ops/cluster_metrics.h"

#include "k8s/resources.h"
#include "k8s/time.h"
#include "world/pods.h"

namespace ops {

namespace {

using namespace std::string_view_literals;
using runtime::MetricFacts;
using runtime::MetricWriter;
using enum runtime::MetricType;

constexpr std::array kResourceType{"resource_type"sv};

// Labels: node_name, phase, managed, those of ClusterMetricsShape::node_labels, resource_type.
constexpr MetricFacts kAllocatable{
    "karpenter_nodes_allocatable", kGauge, "Resources that pods can have on a node."};
constexpr MetricFacts kPodRequests{
    "karpenter_nodes_total_pod_requests", kGauge, "Requests of the pods on a node."};
constexpr MetricFacts kPodLimits{
    "karpenter_nodes_total_pod_limits", kGauge, "Limits of the pods on a node."};
constexpr MetricFacts kDaemonRequests{
    "karpenter_nodes_total_daemon_requests", kGauge, "Requests of the daemons on a node."};
constexpr MetricFacts kDaemonLimits{
    "karpenter_nodes_total_daemon_limits", kGauge, "Limits of the daemons on a node."};
constexpr MetricFacts kOverhead{
    "karpenter_nodes_system_overhead", kGauge, "Resources of a node that pods cannot have."};
constexpr MetricFacts kLifetime{
    "karpenter_nodes_current_lifetime_seconds", kGauge, "Age of a node."};
constexpr MetricFacts kUtilization{"karpenter_cluster_utilization_percent",
                                   kGauge,
                                   "Requests of all pods as a share of what all nodes have.",
                                   kResourceType};

struct NodeFigures {
  const world::NodeRow* row;
  std::vector<std::string_view> labels;  // As the names, without the resource type.
  k8s::Resources allocatable;
  k8s::Resources overhead;
  k8s::Resources pod_limits;
  k8s::Resources daemon_limits;
};

std::vector<std::string_view> label_names(const ClusterMetricsShape& shape) {
  std::vector<std::string_view> names{"node_name", "phase", "managed"};
  for (const auto& [key, name] : shape.node_labels) {
    names.push_back(name);
  }
  return names;
}

NodeFigures figures_of(const world::Snapshot& snapshot,
                       const world::NodeRow& row,
                       const ClusterMetricsShape& shape) {
  NodeFigures figures{.row = &row, .labels = {row.node->meta.name, "", "false"}};
  const auto& labels = row.node->meta.labels;
  figures.labels[2] = labels.contains(cloud::label::kNodePool) ? "true" : "false";
  for (const auto& [key, name] : shape.node_labels) {
    const auto found = labels.find(key);
    figures.labels.push_back(found == labels.end() ? std::string_view() : found->second);
  }
  figures.allocatable = row.allocatable();
  figures.overhead = row.capacity();
  figures.overhead.subtract(figures.allocatable);
  for (const world::PodId id : row.pods) {
    const k8s::Pod& pod = *snapshot.pods[id].pod;
    const k8s::Resources limits = k8s::pod_limits(pod.spec);
    figures.pod_limits.add(limits);
    if (world::is_daemon_pod(pod)) {
      figures.daemon_limits.add(limits);
    }
  }
  return figures;
}

class Page {
 public:
  Page(const ClusterMetricsShape& shape, std::vector<NodeFigures> nodes, MetricWriter& out)
      : names_(label_names(shape)), nodes_(std::move(nodes)), out_(out) {}

  template <typename ResourcesOf>
  void family(const MetricFacts& facts, ResourcesOf resources_of) {
    out_.begin(facts);
    std::vector<std::string_view> names = names_;
    names.emplace_back("resource_type");
    for (const NodeFigures& node : nodes_) {
      for (const auto& [name, quantity] : resources_of(node)) {
        const std::string type = resource_type(name);
        std::vector<std::string_view> values = node.labels;
        values.emplace_back(type);
        out_.sample(names, values, resource_value(name, quantity));
      }
    }
  }

  void lifetimes(k8s::TimeNs now) {
    out_.begin(kLifetime);
    for (const NodeFigures& node : nodes_) {
      const k8s::TimeNs age = now - node.row->node->meta.creation_time;
      out_.sample(names_, node.labels, k8s::to_seconds(age));
    }
  }

  void utilization() {
    k8s::Resources requests;
    k8s::Resources allocatable;
    for (const NodeFigures& node : nodes_) {
      requests.add(node.row->pod_requests);
      allocatable.add(node.allocatable);
    }
    out_.begin(kUtilization);
    for (const auto& [name, total] : allocatable) {
      if (!total.is_zero()) {
        const std::string type = resource_type(name);
        out_.sample(std::array{std::string_view(type)},
                    100 * requests.get(name).as_double() / total.as_double());
      }
    }
  }

 private:
  std::vector<std::string_view> names_;
  std::vector<NodeFigures> nodes_;
  MetricWriter& out_;
};

}  // namespace

// OPR-65; only machines with a Node.
void write_node_metrics(const world::Snapshot& snapshot,
                        const ClusterMetricsShape& shape,
                        MetricWriter& out) {
  std::vector<NodeFigures> nodes;
  snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (row.node != nullptr) {
      nodes.push_back(figures_of(snapshot, row, shape));
    }
  });
  Page page(shape, std::move(nodes), out);
  page.family(kAllocatable, [](const NodeFigures& node) { return node.allocatable; });
  page.family(kPodRequests, [](const NodeFigures& node) { return node.row->pod_requests; });
  page.family(kPodLimits, [](const NodeFigures& node) { return node.pod_limits; });
  page.family(kDaemonRequests, [](const NodeFigures& node) { return node.row->daemon_requests; });
  page.family(kDaemonLimits, [](const NodeFigures& node) { return node.daemon_limits; });
  page.family(kOverhead, [](const NodeFigures& node) { return node.overhead; });
  page.lifetimes(snapshot.now);
  page.utilization();
}

}  // namespace ops

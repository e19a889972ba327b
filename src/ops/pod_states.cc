#include <array>
#include <unordered_map>

#include "ops/cluster_metrics.h"

#include "base/text.h"
#include "k8s/meta.h"

namespace ops {

namespace {

using namespace std::string_view_literals;

constexpr std::array kStateLabels{"name"sv,
                                  "namespace"sv,
                                  "owner"sv,
                                  "node"sv,
                                  "scheduled"sv,
                                  "nodepool"sv,
                                  "zone"sv,
                                  "arch"sv,
                                  "capacity_type"sv,
                                  "instance_type"sv,
                                  "phase"sv,
                                  "ready"sv,
                                  "managed"sv};

constexpr runtime::MetricFacts kPodsState{"karpenter_pods_state",
                                          runtime::MetricType::kGauge,
                                          "One per pod: where it is and how it fares.",
                                          kStateLabels};

// OPR-66: the first owner only.
std::string owner_text(const k8s::Pod& pod) {
  if (pod.meta.owners.empty()) {
    return {};
  }
  const k8s::OwnerReference& owner = *pod.meta.owners.begin();
  return base::concat("/apis/",
                      owner.api_version,
                      "/namespaces/",
                      pod.meta.namespace_,
                      "/",
                      base::to_lower(owner.kind),
                      "s/",
                      owner.name);
}

std::string_view label_of(const k8s::Node* node, std::string_view key) {
  const std::string* value = node == nullptr ? nullptr : node->meta.label(key);
  return value == nullptr ? std::string_view() : *value;
}

}  // namespace

void write_pod_states(const world::Snapshot& snapshot, runtime::MetricWriter& out) {
  std::unordered_map<std::string_view, const k8s::Node*> nodes;
  snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (row.node != nullptr) {
      nodes.emplace(row.node->meta.name, row.node.get());
    }
  });
  out.begin(kPodsState);
  snapshot.pods.for_each([&](world::PodId, const world::PodRow& row) {
    const k8s::Pod& pod = *row.pod;
    const auto found = nodes.find(pod.spec.node_name);
    const k8s::Node* node = found == nodes.end() ? nullptr : found->second;
    const k8s::Condition* ready = k8s::find_condition(pod.status.conditions, "Ready");
    const std::string owner = owner_text(pod);
    const std::string_view pool = label_of(node, cloud::label::kNodePool);
    out.sample(
        std::array<std::string_view, kStateLabels.size()>{
            pod.meta.name,
            pod.meta.namespace_,
            owner,
            pod.spec.node_name,
            pod.spec.node_name.empty() ? "false" : "true",
            pool,
            label_of(node, cloud::label::kZone),
            label_of(node, cloud::label::kArch),
            label_of(node, cloud::label::kCapacityType),
            label_of(node, cloud::label::kInstanceType),
            pod.status.phase,
            ready == nullptr ? std::string_view() : std::string_view(ready->status),
            pool.empty() ? "false" : "true"},
        1);
  });
}

}  // namespace ops

#include "ops/cluster_metrics.h"

#include <array>
#include <map>

#include "base/text.h"
#include "control/metrics.h"
#include "disrupt/budget.h"

namespace ops {

namespace {

using namespace std::string_view_literals;
using runtime::MetricFacts;
using runtime::MetricWriter;
using enum runtime::MetricType;

constexpr std::array kPoolResource{"resource_type"sv, "nodepool"sv};
constexpr std::array kPool{"nodepool"sv};

constexpr MetricFacts kUsage{"karpenter_nodepools_usage",
                             kGauge,
                             "Resources that a NodePool has provisioned.",
                             kPoolResource};
constexpr MetricFacts kLimit{
    "karpenter_nodepools_limit", kGauge, "Resources that a NodePool may provision.", kPoolResource};
constexpr MetricFacts kCost{
    "karpenter_nodepools_cost_total", kGauge, "Price of a NodePool's machines per hour.", kPool};
constexpr MetricFacts kNodeCount{
    "karpenter_cluster_state_node_count", kGauge, "Machines in the picture of the cluster."};
constexpr MetricFacts kSynced{"karpenter_cluster_state_synced",
                              kGauge,
                              "1 when the picture of the cluster is complete, else 0."};

void write_resources(const MetricFacts& facts,
                     k8s::Resources k8s::NodePool::* member,
                     const world::Snapshot& snapshot,
                     MetricWriter& out) {
  out.begin(facts);
  for (const auto& row : snapshot.pools) {
    for (const auto& [name, quantity] : (*row->pool).*member) {
      const std::string type = resource_type(name);
      out.sample(std::array{std::string_view(type), std::string_view(row->pool->meta.name)},
                 resource_value(name, quantity));
    }
  }
}

// Of the offering that the machine was bought as; nothing when it is not sold any more.
double price_of(const world::NodeRow& row, const cloud::Catalogue& catalogue) {
  const auto label = [&](std::string_view key) {
    const auto found = row.labels().find(key);
    return found == row.labels().end() ? std::string_view() : std::string_view(found->second);
  };
  const cloud::InstanceType* type = catalogue.find(label(cloud::label::kInstanceType));
  if (type == nullptr) {
    return 0;
  }
  for (const cloud::Offering& offering : type->offerings) {
    if (offering.zone == label(cloud::label::kZone) &&
        offering.capacity_type == label(cloud::label::kCapacityType)) {
      return offering.price;
    }
  }
  return 0;
}

void write_costs(const world::Snapshot& snapshot, MetricWriter& out) {
  std::map<std::string_view, double> costs;
  std::map<std::string_view, const cloud::Catalogue*> catalogues;
  for (const auto& row : snapshot.pools) {
    costs[row->pool->meta.name] = 0;
    catalogues[row->pool->meta.name] = row->catalogue.get();
  }
  snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    const auto catalogue = catalogues.find(row.pool());
    if (row.claim != nullptr && catalogue != catalogues.end() && catalogue->second != nullptr) {
      costs[catalogue->first] += price_of(row, *catalogue->second);
    }
  });
  out.begin(kCost);
  for (const auto& [pool, cost] : costs) {
    out.sample(std::array{pool}, cost);
  }
}

}  // namespace

std::string series_label(std::string_view key) {
  std::string name(key);
  for (char& c : name) {
    c = c == '/' || c == '.' || c == '-' ? '_' : c;
  }
  return name;
}

double resource_value(std::string_view resource, const k8s::Quantity& quantity) {
  return resource == "cpu" ? static_cast<double>(quantity.milli_value()) / 1000.0
                           : static_cast<double>(quantity.value());
}

std::string resource_type(std::string_view resource) {
  return base::replace_all(base::to_lower(resource), "-", "_");
}

ClusterMetricsShape cluster_metrics_shape(const cloud::LabelSchema& schema,
                                          std::string class_label) {
  ClusterMetricsShape shape;
  shape.class_label = std::move(class_label);
  for (const std::string& key : schema.well_known()) {
    const auto parts = base::split_once(key, '/');
    shape.node_labels.emplace_back(key, resource_type(parts.after.value_or(key)));
  }
  return shape;
}

void write_budget_metrics(const world::Snapshot& snapshot, MetricWriter& out) {
  namespace metric = control::metric;
  constexpr std::array kReasons{disrupt::kUnderutilized, disrupt::kEmpty, disrupt::kDrifted};
  const auto family = [&](const MetricFacts& facts, std::int64_t disrupt::PoolAllowance::* value) {
    out.begin(facts);
    for (const std::string_view reason : kReasons) {
      for (const auto& [pool, allowance] : disrupt::allowances(snapshot, reason)) {
        out.sample(std::array{std::string_view(pool), reason},
                   static_cast<double>(allowance.*value));
      }
    }
  };
  family(metric::kAllowedDisruptions, &disrupt::PoolAllowance::allowed);
  family(metric::kNodesConsumingBudgets, &disrupt::PoolAllowance::disrupting);
}

void write_pool_metrics(const world::Snapshot& snapshot, MetricWriter& out) {
  write_resources(kUsage, &k8s::NodePool::status_resources, snapshot, out);
  write_resources(kLimit, &k8s::NodePool::limits, snapshot, out);
  write_costs(snapshot, out);
}

std::string cluster_metrics_text(const world::Snapshot& snapshot,
                                 const ClusterMetricsShape& shape) {
  MetricWriter out;
  out.begin(kNodeCount);
  out.sample({}, static_cast<double>(snapshot.nodes.size()));
  out.begin(kSynced);
  out.sample({}, snapshot.is_synced ? 1 : 0);
  write_budget_metrics(snapshot, out);
  if (shape.is_observing) {
    write_node_metrics(snapshot, shape, out);
    write_pool_metrics(snapshot, out);
    write_pod_states(snapshot, out);
    write_condition_metrics(snapshot, shape, out);
  }
  return std::move(out).text();
}

}  // namespace ops

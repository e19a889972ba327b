#include "ops/cluster_metrics.h"

#include <gtest/gtest.h>

#include "ops/metrics_page.h"

#include "base/text.h"
#include "control/metrics.h"
#include "runtime/files.h"
#include "runtime/virtual_executor.h"
#include "world/world_testing.h"

namespace ops {
namespace {

using namespace world::testing;

k8s::NodePool pool_with_usage() {
  k8s::NodePool pool = make_pool("default");
  pool.limits.set("cpu", *k8s::Quantity::parse("1500m"));
  pool.status_resources.set("cpu", k8s::Quantity::units(4));
  pool.status_resources.set("ephemeral-storage", *k8s::Quantity::parse("20Gi"));
  return pool;
}

cloud::CataloguePtr catalogue() {
  cloud::Catalogue catalogue;
  cloud::InstanceType type;
  type.name = "m-4x";
  type.offerings = {{.zone = "a", .capacity_type = "spot", .price = 0.25},
                    {.zone = "a", .capacity_type = "on-demand", .price = 0.5}};
  catalogue.types.push_back(type);
  return std::make_shared<const cloud::Catalogue>(std::move(catalogue));
}

struct Bed {
  world::World world;
  ClusterMetricsShape shape =
      cluster_metrics_shape(cloud::LabelSchema::core(), "karpenter.k8s.aws/ec2nodeclass");

  Bed() {
    put(world, pool_with_usage());
    world.set_catalogue("EC2NodeClass", "default", catalogue());
    k8s::NodeClaim claim = make_launched_claim("c1");
    k8s::Node node = make_ready_node("c1");
    node.meta.creation_time = kNow - 60 * 1'000'000'000LL;
    for (auto* labels : {&claim.meta.labels, &node.meta.labels}) {
      (*labels)["node.kubernetes.io/instance-type"] = "m-4x";
      (*labels)["topology.kubernetes.io/zone"] = "a";
      (*labels)["karpenter.sh/capacity-type"] = "on-demand";
      (*labels)["karpenter.k8s.aws/ec2nodeclass"] = "default";
    }
    put(world, claim);
    put(world, node);
    k8s::Pod pod = make_pod("web-1", "node-c1");
    pod.meta.owners = {{.api_version = "apps/v1", .kind = "ReplicaSet", .name = "web"}};
    pod.spec.containers = {[] {
      k8s::Container container;
      container.resources.requests.set("cpu", k8s::Quantity::units(1));
      container.resources.limits.set("cpu", k8s::Quantity::units(2));
      return container;
    }()};
    put(world, pod);
    put(world, make_pod("waits"));
  }

  std::string text() { return cluster_metrics_text(*world.snapshot(kNow), shape); }

  // The lines of one family, without its head.
  std::string family(std::string_view name) {
    std::string out;
    const std::string all = text();
    for (std::size_t begin = 0; begin < all.size();) {
      const std::size_t end = all.find('\n', begin);
      const std::string_view line(all.data() + begin, end - begin);
      if (line.starts_with(name) && (line[name.size()] == '{' || line[name.size()] == ' ')) {
        out += std::string(line) + "\n";
      }
      begin = end + 1;
    }
    return out;
  }
};

constexpr std::string_view kNodeLabels =
    R"({node_name="node-c1",phase="",managed="true",capacity_type="on-demand",nodepool="default",)"
    R"(arch="",os="",instance_type="m-4x",windows_build="",region="",zone="a")";

TEST(ClusterMetrics, NodesHaveTheirWellKnownLabels) {
  // OPR-65, OPR-63
  Bed bed;
  const std::string cpu = std::string(kNodeLabels) + ",resource_type=\"cpu\"} ";
  EXPECT_EQ(bed.family("karpenter_nodes_allocatable"), "karpenter_nodes_allocatable" + cpu + "4\n");
  EXPECT_NE(bed.family("karpenter_nodes_total_pod_requests").find(cpu + "1\n"), std::string::npos);
  EXPECT_EQ(bed.family("karpenter_nodes_total_pod_limits"),
            "karpenter_nodes_total_pod_limits" + cpu + "2\n");
  EXPECT_EQ(bed.family("karpenter_nodes_system_overhead"),
            "karpenter_nodes_system_overhead" + cpu + "0\n");
  EXPECT_EQ(bed.family("karpenter_nodes_current_lifetime_seconds"),
            "karpenter_nodes_current_lifetime_seconds" + std::string(kNodeLabels) + "} 60\n");
}

TEST(ClusterMetrics, UtilizationIsOverAllNodes) {
  Bed bed;
  EXPECT_EQ(bed.family("karpenter_cluster_utilization_percent"),
            "karpenter_cluster_utilization_percent{resource_type=\"cpu\"} 25\n");
  EXPECT_EQ(bed.family("karpenter_cluster_state_node_count"),
            "karpenter_cluster_state_node_count 1\n");
}

TEST(ClusterMetrics, PoolsShowUsageLimitAndCost) {
  // OPR-63
  Bed bed;
  EXPECT_EQ(bed.family("karpenter_nodepools_usage"),
            "karpenter_nodepools_usage{resource_type=\"cpu\",nodepool=\"default\"} 4\n"
            "karpenter_nodepools_usage{resource_type=\"ephemeral_storage\",nodepool=\"default\"} "
            "21474836480\n");
  EXPECT_EQ(bed.family("karpenter_nodepools_limit"),
            "karpenter_nodepools_limit{resource_type=\"cpu\",nodepool=\"default\"} 1.5\n");
  EXPECT_EQ(bed.family("karpenter_nodepools_cost_total"),
            "karpenter_nodepools_cost_total{nodepool=\"default\"} 0.5\n");
}

TEST(ClusterMetrics, BudgetsAreShownBeforeAnythingIsSubtracted) {
  // DIS-59
  Bed bed;
  k8s::NodePool pool = pool_with_usage();
  pool.disruption.budgets = {
      {.reasons = {"Empty"}, .nodes = "100%", .schedule = {}, .duration = {}},
      {.reasons = {"Drifted"}, .nodes = "0", .schedule = {}, .duration = {}}};
  put(bed.world, pool);
  put(bed.world, make_pool("unused"));
  k8s::Node sick = *bed.world.nodes()[*bed.world.find_claim("c1")].node;
  set_condition(sick.status.conditions, "Ready", "False");
  put(bed.world, sick);
  const auto expect_line = [&](const std::string& family, const std::string& line) {
    EXPECT_NE(bed.family(family).find(line), std::string::npos) << bed.family(family);
  };
  const std::string allowed = "karpenter_nodepools_allowed_disruptions";
  expect_line(allowed, "{nodepool=\"default\",reason=\"Empty\"} 1\n");
  expect_line(allowed, "{nodepool=\"default\",reason=\"Drifted\"} 0\n");
  expect_line(allowed, "{nodepool=\"default\",reason=\"Underutilized\"} 2147483647\n");
  expect_line(allowed, "{nodepool=\"unused\",reason=\"Empty\"} 0\n");
  const std::string consuming = "karpenter_nodepools_nodes_consuming_budgets";
  for (const char* reason : {"Empty", "Drifted", "Underutilized"}) {
    expect_line(consuming, base::concat("{nodepool=\"default\",reason=\"", reason, "\"} 1\n"));
  }
}

TEST(ClusterMetrics, BudgetsAreShownPerReason) {
  // DIS-56, DIS-59
  Bed bed;
  const std::string allowed = bed.family("karpenter_nodepools_allowed_disruptions");
  EXPECT_NE(allowed.find("{nodepool=\"default\",reason=\"Drifted\"} 1\n"), std::string::npos)
      << allowed;
  EXPECT_NE(bed.family("karpenter_nodepools_nodes_consuming_budgets")
                .find("{nodepool=\"default\",reason=\"Empty\"} 0\n"),
            std::string::npos);
}

TEST(ClusterMetrics, PodsSayWhereTheyAre) {
  // OPR-66
  Bed bed;
  const std::string states = bed.family("karpenter_pods_state");
  EXPECT_NE(
      states.find(R"(karpenter_pods_state{name="web-1",namespace="default",)"
                  R"(owner="/apis/apps/v1/namespaces/default/replicasets/web",node="node-c1",)"
                  R"(scheduled="true",nodepool="default",zone="a",arch="",)"
                  R"(capacity_type="on-demand",instance_type="m-4x",phase="Running",ready="",)"
                  R"(managed="true"} 1)"),
      std::string::npos)
      << states;
  EXPECT_NE(states.find(R"(name="waits",namespace="default",owner="",node="",scheduled="false")"),
            std::string::npos);
}

TEST(ClusterMetrics, ConditionsAreCountedPerKindAndByTheOldNames) {
  // OPR-70, OPR-71
  Bed bed;
  EXPECT_EQ(bed.family("operator_nodeclaim_status_condition_count"),
            "operator_nodeclaim_status_condition_count{namespace=\"\",name=\"c1\","
            "karpenter_k8s_aws_ec2nodeclass=\"default\",karpenter_sh_nodepool=\"default\","
            "type=\"Launched\",status=\"True\",reason=\"Launched\"} 1\n");
  EXPECT_EQ(bed.family("operator_node_status_condition_current_status_seconds"),
            "operator_node_status_condition_current_status_seconds{namespace=\"\","
            "name=\"node-c1\",karpenter_k8s_aws_ec2nodeclass=\"default\","
            "karpenter_sh_nodepool=\"default\",karpenter_sh_initialized=\"true\",type=\"Ready\","
            "status=\"True\",reason=\"Ready\"} 0\n");
  const std::string old = bed.family("operator_status_condition_count");
  EXPECT_NE(old.find("name=\"c1\",group=\"karpenter.sh\",kind=\"NodeClaim\",type=\"Launched\""),
            std::string::npos);
  EXPECT_EQ(old.find("kind=\"Node\""), std::string::npos);
}

TEST(ClusterMetrics, ObservabilityCanBeSwitchedOff) {
  // Spec 05 A.2: disable-cluster-state-observability.
  Bed bed;
  bed.shape.is_observing = false;
  const std::string text = bed.text();
  EXPECT_NE(text.find("karpenter_cluster_state_node_count 1\n"), std::string::npos);
  for (const std::string_view name : {"karpenter_nodes_", "karpenter_pods_", "operator_"}) {
    EXPECT_EQ(text.find(name), std::string::npos) << name;
  }
}

TEST(ClusterMetrics, DocumentationListsEveryCounter) {
  const std::string text = runtime::read_file("docs/metrics.md").value();
  for (const runtime::MetricFacts* facts : control::metric::kAll) {
    std::vector<std::string> labels;
    for (const std::string_view label : facts->labels) {
      labels.push_back(base::concat("`", label, "`"));
    }
    constexpr std::array kTypes{"counter", "gauge", "histogram", "summary"};
    const std::string row = base::concat("| `",
                                         facts->name,
                                         "` | ",
                                         kTypes[static_cast<std::size_t>(facts->type)],
                                         " | ",
                                         base::join(labels, ", "),
                                         " | ",
                                         facts->help,
                                         " |\n");
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}

TEST(MetricsPage, HasProcessMetricsAndBuildInfo) {
  // OPR-129; spec 05 B.1, B.4.
  runtime::VirtualExecutor executor;
  const runtime::Metrics metrics;
  MetricsPage page({.executor = executor,
                    .metrics = metrics,
                    .snapshot = {},
                    .build = build_facts("1.2.3", "0123456")});
  std::string text;
  page.render([&](std::string rendered) { text = std::move(rendered); });
  executor.run_ready();
  EXPECT_NE(text.find("karpenter_build_info{version=\"1.2.3\",goversion=\""), std::string::npos);
  EXPECT_NE(text.find("# TYPE process_cpu_seconds_total counter\n"), std::string::npos);
  EXPECT_NE(text.find("# TYPE process_resident_memory_bytes gauge\n"), std::string::npos);
  EXPECT_NE(text.find("\nprocess_start_time_seconds 1767225600\n"), std::string::npos);
  EXPECT_EQ(text.find("karpenter_cluster_state_node_count"), std::string::npos);
}

}  // namespace
}  // namespace ops

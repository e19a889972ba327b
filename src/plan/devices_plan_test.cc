// Pods with resource claims in whole plans (spec 02 s15, s17.14).
#include <gtest/gtest.h>

#include "plan/devices_testing.h"
#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

constexpr const char* kDrivers = "karpenter.sh/requested-dra-drivers";

cloud::InstanceType gpu_type(const std::string& name, int cpu, int gpus) {
  cloud::InstanceType type = make_type(name, cpu, 2 * cpu, 20);
  cloud::DeviceSlice slice{
      .driver = kGpuDriver, .pool = "own", .devices = {}, .shared_counters = {}};
  for (int i = 0; i < gpus; ++i) {
    slice.devices.push_back(device("gpu-" + std::to_string(i)));
  }
  if (gpus > 0) {
    type.device_slices.push_back(slice);
  }
  return type;
}

cloud::CataloguePtr gpu_catalogue() {
  return make_catalogue(
      {gpu_type("cpu-only", 2, 0), gpu_type("gpu-1", 4, 1), gpu_type("gpu-4", 16, 4)});
}

struct DeviceCluster {
  Scene scene{gpu_catalogue()};

  DeviceCluster() {
    scene.options.ignore_dra_requests = false;
    scene.pool("default");
    auto made = std::make_shared<k8s::DeviceClass>();
    made->meta.name = "gpu";
    scene.extra().device_classes.push_back(made);
  }

  k8s::ResourceClaim& claim(const std::string& name, std::int64_t count = 1) {
    auto made = std::make_shared<k8s::ResourceClaim>();
    made->meta.name = name;
    made->meta.namespace_ = "default";
    made->spec.requests = {exactly("r", "gpu", count)};
    scene.extra().resource_claims.push_back(made);
    return *made;
  }

  k8s::Pod& pod(const std::string& name, const std::string& claim_name) {
    k8s::Pod& made = scene.pod(name);
    made.spec.resource_claims = {{.name = "gpu", .claim_name = claim_name, .template_name = ""}};
    return made;
  }

  void slice(const std::string& pool, std::vector<k8s::Device> devices, k8s::DeviceReach reach) {
    auto made = std::make_shared<k8s::ResourceSlice>();
    made->meta.name = pool;
    made->driver = kGpuDriver;
    made->pool = pool;
    made->slice_count = 1;
    made->devices = std::move(devices);
    made->reach = std::move(reach);
    scene.extra().resource_slices.push_back(made);
  }
};

TEST(DevicePlan, IgnoredRequestsKeepTheirPodsPending) {
  // SCH-400, SCH-145
  DeviceCluster cluster;
  cluster.scene.options.ignore_dra_requests = true;
  cluster.claim("c");
  cluster.pod("p", "c");
  const Plan plan = cluster.scene.plan();
  ASSERT_EQ(plan.unplaced.size(), 1U);
  EXPECT_EQ(plan.unplaced[0].reason,
            "pod has Dynamic Resource Allocation requirements that are not yet supported by "
            "Karpenter");
}

TEST(DevicePlan, ANewClaimIsForTypesThatBringTheDevices) {
  // SCH-404, SCH-470
  DeviceCluster cluster;
  cluster.claim("c");
  cluster.pod("p", "c");
  cluster.scene.pod("plain");
  const Plan plan = cluster.scene.plan();
  ASSERT_TRUE(plan.unplaced.empty()) << plan.unplaced[0].reason;
  ASSERT_EQ(plan.claims.size(), 1U);
  EXPECT_EQ(plan.claims[0].instance_types(), (std::vector<std::string>{"gpu-1", "gpu-4"}));
  EXPECT_EQ(plan.claims[0].claim().meta.annotations.at(kDrivers), kGpuDriver);
}

TEST(DevicePlan, PodsWithoutClaimsAreUntouched) {
  // T-161: no annotation, all types.
  DeviceCluster cluster;
  cluster.scene.pod("plain");
  const Plan plan = cluster.scene.plan();
  ASSERT_EQ(plan.claims.size(), 1U);
  EXPECT_EQ(plan.claims[0].instance_types().size(), 3U);
  EXPECT_FALSE(plan.claims[0].claim().meta.annotations.contains(kDrivers));
}

TEST(DevicePlan, DevicesRunOutAndASecondNodeIsMade) {
  // SCH-446: four on the largest type, the fifth elsewhere.
  DeviceCluster cluster;
  for (int i = 0; i < 5; ++i) {
    const std::string name = "c" + std::to_string(i);
    cluster.claim(name);
    cluster.pod("p" + std::to_string(i), name);
  }
  const Plan plan = cluster.scene.plan();
  EXPECT_TRUE(plan.unplaced.empty());
  ASSERT_EQ(plan.claims.size(), 2U);
  EXPECT_EQ(plan.claims[0].pods.size() + plan.claims[1].pods.size(), 5U);
  EXPECT_EQ(std::max(plan.claims[0].pods.size(), plan.claims[1].pods.size()), 4U);
}

TEST(DevicePlan, PublishedDevicesOfANodeAreUsedFirst) {
  // SCH-145, SCH-150, T-161: existing node preferred.
  DeviceCluster cluster;
  cluster.scene.node("node-1", "default", "test-zone-1");
  cluster.slice("node-1", {device("gpu-0")}, {.node_name = "node-1", .node_selector = {}});
  cluster.claim("a");
  cluster.claim("b");
  cluster.pod("pa", "a");
  cluster.pod("pb", "b");
  const Plan plan = cluster.scene.plan();
  EXPECT_TRUE(plan.unplaced.empty());
  ASSERT_EQ(plan.existing.size(), 1U);
  EXPECT_EQ(plan.existing[0].pods.size(), 1U);
  EXPECT_EQ(plan.claims.size(), 1U);
}

TEST(DevicePlan, ZonesOfDevicesReachTheClaim) {
  // SCH-411, T-161: zone propagation
  DeviceCluster cluster;
  cluster.slice(
      "net", {device("nic")}, {.node_name = "", .node_selector = {zone_term("test-zone-2")}});
  cluster.claim("c");
  cluster.pod("p", "c");
  cluster.pod("q", "c").spec.node_selector["topology.kubernetes.io/zone"] = "test-zone-1";
  const Plan plan = cluster.scene.plan();
  ASSERT_EQ(plan.claims.size(), 1U);
  EXPECT_EQ(requirement(plan.claims[0].claim(), kZone)->values,
            std::vector<std::string>{"test-zone-2"});
  ASSERT_EQ(plan.unplaced.size(), 1U);
  EXPECT_EQ(plan.unplaced[0].reason,
            "allocating dynamic resources, in-memory allocation topology is incompatible with "
            "NodeClaim requirements");
}

TEST(DevicePlan, ASharedClaimKeepsItsPodsTogether) {
  // SCH-422
  DeviceCluster cluster;
  cluster.claim("shared");
  cluster.pod("p", "shared");
  cluster.pod("q", "shared");
  const Plan plan = cluster.scene.plan();
  EXPECT_TRUE(plan.unplaced.empty());
  ASSERT_EQ(plan.claims.size(), 1U);
  EXPECT_EQ(plan.claims[0].pods.size(), 2U);
}

TEST(DevicePlan, MissingClaimsAndDevicesAreReasons) {
  // SCH-401, SCH-440
  DeviceCluster cluster;
  cluster.claim("many", 5);
  cluster.pod("p", "many");
  cluster.pod("q", "gone");
  const Plan plan = cluster.scene.plan();
  ASSERT_EQ(plan.unplaced.size(), 2U);
  EXPECT_EQ(plan.unplaced[0].reason,
            "allocating dynamic resources, no instance type can satisfy the allocation");
  EXPECT_EQ(plan.unplaced[1].reason, "resourceclaim \"default/gone\" not found");
}

TEST(DevicePlan, TypesThatAreTooSmallForThePodAreNotAsked) {
  // SCH-153: only gpu-4 has room, only it brings devices enough.
  DeviceCluster cluster;
  cluster.claim("c");
  cluster.pod("p", "c").spec.containers[0].resources.requests.set("cpu", k8s::Quantity::units(8));
  const Plan plan = cluster.scene.plan();
  ASSERT_EQ(plan.claims.size(), 1U);
  EXPECT_EQ(plan.claims[0].instance_types(), std::vector<std::string>{"gpu-4"});
}

TEST(DevicePlan, DevicesOfLeavingPodsMoveWithThem) {
  // SCH-278, T-XX5
  DeviceCluster cluster;
  cluster.scene.machine("node-1", "default", "test-zone-1").is_leaving = true;
  cluster.slice("net", {device("nic")}, {.node_name = "", .node_selector = {}, .all_nodes = true});
  auto& held = cluster.claim("held");
  held.allocation.emplace().results = {
      {.request = "r", .driver = kGpuDriver, .pool = "net", .device = "nic"}};
  k8s::Pod& moving = cluster.scene.bound_pod("moving", "node-1");
  moving.spec.resource_claims = {{.name = "gpu", .claim_name = "held", .template_name = ""}};
  held.reserved_for = {
      {.api_group = "", .resource = "pods", .name = "moving", .uid = moving.meta.uid}};
  const Plan plan = cluster.scene.plan();
  EXPECT_TRUE(plan.unplaced.empty());
  ASSERT_EQ(plan.claims.size(), 1U);
  EXPECT_EQ(plan.claims[0].instance_types().size(), 3U);
}

TEST(DevicePlan, MachinesOnTheirWayBringTheirDevices) {
  // SCH-404: not initialised, so the slices of the type count.
  DeviceCluster cluster;
  cluster.claim("a");
  cluster.pod("pa", "a");
  Machine& machine = cluster.scene.machine("node-1", "default", "test-zone-1");
  machine.node.meta.labels.erase("karpenter.sh/initialized");
  machine.node.meta.labels["node.kubernetes.io/instance-type"] = "gpu-1";
  const Plan plan = cluster.scene.plan();
  EXPECT_TRUE(plan.claims.empty());
  ASSERT_EQ(plan.existing.size(), 1U);
}

}  // namespace
}  // namespace plan::testing

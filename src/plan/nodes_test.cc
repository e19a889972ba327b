// Machines that exist or are on their way (spec 02 s6.1, s6.2, s6.6, s17.4).
#include <gtest/gtest.h>

#include "base/text.h"
#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

using Strings = std::vector<std::string>;

// A machine that is launched but has not joined yet.
Machine& in_flight(Scene& scene, const std::string& name, const std::string& zone = "test-zone-1") {
  Machine& machine = scene.machine(name, "default", zone);
  machine.has_node = false;
  machine.claim.meta.name = "claim-" + name;
  machine.claim.meta.labels = machine.node.meta.labels;
  machine.claim.meta.labels.erase("kubernetes.io/hostname");
  machine.claim.status.allocatable = machine.node.status.allocatable;
  machine.claim.status.capacity = machine.node.status.capacity;
  return machine;
}

// A machine that has joined but is not initialised.
Machine& uninitialized(Scene& scene, const std::string& name) {
  Machine& machine = scene.machine(name, "default", "test-zone-1");
  machine.node.meta.labels.erase("karpenter.sh/initialized");
  machine.claim.meta.name = "claim-" + name;
  machine.claim.meta.labels = machine.node.meta.labels;
  machine.claim.status.allocatable = machine.node.status.allocatable;
  machine.claim.status.capacity = machine.node.status.capacity;
  return machine;
}

k8s::Taint taint(std::string key, std::string effect) {
  return {.key = std::move(key), .value = "", .effect = std::move(effect)};
}

TEST(InFlight, ASecondPodReusesIt) {
  // SCH-134, SCH-145
  Scene scene;
  scene.pool("default");
  pods(scene, "first").select(kZone, "test-zone-2");
  scene.launch(scene.plan(), Launch::kInFlight);
  pods(scene, "second").select(kZone, "test-zone-2");
  const Plan plan = scene.plan();
  EXPECT_TRUE(plan.claims.empty());
  EXPECT_EQ(placed(plan), 2);
}

TEST(InFlight, NotByAPodThatDoesNotFit) {
  // SCH-150
  Scene scene;
  scene.pool("default");
  in_flight(scene, "node-1");
  pods(scene, "large").cpu("5");
  pods(scene, "elsewhere").select(kZone, "test-zone-2");
  const Plan plan = scene.plan();
  EXPECT_TRUE(plan.existing.empty());
  EXPECT_EQ(placed(plan), 2);
}

TEST(InFlight, NotWhenItIsLeaving) {
  // SCH-113
  Scene scene;
  scene.pool("default");
  in_flight(scene, "node-1").is_leaving = true;
  pods(scene, "web");
  EXPECT_EQ(scene.plan().claims.size(), 1u);
}

TEST(InFlight, ZoneSpreadCountsWhatWillBeThere) {
  // SCH-315, SCH-316
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 4).app("web").zone_spread();
  scene.launch(scene.plan());
  PodsOf more = pods(scene, "more", 2).app("web").zone_spread();
  EXPECT_EQ(where(scene, scene.plan(), kZone, "web"),
            (Counts{{"test-zone-1", 2}, {"test-zone-2", 2}, {"test-zone-3", 2}}));
}

TEST(InFlight, HostSpreadCountsWhatWillBeThere) {
  // SCH-304, SCH-318
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 4).app("web").host_spread();
  scene.launch(scene.plan());
  pods(scene, "more", 5).app("web").host_spread();
  const Plan plan = scene.plan();
  EXPECT_TRUE(plan.existing.empty());
  EXPECT_EQ(plan.claims.size(), 5u);
}

TEST(InFlight, IsUsableBeforeItsNodeHasTaints) {
  // SCH-35, SCH-36
  Scene scene;
  scene.pool("default");
  in_flight(scene, "node-1").claim.spec.startup_taints = {taint("starting", "NoSchedule")};
  pods(scene, "web");
  EXPECT_EQ(scene.plan().existing.size(), 1u);
}

TEST(InFlight, ItsOwnTaintsCount) {
  // SCH-35
  Scene scene;
  scene.pool("default");
  in_flight(scene, "node-1").claim.spec.taints = {taint("team", "NoSchedule")};
  pods(scene, "web");
  EXPECT_TRUE(scene.plan().existing.empty());
}

struct Joining {
  const char* key;
  const char* effect;
  bool is_ignored;
};

TEST(Uninitialized, KnownTaintsOfJoiningAreIgnored) {
  // SCH-34, SCH-35
  for (const Joining& joining :
       {Joining{"node.kubernetes.io/not-ready", "NoExecute", true},
        Joining{"node.kubernetes.io/not-ready", "NoSchedule", true},
        Joining{"node.kubernetes.io/unreachable", "NoSchedule", true},
        Joining{"node.cloudprovider.kubernetes.io/uninitialized", "NoSchedule", true},
        Joining{"karpenter.sh/unregistered", "NoExecute", true},
        Joining{"readiness.k8s.io/network", "NoSchedule", true},
        Joining{"starting", "NoSchedule", true},
        Joining{"starting", "NoExecute", false},
        Joining{"something-else", "NoSchedule", false}}) {
    Scene scene;
    scene.pool("default");
    Machine& machine = uninitialized(scene, "node-1");
    machine.claim.spec.startup_taints = {taint("starting", "NoSchedule")};
    machine.node.taints = {taint(joining.key, joining.effect)};
    pods(scene, "web");
    EXPECT_EQ(scene.plan().existing.size(), joining.is_ignored ? 1u : 0u) << joining.key;
  }
}

TEST(Initialized, TheSameTaintsAreRespected) {
  // SCH-35
  for (const char* key : {"node.kubernetes.io/not-ready", "starting"}) {
    Scene scene;
    scene.pool("default");
    Machine& machine = scene.machine("node-1", "default", "test-zone-1");
    machine.claim.spec.startup_taints = {taint("starting", "NoSchedule")};
    machine.node.taints = {taint(key, "NoSchedule")};
    pods(scene, "web");
    EXPECT_TRUE(scene.plan().existing.empty()) << key;
  }
}

TEST(Uninitialized, MissingQuantitiesComeFromTheClaim) {
  // SCH-135
  Scene scene;
  scene.pool("default");
  Machine& machine = uninitialized(scene, "node-1");
  machine.claim.status.allocatable.set("vendor.com/device", k8s::Quantity::units(1));
  machine.node.status.allocatable.set("vendor.com/device", k8s::Quantity());
  pods(scene, "web").ask("vendor.com/device", "1");
  EXPECT_EQ(scene.plan().existing.size(), 1u);
}

TEST(Initialized, ZeroMeansZero) {
  // SCH-135
  Scene scene;
  scene.pool("default");
  Machine& machine = scene.machine("node-1", "default", "test-zone-1");
  machine.claim.status.allocatable.set("vendor.com/device", k8s::Quantity::units(1));
  machine.node.status.allocatable.set("vendor.com/device", k8s::Quantity());
  pods(scene, "web").ask("vendor.com/device", "1");
  EXPECT_TRUE(scene.plan().existing.empty());
}

TEST(ExistingNodes, InitializedOnesComeFirst) {
  // SCH-134
  Scene scene;
  scene.pool("default");
  for (int i = 0; i < 100; ++i) {
    in_flight(scene, base::concat("a-", i));
  }
  scene.node("z", "default", "test-zone-1");
  pods(scene, "web");
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.existing.size(), 1u);
  EXPECT_EQ(scene.snapshot().nodes[plan.existing[0].node].name(), "z");
}

TEST(ExistingNodes, ThenByName) {
  // SCH-134
  Scene scene;
  scene.pool("default");
  scene.node("b", "default", "test-zone-1");
  scene.node("a", "default", "test-zone-1");
  pods(scene, "web");
  const Plan plan = scene.plan();
  EXPECT_EQ(scene.snapshot().nodes[plan.existing.at(0).node].name(), "a");
}

TEST(ExistingNodes, TheirHostnameIsTheLabelOrElseTheName) {
  // SCH-137
  for (const bool has_label : {true, false}) {
    Scene scene;
    scene.pool("default");
    k8s::Node& node = scene.node("node-1", "default", "test-zone-1");
    if (has_label) {
      node.meta.labels[kHost] = "host-1";
    } else {
      node.meta.labels.erase(kHost);
    }
    pods(scene, "web").near(kHost, "db");
    bound(scene, "db", "node-1").app("db");
    EXPECT_EQ(scene.plan().existing.size(), 1u);
    pods(scene, "far").near(kHost, "nobody");
    const std::string reason = scene.reason(scene.plan(), "far");
    EXPECT_NE(reason, "");
  }
}

TEST(ExistingNodes, UnmanagedOnesAreUsed) {
  // SCH-134
  Scene scene;
  scene.pool("default");
  Machine& machine = scene.machine("own", "", "test-zone-1");
  machine.has_claim = false;
  machine.node.meta.labels.erase("karpenter.sh/nodepool");
  pods(scene, "web", 3);
  const Plan plan = scene.plan();
  EXPECT_TRUE(plan.claims.empty());
  EXPECT_EQ(placed(plan), 3);
}

TEST(ExistingNodes, UnknownLabelsAreNotAssumed) {
  // SCH-152
  Scene scene;
  scene.pool("default").template_labels["team"] = "a";
  scene.node("node-1", "default", "test-zone-1");
  pods(scene, "in").select("team", "a");
  pods(scene, "region").need(term("topology.kubernetes.io/region", "Exists", {}));
  pods(scene, "absent").need(term("team", "DoesNotExist", {}));
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.existing.size(), 1u);
  EXPECT_EQ(scene.pod_name(plan.existing[0].pods.at(0)), "absent");
  EXPECT_EQ(placed(plan), 3);
}

TEST(ExistingNodes, AreNarrowedByTheirPods) {
  // SCH-151
  Scene scene;
  scene.pool("default");
  scene.node("node-1", "default", "test-zone-1");
  pods(scene, "exists").need(term(kZone, "Exists", {}));
  pods(scene, "second").select(kZone, "test-zone-1");
  EXPECT_EQ(scene.plan().existing.at(0).pods.size(), 2u);
}

TEST(ExistingNodes, OvercommittedOnesTakeNothing) {
  // SCH-601
  Scene scene;
  scene.pool("default");
  scene.node("node-1", "default", "test-zone-1");
  bound(scene, "huge", "node-1").cpu("5");
  pods(scene, "web").cpu("0").memory("0");
  EXPECT_TRUE(scene.plan().existing.empty());
}

TEST(ExistingNodes, AreFilledBeforeAnythingIsLaunched) {
  // SCH-145
  Scene scene;
  scene.pool("default");
  int round = 0;
  for (const int count : {3, 7, 2, 9, 1}) {
    pods(scene, base::concat("batch-", round++), count).cpu("400m");
    scene.launch(scene.plan());
  }
  int with_room = 0;
  scene.plan();
  scene.snapshot().nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    k8s::Resources free = row.allocatable();
    free.subtract(row.pod_requests);
    with_room += free.get("cpu") >= k8s::Quantity::milli(400) ? 1 : 0;
  });
  EXPECT_LE(with_room, 1);
}

TEST(ExistingNodes, PodsAreNeverBoundByUs) {
  // SCH-609
  Scene scene;
  scene.pool("default");
  scene.node("node-1", "default", "test-zone-1");
  pods(scene, "web");
  const Plan plan = scene.plan();
  EXPECT_EQ(scene.snapshot().pods[plan.existing.at(0).pods.at(0)].pod->spec.node_name, "");
}

TEST(ExistingNodes, OneRemovedForAWhatIfDoesNotCount) {
  // SCH-270, SCH-276
  Scene scene;
  scene.pool("default");
  scene.node("node-1", "default", "test-zone-1");
  pods(scene, "web");
  scene.build();
  const std::vector<world::NodeId> removed{0};
  const std::vector<world::PodId> ids{0};
  const Plan plan =
      compute_plan({.snapshot = scene.snapshot(), .pods = ids, .removed = removed, .options = {}});
  EXPECT_TRUE(plan.existing.empty());
  EXPECT_EQ(plan.claims.size(), 1u);
}

TEST(ExistingNodes, ZonalGroupsConvergeAcrossPasses) {
  // SCH-330, SCH-332
  Scene scene(make_catalogue({make_type("a", 2, 4, 2)}));
  scene.pool("default");
  Counts last;
  for (int round = 0; round < 3; ++round) {
    pods(scene, base::concat("round-", round), 3).app("web").near(kZone, "web");
    const Plan plan = scene.plan();
    last = where(scene, plan, kZone, "web");
    scene.launch(plan);
  }
  EXPECT_EQ(last, (Counts{{"test-zone-1", 9}}));
}

}  // namespace
}  // namespace plan::testing

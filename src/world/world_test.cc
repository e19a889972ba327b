#include "world/world.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "world/names.h"
#include "world/pods.h"
#include "world/world_testing.h"

namespace world {
namespace {

using namespace world::testing;

const NodeRow& row_of_claim(World& world, const std::string& claim) {
  return world.nodes()[world.find_claim(claim).value()];
}

TEST(World, MergesNodeAndClaimByProviderIdInEitherOrder) {
  // LIF-20
  World world;
  put(world, make_launched_claim("a"));
  put(world, make_node("a"));
  put(world, make_node("b"));
  put(world, make_launched_claim("b"));
  EXPECT_EQ(world.nodes().size(), 2U);
  for (const std::string name : {"a", "b"}) {
    EXPECT_EQ(world.find_node("node-" + name), world.find_claim(name));
    EXPECT_NE(row_of_claim(world, name).node, nullptr);
  }
}

TEST(World, DropsARowOnlyWhenBothHalvesAreGone) {
  // LIF-25, LIF-27
  World world;
  put(world, make_launched_claim("a"));
  put(world, make_ready_node("a"));
  remove(world, make_launched_claim("a"));
  EXPECT_EQ(world.nodes().size(), 1U);
  EXPECT_FALSE(world.find_claim("a"));
  remove(world, make_ready_node("a"));
  EXPECT_EQ(world.nodes().size(), 0U);
  EXPECT_FALSE(world.find_provider("id-a"));
}

TEST(World, TakesTheNewProviderIdOfANode) {
  // LIF-23
  World world;
  k8s::Node node = make_node("a");
  node.provider_id.clear();
  node.meta.labels.clear();
  put(world, node);
  put(world, make_launched_claim("a"));
  EXPECT_EQ(world.nodes().size(), 2U);
  put(world, make_node("a"));
  EXPECT_EQ(world.nodes().size(), 1U);
  EXPECT_EQ(world.find_node("node-a"), world.find_claim("a"));
}

TEST(World, TakesTheNewProviderIdOfAClaim) {
  // LIF-21: somebody forged it; the machine it was launched as comes up later, or is there already.
  for (const bool is_node_there : {false, true}) {
    World world;
    const k8s::Node node = make_ready_node("a");
    k8s::NodeClaim claim = make_launched_claim("a");
    put(world, claim);
    if (is_node_there) {
      put(world, node);
    }
    const std::string launched_as = claim.status.provider_id;
    claim.status.provider_id = "unknown";
    put(world, claim);
    EXPECT_EQ(world.find_provider("unknown"), world.find_claim("a"));
    remove(world, claim);
    EXPECT_FALSE(world.find_provider("unknown"));
    EXPECT_EQ(world.find_provider(launched_as).has_value(), is_node_there);
    put(world, node);
    ASSERT_TRUE(world.find_node(node.meta.name));
    EXPECT_EQ(world.find_provider(launched_as), world.find_node(node.meta.name));
    EXPECT_EQ(world.snapshot(kNow)->nodes.size(), 1U);
  }
}

TEST(World, NodesOfAPoolAreIgnoredUntilTheyHaveAProviderId) {
  // LIF-21
  World world;
  k8s::Node node = make_node("a");
  node.provider_id.clear();
  put(world, node);
  EXPECT_EQ(world.nodes().size(), 0U);
  put(world, make_node("a"));
  EXPECT_TRUE(world.find_node("node-a"));
  put(world, node);
  EXPECT_FALSE(world.find_node("node-a"));
}

TEST(World, FlagsTwoNodesOfOneProviderIdUntilOneIsGone) {
  // LIF-81
  World world;
  put(world, make_launched_claim("a"));
  put(world, make_node("a"));
  k8s::Node twin = make_node("a");
  twin.meta.name = "twin";
  put(world, twin);
  EXPECT_TRUE(row_of_claim(world, "a").is_duplicated);
  remove(world, make_node("a"));
  EXPECT_FALSE(row_of_claim(world, "a").is_duplicated);
  EXPECT_EQ(row_of_claim(world, "a").node->meta.name, "twin");
  EXPECT_EQ(world.nodes().size(), 1U);
}

TEST(World, CountsPodsSeenBeforeAndAfterTheirNode) {
  // LIF-26, LIF-28
  World world;
  put(world, make_pod("early", "node-a"));
  put(world, make_ready_node("a"));
  put(world, make_launched_claim("a"));
  put(world, make_pod("late", "node-a"));
  EXPECT_EQ(row_of_claim(world, "a").pods.size(), 2U);
  EXPECT_EQ(row_of_claim(world, "a").pod_requests.get("cpu"), k8s::Quantity::units(2));
  k8s::Pod done = make_pod("early", "node-a");
  done.status.phase = "Succeeded";
  put(world, done);
  remove(world, make_pod("late", "node-a"));
  EXPECT_TRUE(row_of_claim(world, "a").pods.empty());
  EXPECT_TRUE(row_of_claim(world, "a").pod_requests.get("cpu").is_zero());
}

TEST(World, UsageOfAPoolLeavesOutMachinesThatAreGoing) {
  // LIF-48
  World world;
  put(world, make_pool("default"));
  put(world, make_launched_claim("a"));
  put(world, make_launched_claim("b"));
  EXPECT_EQ(world.snapshot(kNow)->pools[0]->usage.get("nodes"), k8s::Quantity::units(2));
  world.add_intent({.kind = IntentKind::kDeletion, .claim = "a"});
  k8s::NodeClaim deleting = make_launched_claim("b");
  deleting.meta.deletion_time = kNow;
  put(world, deleting);
  EXPECT_TRUE(world.snapshot(kNow)->pools[0]->usage.empty());
  world.drop_intent(IntentKind::kDeletion, "a");
  EXPECT_EQ(world.snapshot(kNow)->pools[0]->usage.get("cpu"), k8s::Quantity::units(4));
}

TEST(World, NominationExtendsAndExpires) {
  // LIF-38
  World world;
  put(world, make_launched_claim("a"));
  world.add_intent({.kind = IntentKind::kNomination, .claim = "a", .until = kNow + 20});
  world.add_intent({.kind = IntentKind::kNomination, .claim = "a", .until = kNow + 10});
  world.snapshot(kNow + 19);
  EXPECT_EQ(row_of_claim(world, "a").nominated_until, kNow + 20);
  world.snapshot(kNow + 20);
  EXPECT_EQ(row_of_claim(world, "a").nominated_until, 0);
}

TEST(World, IsSyncedWhenListsAreCompleteAndEveryClaimIsLaunched) {
  // LIF-41, LIF-42
  World world;
  for (const k8s::Kind kind : kWorldKinds) {
    EXPECT_FALSE(world.is_synced());
    world.apply({kind, k8s::EventOp::kSynced, nullptr});
  }
  EXPECT_TRUE(world.is_synced());
  world.add_intent({.kind = IntentKind::kCreatedClaim, .claim = "a"});
  EXPECT_FALSE(world.is_synced());
  put(world, make_claim("a"));
  EXPECT_FALSE(world.is_synced());
  put(world, make_launched_claim("a"));
  EXPECT_TRUE(world.is_synced());
}

TEST(World, LooksAtServicesOnlyForDefaultSpread) {
  // OPR-19: the chart does not grant them.
  const auto services = [](bool wanted) {
    return std::ranges::count(World({.wants_services = wanted}).kinds(), k8s::Kind::kService);
  };
  EXPECT_EQ(services(false), 0);
  EXPECT_EQ(services(true), 1);
}

TEST(World, WaitsForTheKindsOfFeaturesThatAreOn) {
  // SCH-402, SCH-280
  World world({.wants_devices = true, .wants_buffers = true});
  EXPECT_EQ(world.kinds().size(), kWorldKinds.size() + 5);
  for (const k8s::Kind kind : kWorldKinds) {
    world.apply({kind, k8s::EventOp::kSynced, nullptr});
  }
  EXPECT_FALSE(world.is_synced());
  for (const k8s::Kind kind : {k8s::Kind::kResourceClaim,
                               k8s::Kind::kResourceSlice,
                               k8s::Kind::kDeviceClass,
                               k8s::Kind::kCapacityBuffer,
                               k8s::Kind::kPodTemplate}) {
    world.apply({kind, k8s::EventOp::kSynced, nullptr});
  }
  EXPECT_TRUE(world.is_synced());
}

TEST(World, KeepsDevicesAndBuffers) {
  // SCH-402, SCH-280
  World world;
  k8s::ResourceSlice slice;
  slice.meta.name = "slice";
  put(world, slice);
  k8s::CapacityBuffer buffer;
  buffer.meta.name = "buffer";
  put(world, buffer);
  const SnapshotPtr before = world.snapshot(kNow);
  ASSERT_EQ(before->resource_slices.size(), 1U);
  EXPECT_EQ(before->capacity_buffers.size(), 1U);
  remove(world, slice);
  EXPECT_TRUE(world.snapshot(kNow)->resource_slices.empty());
  EXPECT_EQ(before->resource_slices.size(), 1U);
}

TEST(World, PodsWithDifferentClaimsDifferInShape) {
  // SCH-401
  const auto shape = [](std::string claim_name) {
    k8s::Pod pod = make_pod("p");
    pod.spec.resource_claims = {{.name = "gpu", .claim_name = "", .template_name = "t"},
                                {.name = "nic", .claim_name = "shared", .template_name = ""}};
    pod.status.claim_statuses = {{.name = "gpu", .claim_name = std::move(claim_name)}};
    return model::make_pod_shape(pod);
  };
  EXPECT_EQ(shape("p-gpu").resource_claims, (std::vector<std::string>{"p-gpu", "shared"}));
  EXPECT_EQ(shape("").resource_claims, std::vector<std::string>{"shared"});
  model::PodShapes shapes;
  k8s::Pod pod = make_pod("p");
  const auto without = shapes.intern(pod);
  pod.spec.resource_claims = {{.name = "nic", .claim_name = "shared", .template_name = ""}};
  EXPECT_NE(shapes.intern(pod), without);
}

TEST(World, SnapshotsDoNotChange) {
  World world;
  put(world, make_launched_claim("a"));
  put(world, make_ready_node("a"));
  const SnapshotPtr before = world.snapshot(kNow);
  EXPECT_EQ(world.snapshot(kNow), before);
  put(world, make_pod("p", "node-a"));
  EXPECT_TRUE(before->nodes[0].pods.empty());
  EXPECT_EQ(before->pods.size(), 0U);
  EXPECT_GT(world.snapshot(kNow)->epoch, before->epoch);
}

TEST(World, ClaimSpeaksForTheMachineUntilItIsRegistered) {
  // LIF-33, LIF-34
  World world;
  k8s::NodeClaim claim = make_launched_claim("a");
  claim.spec.startup_taints = {{.key = "boot", .value = "", .effect = "NoSchedule"}};
  claim.spec.taints = {{.key = "gpu", .value = "", .effect = "NoSchedule"}};
  put(world, claim);
  k8s::Node node = make_node("a");
  node.taints = {unregistered_taint()};
  put(world, node);
  EXPECT_EQ(row_of_claim(world, "a").name(), "a");
  ASSERT_EQ(row_of_claim(world, "a").taints().size(), 1U);
  node.meta.labels[std::string(kRegisteredLabel)] = "true";
  node.taints = {claim.spec.startup_taints[0]};
  put(world, node);
  EXPECT_EQ(row_of_claim(world, "a").name(), "node-a");
  EXPECT_TRUE(row_of_claim(world, "a").taints().empty());
}

TEST(World, FillsFiguresFromTheClaimUntilInitialised) {
  // LIF-35
  World world;
  k8s::NodeClaim claim = make_launched_claim("a");
  claim.status.allocatable.set("gpu", k8s::Quantity::units(1));
  put(world, claim);
  k8s::Node node = make_node("a");
  node.status.allocatable.set("cpu", k8s::Quantity::units(3));
  put(world, node);
  EXPECT_EQ(row_of_claim(world, "a").allocatable().get("cpu"), k8s::Quantity::units(3));
  EXPECT_EQ(row_of_claim(world, "a").allocatable().get("gpu"), k8s::Quantity::units(1));
  node.meta.labels[std::string(kInitializedLabel)] = "true";
  put(world, node);
  EXPECT_TRUE(row_of_claim(world, "a").allocatable().get("gpu").is_zero());
}

TEST(World, NewestLivePodStandsForItsDaemonSet) {
  // SCH-211
  World world;
  k8s::Workload daemon_set(k8s::Kind::kDaemonSet);
  daemon_set.meta.namespace_ = "default";
  daemon_set.meta.name = "agent";
  put(world, daemon_set);
  EXPECT_EQ(world.snapshot(kNow)->daemon_pods[0]->meta.name, "agent");
  k8s::Pod pod = make_pod("agent-1", "node-a");
  pod.meta.owners = {{.api_version = "apps/v1",
                      .kind = "DaemonSet",
                      .name = "agent",
                      .uid = "u",
                      .controller = true,
                      .block_owner_deletion = false}};
  put(world, pod);
  EXPECT_EQ(world.snapshot(kNow)->daemon_pods[0]->meta.name, "agent-1");
  remove(world, pod);
  EXPECT_EQ(world.snapshot(kNow)->daemon_pods[0]->meta.name, "agent");
}

TEST(World, SeesOnlyNodeClassKindsThatAreOurs) {
  World world({.class_kinds = {{"karpenter.kwok.sh", "KWOKNodeClass"}}, .assume_ready = false});
  put(world, make_pool("default"));
  put(world, make_claim("a"));
  EXPECT_TRUE(world.snapshot(kNow)->pools.empty());
  EXPECT_EQ(world.nodes().size(), 0U);
}

TEST(World, KnowsThePodsThatAreGuarded) {
  // DIS-35
  World world;
  k8s::Pod pod = make_pod("p", "n");
  put(world, make_pod("other", "n"));
  put(world, pod);
  EXPECT_TRUE(world.guarded_pods().empty());
  pod.meta.annotations[kDoNotDisruptAnnotation] = "1h";
  put(world, pod);
  EXPECT_EQ(world.guarded_pods(), std::set<PodId>{*world.find_pod("default", "p")});
  pod.meta.annotations.clear();
  put(world, pod);
  EXPECT_TRUE(world.guarded_pods().empty());
  pod.meta.annotations[kDoNotDisruptAnnotation] = "true";
  put(world, pod);
  remove(world, pod);
  EXPECT_TRUE(world.guarded_pods().empty());
}

TEST(World, ForgetsIntentsWhenTheyEnd) {
  World world;
  put(world, make_claim("a"));
  const auto nominate = [&](const std::string& claim, k8s::TimeNs until) {
    world.add_intent({.kind = IntentKind::kNomination, .claim = claim, .until = until});
  };
  nominate("a", kNow + 20);
  nominate("b", kNow + 10);
  nominate("c", 0);
  world.snapshot(kNow + 10);
  EXPECT_TRUE(world.has_intent(IntentKind::kNomination, "a"));
  EXPECT_FALSE(world.has_intent(IntentKind::kNomination, "b"));
  EXPECT_EQ(world.snapshot(kNow + 20)->nodes[*world.find_claim("a")].nominated_until, 0);
  EXPECT_TRUE(world.has_intent(IntentKind::kNomination, "c"));
}

TEST(World, NamesWhyAPoolCannotBeUsed) {
  // SCH-114
  World world;
  k8s::NodePool pool = make_pool("default");
  put(world, pool);
  EXPECT_EQ(world.snapshot(kNow)->pools[0]->unready_reason, "");
  set_condition(pool.conditions, "Ready", "False");
  put(world, pool);
  EXPECT_EQ(world.snapshot(kNow)->pools[0]->unready_reason, "not ready");
  pool.replicas = 1;
  put(world, pool);
  EXPECT_EQ(world.snapshot(kNow)->pools[0]->unready_reason, "static");
}

TEST(Pods, DurationProtectsFromTheStartOnly) {
  // DIS-34
  k8s::Pod pod = make_pod("p", "n");
  auto& value = pod.meta.annotations[std::string(kDoNotDisruptAnnotation)];
  value = "true";
  EXPECT_TRUE(do_not_disrupt(pod, kNow).is_active);
  value = "1h";
  EXPECT_TRUE(do_not_disrupt(pod, kNow).is_active);
  pod.status.start_time = kNow - 3600LL * 1'000'000'000;
  EXPECT_FALSE(do_not_disrupt(pod, kNow).is_active);
  EXPECT_TRUE(do_not_disrupt(pod, kNow - 1).is_active);
  for (const char* text : {"false", "0s", "-5m", "invalid"}) {
    value = text;
    EXPECT_FALSE(do_not_disrupt(pod, kNow).is_active) << text;
    EXPECT_FALSE(do_not_disrupt(pod, kNow).error.empty()) << text;
  }
}

}  // namespace
}  // namespace world

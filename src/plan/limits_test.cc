// Limits of pools (spec 02 s6.1, s6.8, s17.7).
#include <gtest/gtest.h>

#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

k8s::Resources cpu(int cores) {
  return {{"cpu", k8s::Quantity::units(cores)}};
}

// One type of 2 cores, or of the given ones.
Scene scene_with(const k8s::Resources& limits, int cores = 2) {
  Scene scene(make_catalogue({make_type("a", cores, 8, 10)}));
  scene.pool("default").limits = limits;
  return scene;
}

TEST(Limits, UsageAboveTheLimitPlansNothing) {
  // SCH-133, SCH-158
  Scene scene = scene_with(cpu(3));
  scene.node("node-1", "default", "test-zone-1");  // 4 cores.
  pods(scene, "web").cpu("4500m");
  pods(scene, "small").host_port(80);
  bound(scene, "busy", "node-1").host_port(80);
  const Plan plan = scene.plan();
  EXPECT_EQ(placed(plan), 0);
  EXPECT_EQ(scene.reason(plan, "small"),
            "all available instance types exceed limits for nodepool (NodePool=default)");
}

TEST(Limits, TheExactLimitIsAllowed) {
  // SCH-159
  Scene scene = scene_with(cpu(2));
  pods(scene, "web");
  EXPECT_EQ(placed(scene.plan()), 1);
}

TEST(Limits, OnlyAsManyNodesAsFit) {
  // SCH-157, SCH-158
  Scene scene = scene_with(cpu(3));
  pods(scene, "web", 2).cpu("1500m");
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.size(), 1u);
  EXPECT_EQ(plan.unplaced.size(), 1u);
}

TEST(Limits, PodsThatShareANodeFit) {
  // SCH-157
  Scene scene = scene_with(cpu(3));
  pods(scene, "web", 2).cpu("800m");
  EXPECT_EQ(placed(scene.plan()), 2);
}

TEST(Limits, ARequestThatNeedsALargerTypeFails) {
  // SCH-158
  Scene scene;
  scene.pool("default").limits = cpu(4);
  pods(scene, "web").cpu("6");
  EXPECT_TRUE(
      scene.reason(scene.plan(), "web").starts_with("no instance type has enough resources"));
}

TEST(Limits, PodsAreAResourceLikeAnyOther) {
  // SCH-158, SCH-612
  cloud::InstanceType device = make_type("device", 4, 8, 10);
  device.capacity.set("vendor.com/gpu", k8s::Quantity::units(1));
  Scene scene(make_catalogue({device}));
  scene.pool("default").limits = {{"pods", k8s::Quantity::units(9)}};
  pods(scene, "web").ask("vendor.com/gpu", "1");
  EXPECT_EQ(placed(scene.plan()), 0);
}

TEST(Limits, ResourcesThatTypesLackNeverExclude) {
  // SCH-159
  Scene scene = scene_with({{"vendor.com/gpu", k8s::Quantity()}});
  pods(scene, "web");
  EXPECT_EQ(placed(scene.plan()), 1);
}

TEST(Limits, ANegativeRestExcludesEvenThose) {
  // SCH-159
  Scene scene = scene_with({{"vendor.com/gpu", k8s::Quantity::units(1)}});
  k8s::Node& node = scene.node("node-1", "default", "test-zone-1");
  node.status.capacity.set("vendor.com/gpu", k8s::Quantity::units(2));
  pods(scene, "web").cpu("4500m").memory("1Mi");
  EXPECT_EQ(placed(scene.plan()), 0);
}

TEST(Limits, LaterRoundsSeeWhatWasUsed) {
  // SCH-133
  Scene scene = scene_with(cpu(4));
  pods(scene, "first").cpu("1500m");
  scene.launch(scene.plan());
  pods(scene, "second").cpu("1500m");
  scene.launch(scene.plan());
  pods(scene, "third").cpu("1500m");
  EXPECT_EQ(placed(scene.plan()), 0);
}

TEST(Limits, NodesStopTheThird) {
  // SCH-158
  Scene scene = scene_with({{"nodes", k8s::Quantity::units(2)}});
  for (const char* name : {"a", "b", "c"}) {
    pods(scene, name).cpu("1500m");
    const Plan plan = scene.plan();
    if (std::string(name) == "c") {
      EXPECT_EQ(scene.reason(plan, "c"),
                "node limits have been exhausted for nodepool (NodePool=default)");
    }
    scene.launch(plan);
  }
}

TEST(Limits, NodesOfTheSameBatchCount) {
  // SCH-160
  Scene scene = scene_with({{"nodes", k8s::Quantity::units(2)}});
  pods(scene, "web", 3).cpu("1500m");
  EXPECT_EQ(scene.plan().claims.size(), 2u);
}

TEST(Limits, NodesThatAreLeavingDoNotCount) {
  // SCH-133
  Scene scene = scene_with(cpu(4));
  scene.machine("node-1", "default", "test-zone-1").is_leaving = true;
  bound(scene, "web", "node-1");
  EXPECT_EQ(scene.plan().claims.size(), 1u);
}

TEST(Limits, OtherPoolsTakeOver) {
  // SCH-145, SCH-158
  Scene scene = scene_with(cpu(2));
  scene.pool("a-second");
  pods(scene, "web", 2).cpu("1500m");
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 2u);
  EXPECT_EQ(plan.claims[1].pool()->meta.name, "a-second");
}

TEST(Limits, AreChargedByTheLargestTypeLeft) {
  // SCH-157
  Scene scene;
  scene.pool("default").limits = cpu(12);
  pods(scene, "web", 2).cpu("6");
  EXPECT_EQ(scene.plan().claims.size(), 1u);
}

TEST(Limits, InFlightClaimsCountByTheirStatus) {
  // SCH-133
  Scene scene = scene_with(cpu(3));
  pods(scene, "first").cpu("1500m");
  scene.launch(scene.plan(), Launch::kInFlight);
  pods(scene, "second").cpu("1500m");
  const Plan plan = scene.plan();
  EXPECT_TRUE(plan.claims.empty());
  EXPECT_EQ(placed(plan), 1);
}

}  // namespace
}  // namespace plan::testing

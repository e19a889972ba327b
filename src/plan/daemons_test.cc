// Daemon sets: what they take from nodes, new and existing (spec 02 s6.2, s7.3, s17.4).
#include <functional>

#include <gtest/gtest.h>

#include "base/text.h"
#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

std::string pods_of(const Plan& plan) {
  return plan.claims.empty() ? "none" : plan.claims[0].claim().spec.requests.get("pods").text();
}

TEST(Daemons, TakeRoomOnNewNodes) {
  // SCH-180, SCH-210
  Scene scene;
  scene.pool("default");
  scene.daemon("agent");
  pods(scene, "web").cpu("500m");
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.at(0).cheapest().instance_type, "fake-it-1");
}

TEST(Daemons, AreCountedOncePerNode) {
  // SCH-155, SCH-214
  Scene scene;
  scene.pool("default");
  scene.daemon("agent");
  pods(scene, "web", 3);
  EXPECT_EQ(pods_of(scene.plan()), "4");
}

TEST(Daemons, ThatDoNotRunThereTakeNothing) {
  // SCH-212
  const std::vector<std::function<void(k8s::Pod&)>> elsewhere{
      [](k8s::Pod& d) { d.spec.node_selector[kArch] = "arm64"; },
      [](k8s::Pod& d) { d.spec.node_selector["unknown"] = "x"; },
      [](k8s::Pod& d) {
        d.spec.node_affinity.required = {{.match_expressions = {term(kZone, "In", {"nowhere"})}}};
      },
      [](k8s::Pod& d) { d.spec.resource_claims.push_back({.name = "gpu"}); },
  };
  for (const auto& change : elsewhere) {
    Scene scene;
    scene.pool("default");
    change(scene.daemon("agent"));
    pods(scene, "web");
    EXPECT_EQ(pods_of(scene.plan()), "1");
  }
}

TEST(Daemons, MustTolerateThePool) {
  // SCH-212
  for (const bool tolerates : {true, false}) {
    Scene scene;
    scene.pool("default").template_spec.taints.push_back(
        {.key = "team", .value = "", .effect = "NoSchedule"});
    PodsOf daemon({&scene.daemon("agent")});
    if (tolerates) {
      daemon.tolerate("team");
    }
    pods(scene, "web").tolerate("team");
    EXPECT_EQ(pods_of(scene.plan()), tolerates ? "2" : "1");
  }
}

TEST(Daemons, NeedNoToleranceOfPreferencesAndStartupTaints) {
  // SCH-212
  Scene scene;
  k8s::NodePool& pool = scene.pool("default");
  pool.template_spec.taints.push_back({.key = "team", .value = "", .effect = "PreferNoSchedule"});
  pool.template_spec.startup_taints.push_back(
      {.key = "starting", .value = "", .effect = "NoSchedule"});
  scene.daemon("agent");
  pods(scene, "web");
  EXPECT_EQ(pods_of(scene.plan()), "2");
}

TEST(Daemons, PreferencesAndPodAffinityDoNotMatter) {
  // SCH-212
  Scene scene;
  scene.pool("default");
  PodsOf({&scene.daemon("agent")})
      .prefer(1, term(kZone, "In", {"nowhere"}))
      .near(kHost, "nobody")
      .spread("unknown");
  pods(scene, "web");
  EXPECT_EQ(pods_of(scene.plan()), "2");
}

TEST(Daemons, EveryTermIsLookedAtForEveryType) {
  // SCH-212, SCH-213
  for (const char* arch : {"amd64", "arm64"}) {
    Scene scene(
        make_catalogue({make_type("amd", 4, 8, 10), make_type("arm", 4, 8, 10, {"z"}, "arm64")}));
    scene.pool("default");
    PodsOf({&scene.daemon("agent")})
        .or_need(term(kArch, "In", {"amd64"}))
        .or_need(term(kArch, "In", {"arm64"}));
    pods(scene, "web").select(kArch, arch);
    EXPECT_EQ(pods_of(scene.plan()), "2") << arch;
  }
}

TEST(Daemons, OfSomeTypesWeighOnThoseOnly) {
  // SCH-180, SCH-210
  Scene scene(fake_catalogue(6));
  scene.pool("default");
  PodsOf({&scene.daemon("agent")}).need(term("size", "In", {"small"})).cpu("3");
  // 3.5 cores fit the small type of 4 cores, but not beside the daemon.
  pods(scene, "web").cpu("3500m");
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.at(0).cheapest().instance_type, "fake-it-4");
  EXPECT_EQ(pods_of(plan), "1");
}

TEST(Daemons, TheClaimAsksForTheLeastOfTheRemainingTypes) {
  // SCH-214
  Scene scene(fake_catalogue(6));
  scene.pool("default");
  scene.daemon("everywhere");
  PodsOf({&scene.daemon("small")}).need(term("size", "In", {"small"}));
  pods(scene, "web").cpu("1");
  const Plan plan = scene.plan();
  EXPECT_EQ(pods_of(plan), "2");
  EXPECT_EQ(plan.claims[0].claim().spec.requests.get("cpu").text(), "1500m");
}

TEST(Daemons, HostPortsBlockOnlyWhereTheyRun) {
  // SCH-41, SCH-180, SCH-215
  Scene scene(fake_catalogue(6));
  scene.pool("default");
  PodsOf({&scene.daemon("agent")}).need(term("size", "In", {"small"})).host_port(80);
  pods(scene, "web").host_port(80);
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.at(0).instance_types(),
            (std::vector<std::string>{"fake-it-4", "fake-it-5"}));
}

TEST(Daemons, HostPortsEverywhereBlockEverything) {
  // SCH-41, SCH-184
  Scene scene;
  scene.pool("default");
  PodsOf({&scene.daemon("agent")}).host_port(80);
  pods(scene, "web").host_port(80);
  EXPECT_EQ(placed(scene.plan()), 0);
}

TEST(Daemons, ExpectedOnesTakeRoomOnExistingNodes) {
  // SCH-136
  Scene scene;
  scene.pool("default");
  scene.node("node-1", "default", "test-zone-1");
  scene.daemon("agent");
  pods(scene, "web").cpu("3800m");
  EXPECT_TRUE(scene.plan().existing.empty());
}

TEST(Daemons, BoundOnesAreNotCountedTwice) {
  // SCH-136
  Scene scene;
  scene.pool("default");
  scene.node("node-1", "default", "test-zone-1");
  scene.daemon("agent");
  bound(scene, "agent-1", "node-1").owner("apps/v1", "DaemonSet", "agent").cpu("500m");
  pods(scene, "web").cpu("3500m");
  EXPECT_EQ(scene.plan().existing.size(), 1u);
}

TEST(Daemons, UnexpectedOnesNeverGiveRoom) {
  // SCH-136
  Scene scene;
  scene.pool("default");
  scene.node("node-1", "default", "test-zone-1");
  bound(scene, "unknown", "node-1").owner("apps/v1", "DaemonSet", "unknown").cpu("1");
  pods(scene, "web").cpu("3500m");
  EXPECT_TRUE(scene.plan().existing.empty());
}

TEST(Daemons, OnExistingNodesOnlyIfStrictlyCompatible) {
  // SCH-136
  Scene scene;
  scene.pool("default");
  scene.node("node-1", "default", "test-zone-1");
  PodsOf({&scene.daemon("agent")}).cpu("2").select("team", "a");
  PodsOf({&scene.daemon("regional")})
      .cpu("2")
      .need(term("topology.kubernetes.io/region", "Exists", {}));
  pods(scene, "web").cpu("3500m");
  EXPECT_EQ(scene.plan().existing.size(), 1u);
}

TEST(Daemons, TermsAreAllLookedAtOnExistingNodes) {
  // SCH-136, SCH-138
  Scene scene;
  scene.pool("default");
  scene.node("node-1", "default", "test-zone-1");
  PodsOf({&scene.daemon("agent")})
      .cpu("2")
      .or_need(term(kZone, "In", {"nowhere"}))
      .or_need(term(kZone, "In", {"test-zone-1"}));
  pods(scene, "web").cpu("3500m");
  EXPECT_TRUE(scene.plan().existing.empty());
}

TEST(Daemons, SeveralOnSeveralNodesLeaveTheRightRoom) {
  // SCH-136
  Scene scene;
  scene.pool("default");
  for (int i = 0; i < 3; ++i) {
    scene.node(base::concat("node-", i), "default", "test-zone-1");
  }
  scene.daemon("a");
  scene.daemon("b");
  pods(scene, "web", 7).cpu("1");
  // Three cores are left of each node.
  EXPECT_TRUE(scene.plan().claims.empty());
}

}  // namespace
}  // namespace plan::testing

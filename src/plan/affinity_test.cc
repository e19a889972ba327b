// Pod affinity and anti-affinity, own and of others (spec 02 s9.4, s9.5, s17.9).
#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "base/text.h"
#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

using Strings = std::vector<std::string>;

TEST(Affinity, WithoutTermsIsNothing) {
  // SCH-330
  Scene scene;
  scene.pool("default");
  pods(scene, "web").each([](k8s::Pod& pod) { pod.spec.pod_affinity = {}; });
  EXPECT_EQ(placed(scene.plan()), 1);
}

TEST(Affinity, ToAnotherPodOfTheBatch) {
  // SCH-331, SCH-333
  Scene scene;
  scene.pool("default");
  pods(scene, "other", 10).cpu("3");
  pods(scene, "follower").near(kHost, "target");
  pods(scene, "target").app("target").cpu("1");
  for (const Strings& names : scene.claims(scene.plan())) {
    EXPECT_EQ(std::ranges::count(names, "follower"), std::ranges::count(names, "target"));
  }
}

TEST(Affinity, WithASpreadApart) {
  // SCH-318, SCH-332
  Scene scene(
      make_catalogue({make_type("amd", 4, 8, 10), make_type("arm", 4, 8, 10, {"z"}, "arm64")}));
  scene.pool("default");
  pods(scene, "a").app("web").select(kArch, "arm64").cpu("2").host_spread();
  pods(scene, "b").app("web").near(kArch, "web").cpu("1").host_spread();
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 2u);
  EXPECT_EQ(values(plan.claims[0], kArch), (Strings{"arm64"}));
  EXPECT_EQ(values(plan.claims[1], kArch), (Strings{"arm64"}));
}

TEST(Affinity, ToItselfOnOneHost) {
  // SCH-331
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 3).app("web").near(kHost, "web");
  EXPECT_EQ(scene.plan().claims.size(), 1u);
}

TEST(Affinity, ToItselfOnOneHostThatFills) {
  // SCH-331
  Scene scene(make_catalogue({make_type("a", 8, 16, 5)}));
  scene.pool("default");
  pods(scene, "web", 10).app("web").near(kHost, "web");
  Plan plan = scene.plan();
  EXPECT_EQ(placed(plan), 5);
  EXPECT_EQ(plan.unplaced.size(), 5u);
  scene.launch(plan);
  pods(scene, "more", 2).app("web").near(kHost, "web");
  EXPECT_EQ(placed(scene.plan()), 0);
}

TEST(Affinity, AMatchElsewhereForbidsANewGroup) {
  // SCH-331
  Scene scene;
  scene.pool("default");
  scene.node("node-1", "default", "test-zone-1").status.allocatable = resources("1", "1Gi");
  bound(scene, "old", "node-1").app("web");
  pods(scene, "web", 3).app("web").near(kHost, "web").select(kZone, "test-zone-2").cpu("2");
  EXPECT_EQ(placed(scene.plan()), 0);
}

TEST(Affinity, ToItselfInOneZone) {
  // SCH-332
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 10).app("web").near(kZone, "web").cpu("4").memory("1Gi");
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.size(), 5u);
  EXPECT_EQ(scene.spread_over(plan, kZone), (Counts{{"test-zone-1", 10}}));
}

TEST(Affinity, ToItselfInTheZoneThatIsAskedFor) {
  // SCH-332
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 5).app("web").near(kZone, "web").need(term(kZone, "In", {"test-zone-3"}));
  EXPECT_EQ(scene.spread_over(scene.plan(), kZone), (Counts{{"test-zone-3", 5}}));
}

TEST(Affinity, IncompatibleZonesAreTwoGroups) {
  // SCH-332
  Scene scene;
  scene.pool("default");
  pods(scene, "a").app("web").near(kZone, "web").need(term(kZone, "In", {"test-zone-2"}));
  pods(scene, "b").app("web").near(kZone, "web").need(term(kZone, "In", {"test-zone-3"}));
  EXPECT_EQ(scene.plan().claims.size(), 2u);
}

TEST(Affinity, PreferencesMayBeViolated) {
  // SCH-140, SCH-330
  Scene scene;
  scene.pool("default");
  pods(scene, "lonely").rather_near(kHost, "nobody", 50);
  pods(scene, "crowd", 4).app("web").rather_away(kHost, "web", 50).select(kType, "fake-it-0");
  pods(scene, "all", 2).app("all").rather_away(kZone, "all").rather_near(kZone, "nobody");
  EXPECT_TRUE(scene.plan().unplaced.empty());
}

TEST(Affinity, PreferredAntiAffinitySpreadsWhileItCan) {
  // SCH-330
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 3).app("web").rather_away(kHost, "web");
  EXPECT_EQ(scene.plan().claims.size(), 3u);
}

TEST(Affinity, ChainsResolveWithinABatch) {
  // SCH-333
  Scene scene;
  scene.pool("default");
  const Strings chain{"a", "b", "c", "d"};
  for (std::size_t i = 0; i < chain.size(); ++i) {
    // The head of the chain is the smallest pod and so comes last.
    PodsOf pod = pods(scene, chain[i]).app(chain[i]).cpu(base::concat(chain.size() - i, "00m"));
    if (i + 1 < chain.size()) {
      pod.near(kHost, chain[i + 1]);
    }
  }
  const Plan plan = scene.plan();
  EXPECT_EQ(scene.claims(plan), (std::vector<Strings>{chain}));
}

TEST(Affinity, AnUnsatisfiableLinkFailsWithWhatHangsOnIt) {
  // SCH-333
  Scene scene;
  scene.pool("default");
  pods(scene, "a").app("a").near(kHost, "b");
  pods(scene, "b").app("b").near(kHost, "nobody");
  pods(scene, "c").app("c");
  const Plan plan = scene.plan();
  EXPECT_EQ(scene.claims(plan), (std::vector<Strings>{{"c"}}));
  EXPECT_EQ(
      scene.reason(plan, "b"),
      "unsatisfiable topology constraint for pod affinity, key=kubernetes.io/hostname (counts = , "
      "podDomains = kubernetes.io/hostname Exists, nodeDomains = kubernetes.io/hostname In "
      "[hostname-placeholder-0002]");
}

TEST(Affinity, FollowersOfAnUndecidedZoneWaitForIt) {
  // SCH-333, SCH-334
  Scene scene(make_catalogue({make_type("a", 8, 16, 1)}));
  scene.pool("default");
  pods(scene, "target").app("target").cpu("2");
  pods(scene, "follower", 5).near(kZone, "target");
  Plan plan = scene.plan();
  EXPECT_EQ(placed(plan), 1);
  scene.launch(plan);
  plan = scene.plan();
  EXPECT_EQ(placed(plan), 5);
  EXPECT_EQ(scene.spread_over(plan, kZone).size(), 1u);
}

TEST(Affinity, FollowersOfADecidedZoneGoThere) {
  // SCH-332, SCH-334
  Scene scene(make_catalogue({make_type("a", 8, 16, 1)}));
  scene.pool("default");
  pods(scene, "target").app("target").cpu("2").select(kZone, "test-zone-3");
  pods(scene, "follower", 5).near(kZone, "target");
  EXPECT_EQ(scene.spread_over(scene.plan(), kZone), (Counts{{"test-zone-3", 6}}));
}

// A target in another namespace.
Plan plan_across(const std::function<void(k8s::PodAffinityTerm&)>& change) {
  Scene scene;
  scene.pool("default");
  auto other = std::make_shared<k8s::Namespace>();
  other->meta.name = "other";
  other->meta.labels["team"] = "a";
  scene.extra().namespaces.push_back(other);
  pods(scene, "target").app("target").in("other").cpu("2").select(kZone, "test-zone-2");
  pods(scene, "follower").near(kZone, "target").each([&](k8s::Pod& pod) {
    change(pod.spec.pod_affinity.required[0]);
  });
  return scene.plan();
}

TEST(Affinity, NamespacesAreTheTermsOwn) {
  // SCH-330
  using Term = k8s::PodAffinityTerm;
  EXPECT_EQ(placed(plan_across([](Term&) {})), 1);
  EXPECT_EQ(placed(plan_across([](Term& t) { t.namespaces = {"other"}; })), 2);
  EXPECT_EQ(placed(plan_across([](Term& t) { t.namespaces = {"elsewhere"}; })), 1);
  EXPECT_EQ(placed(plan_across([](Term& t) { t.namespace_selector = k8s::LabelSelector(); })), 2);
  EXPECT_EQ(placed(plan_across([](Term& t) { t.namespace_selector = selector("team", "a"); })), 2);
  EXPECT_EQ(placed(plan_across([](Term& t) { t.namespace_selector = selector("team", "b"); })), 1);
  EXPECT_EQ(placed(plan_across([](Term& t) {
              t.namespace_selector = selector("kubernetes.io/metadata.name", "other");
            })),
            2);
}

TEST(AntiAffinity, SeparatesHostsInAnyOrder) {
  // SCH-340, SCH-342
  for (const bool is_loner_larger : {true, false}) {
    Scene scene;
    scene.pool("default");
    pods(scene, "loner").away(kHost, "web").cpu(is_loner_larger ? "2" : "100m");
    pods(scene, "web").app("web").cpu(is_loner_larger ? "100m" : "2");
    EXPECT_EQ(scene.plan().claims.size(), 2u);
  }
}

TEST(AntiAffinity, OnePodPerHost) {
  // SCH-340
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 5).app("web").away(kHost, "web");
  EXPECT_EQ(scene.plan().claims.size(), 5u);
}

TEST(AntiAffinity, PodsInEveryZoneLeaveNone) {
  // SCH-340
  Scene scene;
  scene.pool("default");
  for (const char* zone : {"test-zone-1", "test-zone-2", "test-zone-3"}) {
    pods(scene, zone).app("web").select(kZone, zone).cpu("2");
  }
  pods(scene, "loner").away(kZone, "web");
  const Plan plan = scene.plan();
  EXPECT_EQ(placed(plan), 3);
  EXPECT_EQ(
      scene.reason(plan, "loner"),
      "unsatisfiable topology constraint for pod anti-affinity, "
      "key=topology.kubernetes.io/zone (counts = test-zone-1: 1, test-zone-2: 1, test-zone-3: 1, "
      "podDomains = topology.kubernetes.io/zone Exists, nodeDomains = "
      "topology.kubernetes.io/zone Exists");
}

TEST(AntiAffinity, AgainstAPodOfTheBatchThatHasNoZoneYet) {
  // SCH-334, SCH-341
  Scene scene;
  scene.pool("default");
  pods(scene, "web").app("web").cpu("2");
  pods(scene, "loner").away(kZone, "web");
  // The first pod is counted nowhere until its node is known, so the second could meet it: both
  // must not be promised different zones, and are not placed on one node.
  const Plan plan = scene.plan();
  for (const Strings& names : scene.claims(plan)) {
    EXPECT_EQ(names.size(), 1u);
  }
}

TEST(AntiAffinity, PicksTheOtherArchitecture) {
  // SCH-340
  Scene scene(
      make_catalogue({make_type("amd", 4, 8, 10), make_type("arm", 4, 8, 10, {"z"}, "arm64")}));
  scene.pool("default");
  pods(scene, "web").app("web").select(kArch, "amd64").cpu("2");
  pods(scene, "loner").away(kArch, "web");
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 2u);
  EXPECT_EQ(values(plan.claims[1], kArch), (Strings{"arm64"}));
}

TEST(AntiAffinity, OfOthersInTheBatchKeepsPodsAway) {
  // SCH-342
  Scene scene;
  scene.pool("default");
  for (const char* zone : {"test-zone-1", "test-zone-2", "test-zone-3"}) {
    pods(scene, zone).away(kZone, "web").select(kZone, zone).cpu("2");
  }
  pods(scene, "web").app("web");
  EXPECT_EQ(scene.unplaced_of(scene.plan()), (Strings{"web"}));
}

TEST(AntiAffinity, OfBoundPodsKeepsPodsAway) {
  // SCH-342, SCH-343
  Scene scene;
  scene.pool("default");
  for (const char* zone : {"test-zone-1", "test-zone-2", "test-zone-3"}) {
    scene.node(base::concat("in-", zone), "default", zone);
    bound(scene, zone, base::concat("in-", zone)).away(kZone, "web");
  }
  pods(scene, "web").app("web");
  EXPECT_EQ(placed(scene.plan()), 0);
}

TEST(AntiAffinity, OfABoundPodLeavesOtherHosts) {
  // SCH-342
  Scene scene;
  scene.pool("default");
  scene.node("node-1", "default", "test-zone-1");
  bound(scene, "loner", "node-1").away(kHost, "web");
  pods(scene, "web").app("web");
  const Plan plan = scene.plan();
  EXPECT_TRUE(plan.existing.empty());
  EXPECT_EQ(plan.claims.size(), 1u);
}

TEST(AntiAffinity, PreferredOnesOfOthersDoNotBind) {
  // SCH-342
  Scene scene;
  scene.pool("default");
  scene.node("node-1", "default", "test-zone-1");
  bound(scene, "loner", "node-1").rather_away(kHost, "web");
  pods(scene, "web").app("web");
  EXPECT_EQ(scene.plan().existing.size(), 1u);
}

TEST(AntiAffinity, AnOwnerOfUnknownZoneIsPinned) {
  // SCH-341, SCH-343
  Scene scene;
  scene.pool("default");
  pods(scene, "loner").away(kZone, "web").cpu("2");
  pods(scene, "web").app("web");
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 2u);
  EXPECT_EQ(values(plan.claims[0], kZone), (Strings{"test-zone-1"}));
  // The other keeps the choice of the zones that are free (SCH-604).
  EXPECT_EQ(values(plan.claims[1], kZone), (Strings{"test-zone-2", "test-zone-3"}));
}

TEST(AntiAffinity, OnePodPerZoneUntilZonesAreExhausted) {
  // SCH-341
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 4).app("web").away(kZone, "web");
  Plan plan = scene.plan();
  EXPECT_EQ(scene.spread_over(plan, kZone),
            (Counts{{"test-zone-1", 1}, {"test-zone-2", 1}, {"test-zone-3", 1}}));
  EXPECT_EQ(plan.unplaced.size(), 1u);
  scene.launch(plan);
  EXPECT_EQ(placed(scene.plan()), 0);
}

TEST(AntiAffinity, PodsBeingMovedDoNotKeepOthersAway) {
  // SCH-308
  Scene scene;
  scene.pool("default");
  scene.machine("node-1", "default", "test-zone-1").is_leaving = true;
  bound(scene, "loner", "node-1").app("web").away(kZone, "web");
  const Plan plan = scene.plan();
  EXPECT_EQ(placed(plan), 1);
}

}  // namespace
}  // namespace plan::testing

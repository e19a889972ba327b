// What pods prefer, and in which order preferences are given up (spec 02 s6.4, s17.2, s17.8).
#include <gtest/gtest.h>

#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

using Strings = std::vector<std::string>;

TEST(Preferences, TheHeaviestIsHonoured) {
  // SCH-29
  Scene scene;
  scene.pool("default");
  pods(scene, "web")
      .prefer(1, term(kZone, "In", {"test-zone-1"}))
      .prefer(100, term(kZone, "In", {"test-zone-3"}));
  EXPECT_EQ(scene.plan().claims.at(0).cheapest().zone, "test-zone-3");
}

TEST(Preferences, AnInfeasibleHeavyOneGivesWayToTheNext) {
  // SCH-140
  Scene scene;
  scene.pool("default");
  pods(scene, "web")
      .prefer(1, term(kZone, "In", {"test-zone-1"}))
      .prefer(50, term(kZone, "In", {"test-zone-2"}))
      .prefer(100, term(kZone, "In", {"nowhere"}));
  EXPECT_EQ(scene.plan().claims.at(0).cheapest().zone, "test-zone-2");
}

TEST(Preferences, HoldOnceAnotherPodHasMadeTheLabelKnown) {
  // SCH-23
  Scene scene;
  scene.pool("default");
  pods(scene, "first").prefer(1, term("team", "In", {"red", "blue"}));
  pods(scene, "second").need(term("team", "NotIn", {"red"}));
  pods(scene, "third").prefer(1, term("team", "In", {"red", "blue"}));
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 1u);
  EXPECT_EQ(plan.claims[0].form->claim.meta.labels.at("team"), "blue");
}

TEST(Preferences, AllOfThemMayGo) {
  // SCH-140
  Scene scene;
  scene.pool("default");
  pods(scene, "web")
      .prefer(1, term(kZone, "In", {"nowhere"}))
      .prefer(2, term(kType, "In", {"nothing"}))
      .prefer(3, term("unknown", "Exists", {}));
  EXPECT_EQ(placed(scene.plan()), 1);
}

TEST(Preferences, MayContradictRequirementsAndThemselves) {
  // SCH-140
  Scene scene;
  scene.pool("default");
  pods(scene, "web")
      .need(term(kZone, "In", {"test-zone-1"}))
      .prefer(9, term(kZone, "NotIn", {"test-zone-1"}))
      .each([](k8s::Pod& pod) {
        pod.spec.node_affinity.preferred.push_back(
            {.weight = 5,
             .preference = {.match_expressions = {term(kZone, "In", {"test-zone-1"}),
                                                  term(kZone, "NotIn", {"test-zone-1"})}}});
      });
  EXPECT_EQ(scene.plan().claims.at(0).cheapest().zone, "test-zone-1");
}

TEST(Preferences, RequiredTermsAreTriedInOrder) {
  // SCH-30, SCH-140, SCH-141
  Scene scene;
  scene.pool("default");
  pods(scene, "web")
      .or_need(term(kZone, "In", {"nowhere"}))
      .or_need(term(kType, "In", {"nothing"}))
      .or_need(term(kZone, "In", {"test-zone-2"}))
      .or_need(term(kZone, "In", {"test-zone-1"}));
  EXPECT_EQ(scene.plan().claims.at(0).cheapest().zone, "test-zone-2");
}

TEST(Preferences, TheLastRequiredTermStays) {
  // SCH-140
  Scene scene;
  scene.pool("default");
  pods(scene, "web")
      .or_need(term(kZone, "In", {"nowhere"}))
      .or_need(term(kZone, "In", {"nirvana"}));
  EXPECT_EQ(scene.reason(scene.plan(), "web"),
            "no instance type met the scheduling requirements or had enough resources or had a "
            "required offering, requirements=karpenter.k8s.aws/ec2nodeclass In [default], "
            "karpenter.sh/initialized In [true], karpenter.sh/nodepool In [default], "
            "karpenter.sh/registered In [true], "
            "topology.kubernetes.io/zone In [nirvana], "
            "resources={\"cpu\":\"100m\",\"memory\":\"128Mi\",\"pods\":\"1\"}");
}

TEST(Preferences, AreDroppedInTheDocumentedOrder) {
  // SCH-140
  Scene scene;
  scene.pool("default");
  // Each step alone would do; the first of the order is the one that goes.
  pods(scene, "target").app("web").cpu("500m");
  pods(scene, "follower")
      .rather_near(kHost, "nobody")
      .prefer(1, term(kZone, "In", {"test-zone-2"}))
      .host_spread()
      .anyway();
  const Plan plan = scene.plan();
  ASSERT_EQ(placed(plan), 2);
  EXPECT_EQ(values(plan.claims.back(), kZone), (Strings{"test-zone-2"}));
}

TEST(Preferences, SoftSpreadOutlivesPreferredNodeAffinity) {
  // SCH-140
  Scene scene;
  scene.pool("default").template_spec.requirements.push_back(
      term(kZone, "In", {"test-zone-1", "test-zone-2"}));
  pods(scene, "web", 2)
      .app("web")
      .zone_spread()
      .anyway()
      .prefer(1, term(kZone, "In", {"test-zone-1"}));
  EXPECT_EQ(where(scene, scene.plan(), kZone, "web"),
            (Counts{{"test-zone-1", 1}, {"test-zone-2", 1}}));
}

TEST(Preferences, PreferNoScheduleIsToleratedLast) {
  // SCH-132, SCH-140
  Scene scene;
  scene.pool("default").template_spec.taints.push_back(
      {.key = "team", .value = "a", .effect = "PreferNoSchedule"});
  pods(scene, "web").prefer(1, term(kZone, "In", {"test-zone-2"}));
  const Plan plan = scene.plan();
  // The preference could have held; it went because the taint is only tolerated after it.
  EXPECT_EQ(plan.claims.at(0).cheapest().zone, "test-zone-1");
}

TEST(Preferences, PoolsWithoutPreferNoScheduleComeFirst) {
  // SCH-140, SCH-142
  Scene scene;
  k8s::NodePool& tainted = scene.pool("tainted");
  tainted.weight = 100;
  tainted.template_spec.taints.push_back(
      {.key = "team", .value = "a", .effect = "PreferNoSchedule"});
  scene.pool("plain");
  pods(scene, "web");
  EXPECT_EQ(scene.plan().claims.at(0).pool()->meta.name, "plain");
}

TEST(Preferences, NodeAffinityDoesNotShrinkTheDomainsOfASpread) {
  // SCH-31, SCH-320
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 6)
      .app("web")
      .zone_spread()
      .prefer(1, term(kZone, "In", {"test-zone-1", "test-zone-2"}));
  EXPECT_EQ(where(scene, scene.plan(), kZone, "web"),
            (Counts{{"test-zone-1", 2}, {"test-zone-2", 2}, {"test-zone-3", 2}}));
}

class Ignoring : public ::testing::Test {
 protected:
  Ignoring() {
    scene_.options.preference_policy = PreferencePolicy::kIgnore;
    scene_.pool("default");
  }

  Scene scene_;
};

TEST_F(Ignoring, NodeAffinityPacksMaximally) {
  // SCH-143
  pods(scene_, "a").prefer(1, term(kZone, "In", {"test-zone-1"}));
  pods(scene_, "b").prefer(1, term(kZone, "In", {"test-zone-2"}));
  const Plan plan = scene_.plan();
  EXPECT_EQ(plan.claims.size(), 1u);
  EXPECT_EQ(values(plan.claims[0], kZone), Strings());
}

TEST_F(Ignoring, SoftSpreadPacksMaximally) {
  // SCH-143, SCH-310
  pods(scene_, "web", 4).app("web").zone_spread().anyway().host_spread().anyway();
  EXPECT_EQ(scene_.plan().claims.size(), 1u);
}

TEST_F(Ignoring, HardSpreadStays) {
  // SCH-310
  pods(scene_, "web", 4).app("web").host_spread();
  EXPECT_EQ(scene_.plan().claims.size(), 4u);
}

TEST_F(Ignoring, PreferredAffinityPacksMaximally) {
  // SCH-143, SCH-330
  pods(scene_, "near", 2).app("web").rather_near(kZone, "nobody");
  pods(scene_, "away", 2).app("web").rather_away(kHost, "web");
  EXPECT_EQ(scene_.plan().claims.size(), 1u);
}

TEST_F(Ignoring, RequiredTermsAndTaintsAreStillRelaxed) {
  // SCH-143
  Scene scene;
  scene.options.preference_policy = PreferencePolicy::kIgnore;
  scene.pool("default").template_spec.taints.push_back(
      {.key = "team", .value = "a", .effect = "PreferNoSchedule"});
  pods(scene, "web")
      .or_need(term(kZone, "In", {"nowhere"}))
      .or_need(term(kZone, "In", {"test-zone-2"}));
  EXPECT_EQ(scene.plan().claims.at(0).cheapest().zone, "test-zone-2");
}

TEST(Preferences, PreferenceAndRequiredHostSpreadTogether) {
  // SCH-140, SCH-318
  Scene scene;
  scene.pool("default");
  pods(scene, "web", 3).app("web").host_spread().prefer(1, term(kZone, "In", {"nowhere"}));
  EXPECT_EQ(scene.plan().claims.size(), 3u);
}

TEST(Preferences, APodThatFailsStartsAgainWithAllOfThem) {
  // SCH-140, SCH-307, SCH-605, SCH-606
  Scene scene;
  scene.pool("default");
  // Waits for the target in its first cycle; its preference holds in the second.
  pods(scene, "follower")
      .cpu("2")
      .near(kHost, "target")
      .prefer(1, term(kZone, "In", {"test-zone-2"}));
  pods(scene, "target").app("target");
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 1u);
  EXPECT_EQ(plan.claims[0].cheapest().zone, "test-zone-2");
}

}  // namespace
}  // namespace plan::testing

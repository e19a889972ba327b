// Which pool is asked first, and what pools say of themselves (spec 02 s5, s17.7).
#include <gtest/gtest.h>

#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

TEST(PoolChoice, TheHighestWeightIsUsed) {
  // SCH-115
  Scene scene;
  scene.pool("a").weight = 20;
  scene.pool("b").weight = 100;
  scene.pool("c");
  pods(scene, "web", 3);
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.size(), 1u);
  EXPECT_EQ(plan.claims[0].pool()->meta.name, "b");
}

TEST(PoolChoice, EqualWeightsGoByNameLastFirst) {
  // SCH-115
  Scene scene;
  scene.pool("a");
  scene.pool("c");
  scene.pool("b");
  pods(scene, "web");
  EXPECT_EQ(scene.plan().claims.at(0).pool()->meta.name, "c");
}

TEST(PoolChoice, APodMayNameItsPool) {
  // SCH-131
  Scene scene;
  scene.pool("light").weight = 1;
  scene.pool("heavy").weight = 100;
  pods(scene, "web").select(kPool, "light");
  EXPECT_EQ(scene.plan().claims.at(0).pool()->meta.name, "light");
}

TEST(PoolChoice, APodMayChooseByLabel) {
  // SCH-131
  Scene scene;
  scene.pool("light").template_labels["team"] = "a";
  scene.pool("heavy").weight = 100;
  pods(scene, "web").select("team", "a");
  EXPECT_EQ(scene.plan().claims.at(0).pool()->meta.name, "light");
}

TEST(PoolChoice, APodMayChooseByNodeClass) {
  // SCH-131
  Scene scene;
  scene.pool("a");
  scene.pool("b").template_spec.node_class.name = "special";
  pods(scene, "web").select("karpenter.k8s.aws/ec2nodeclass", "default");
  EXPECT_EQ(scene.plan().claims.at(0).pool()->meta.name, "a");
}

TEST(PoolChoice, ALighterPoolTakesWhatTheHeavierCannot) {
  // SCH-145, SCH-149
  Scene scene;
  k8s::NodePool& heavy = scene.pool("heavy");
  heavy.weight = 100;
  heavy.template_spec.requirements.push_back(term(kZone, "In", {"test-zone-1"}));
  scene.pool("light");
  pods(scene, "web").select(kZone, "test-zone-2");
  EXPECT_EQ(scene.plan().claims.at(0).pool()->meta.name, "light");
}

TEST(PoolChoice, AllPoolsHaveTheirPartOfTheReason) {
  // SCH-149
  Scene scene;
  scene.pool("a").template_spec.taints.push_back({.key = "x", .value = "", .effect = "NoSchedule"});
  scene.pool("b").template_spec.taints.push_back({.key = "y", .value = "", .effect = "NoSchedule"});
  pods(scene, "web");
  EXPECT_EQ(scene.reason(scene.plan(), "web"),
            "did not tolerate taint (taint=y:NoSchedule); did not tolerate taint "
            "(taint=x:NoSchedule)");
}

TEST(PoolChoice, OpenClaimsOfAnyPoolComeBeforeNewOnes) {
  // SCH-145
  Scene scene;
  scene.pool("light").template_labels["team"] = "a";
  scene.pool("heavy").weight = 100;
  pods(scene, "first").select("team", "a").cpu("1");
  pods(scene, "second");
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 1u);
  EXPECT_EQ(plan.claims[0].pool()->meta.name, "light");
}

TEST(PoolChoice, PoolsWithoutTypesAreNamed) {
  // SCH-116, SCH-602
  Scene scene;
  scene.set_catalogue(make_catalogue({}));
  scene.pool("empty");
  scene.set_catalogue(nullptr);
  scene.pool("unresolved");
  scene.set_catalogue(fake_catalogue(1));
  scene.pool("usable");
  pods(scene, "web");
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.at(0).pool()->meta.name, "usable");
  EXPECT_EQ(plan.warnings,
            (std::vector<std::string>{
                "skipping, no resolved instance types found (NodePool=empty)",
                "skipping, no resolved instance types found (NodePool=unresolved)"}));
}

TEST(PoolChoice, UnreadyPoolsAreNamed) {
  // SCH-114
  Scene scene;
  scene.pool("default");
  scene.set_unready("default", "NodeClassNotReady");
  EXPECT_EQ(scene.plan().warnings,
            (std::vector<std::string>{
                "ignoring nodepool, not ready (NodePool=default, reason=NodeClassNotReady)"}));
}

TEST(PoolChoice, WithoutAUsablePoolExistingNodesAreStillUsed) {
  // SCH-114
  Scene scene;
  scene.pool("default");
  scene.set_unready("default", "NodeClassNotReady");
  scene.node("node-1", "default", "test-zone-1");
  pods(scene, "web");
  EXPECT_EQ(scene.plan().existing.size(), 1u);
}

}  // namespace
}  // namespace plan::testing

// minValues: how flexible a claim must stay (spec 02 s11.1, s17.7).
#include <gtest/gtest.h>

#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

using Strings = std::vector<std::string>;

k8s::SelectorTerm flexible(k8s::SelectorTerm requirement, int min_values) {
  requirement.min_values = min_values;
  return requirement;
}

std::int64_t min_of(const PlannedClaim& claim, const std::string& key) {
  const k8s::SelectorTerm* found = requirement(claim.form->claim, key);
  return found == nullptr ? -1 : found->min_values.value_or(-1);
}

std::string relaxed(const PlannedClaim& claim) {
  return claim.form->claim.meta.annotations.at("karpenter.sh/nodeclaim-min-values-relaxed");
}

// Two types; two pods together need the larger.
Scene two_types(std::vector<k8s::SelectorTerm> requirements) {
  Scene scene(make_catalogue(
      {make_type("small", 2, 4, 10, {"z1"}), make_type("large", 8, 16, 10, {"z1", "z2"})}));
  scene.pool("default").template_spec.requirements = std::move(requirements);
  return scene;
}

TEST(MinValues, TwoTypesAreTwoNodesInsteadOfOneLargeOne) {
  // SCH-156, SCH-220
  Scene scene = two_types({flexible(term(kType, "Exists", {}), 2)});
  pods(scene, "web", 2).cpu("1500m");
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 2u);
  EXPECT_EQ(plan.claims[0].instance_types().size(), 2u);
  EXPECT_EQ(min_of(plan.claims[0], kType), 2);
  EXPECT_EQ(relaxed(plan.claims[0]), "false");
}

TEST(MinValues, ThatCannotBeMetRefuse) {
  // SCH-181, SCH-220
  Scene scene = two_types({flexible(term(kType, "Exists", {}), 2)});
  pods(scene, "web").cpu("4");
  EXPECT_TRUE(scene.reason(scene.plan(), "web")
                  .starts_with("minValues requirement is not met for label(s) "
                               "(label(s)=[node.kubernetes.io/instance-type]), requirements="));
}

TEST(MinValues, APoolThatCannotMeetItsOwnIsDropped) {
  // SCH-130, SCH-223
  Scene scene = two_types({flexible(term(kType, "Exists", {}), 3)});
  pods(scene, "web");
  const Plan plan = scene.plan();
  EXPECT_EQ(
      plan.warnings,
      (Strings{"NodePool requirements filtered out all compatible available instance types due "
               "to minValues incompatibility (NodePool=default)"}));
  EXPECT_EQ(scene.reason(plan, "web"),
            "nodepool requirements filtered out all available instance types");
}

TEST(MinValues, OfIntegerLabels) {
  // SCH-71, SCH-220
  Scene scene(fake_catalogue(5));
  scene.pool("default").template_spec.requirements = {flexible(term("integer", "Gt", {"2"}), 2)};
  pods(scene, "web").cpu("1");
  pods(scene, "large").cpu("4500m");
  const Plan plan = scene.plan();
  EXPECT_EQ(scene.claims(plan), (std::vector<Strings>{{"web"}}));
  EXPECT_EQ(plan.claims[0].instance_types(), (Strings{"fake-it-2", "fake-it-3", "fake-it-4"}));
}

TEST(MinValues, TheLargestOfAKeyCounts) {
  // SCH-13, SCH-224
  Scene scene(fake_catalogue(5));
  scene.pool("default").template_spec.requirements = {flexible(term("integer", "Gt", {"1"}), 1),
                                                      flexible(term("integer", "Lt", {"5"}), 3)};
  pods(scene, "web");
  pods(scene, "large").cpu("2500m");
  const Plan plan = scene.plan();
  EXPECT_EQ(scene.claims(plan), (std::vector<Strings>{{"web"}}));
  EXPECT_EQ(min_of(plan.claims[0], "integer"), 3);
}

TEST(MinValues, InAndNotInCombine) {
  // SCH-13, SCH-224
  Scene scene(fake_catalogue(5));
  scene.pool("default").template_spec.requirements = {
      flexible(term(kType, "In", {"fake-it-0", "fake-it-1", "fake-it-2"}), 1),
      flexible(term(kType, "NotIn", {"fake-it-0"}), 2)};
  pods(scene, "web");
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.at(0).instance_types(), (Strings{"fake-it-1", "fake-it-2"}));
  EXPECT_EQ(min_of(plan.claims[0], kType), 2);
}

TEST(MinValues, SeveralKeysTogether) {
  // SCH-224
  Scene scene =
      two_types({flexible(term(kType, "Exists", {}), 1), flexible(term(kZone, "Exists", {}), 2)});
  pods(scene, "web");
  pods(scene, "narrow").select(kType, "small").cpu("1500m");
  const Plan plan = scene.plan();
  EXPECT_EQ(placed(plan), 1);
  EXPECT_TRUE(scene.reason(plan, "narrow").starts_with("minValues requirement is not met"))
      << scene.reason(plan, "narrow");
}

struct BestEffortCase {
  std::vector<k8s::SelectorTerm> requirements;
  std::int64_t types;  // minValues of the claim, by key; -1: none.
  std::int64_t zones;
};

TEST(MinValues, BestEffortLowersThemToWhatThereIs) {
  // SCH-181, SCH-221, SCH-222
  const std::vector<BestEffortCase> cases{
      {{flexible(term(kType, "Exists", {}), 3)}, 2, -1},
      {{flexible(term(kZone, "Exists", {}), 3)}, -1, 2},
      {{flexible(term(kType, "Exists", {}), 3), flexible(term(kZone, "Exists", {}), 3)}, 2, 2},
  };
  for (const BestEffortCase& c : cases) {
    Scene scene = two_types(c.requirements);
    scene.options.min_values_policy = MinValuesPolicy::kBestEffort;
    pods(scene, "web");
    const Plan plan = scene.plan();
    ASSERT_EQ(plan.claims.size(), 1u);
    EXPECT_EQ(min_of(plan.claims[0], kType), c.types);
    EXPECT_EQ(min_of(plan.claims[0], kZone), c.zones);
    EXPECT_EQ(relaxed(plan.claims[0]), "true");
  }
}

TEST(MinValues, BestEffortRelaxesBeforeALighterPoolIsTried) {
  // SCH-221
  Scene scene = two_types({flexible(term(kType, "Exists", {}), 3)});
  scene.options.min_values_policy = MinValuesPolicy::kBestEffort;
  scene.pool("a-lighter");
  pods(scene, "web");
  EXPECT_EQ(scene.plan().claims.at(0).pool()->meta.name, "default");
}

TEST(MinValues, BestEffortRelaxesOpenClaimsToo) {
  // SCH-156
  Scene scene = two_types({flexible(term(kType, "Exists", {}), 2)});
  scene.options.min_values_policy = MinValuesPolicy::kBestEffort;
  pods(scene, "web", 2).cpu("1500m");
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 1u);
  EXPECT_EQ(min_of(plan.claims[0], kType), 1);
  EXPECT_EQ(relaxed(plan.claims[0]), "true");
}

TEST(MinValues, TheAnnotationIsTheClaimsOwn) {
  // SCH-222
  Scene scene = two_types({flexible(term(kType, "Exists", {}), 2)});
  scene.options.min_values_policy = MinValuesPolicy::kBestEffort;
  pods(scene, "large").cpu("4").host_port(80);
  pods(scene, "small").host_port(80);
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 2u);
  EXPECT_EQ(relaxed(plan.claims[0]), "true");
  EXPECT_EQ(relaxed(plan.claims[1]), "false");
}

TEST(MinValues, AreCheckedAgainAfterTheCut) {
  // SCH-72, SCH-230, SCH-607
  Scene scene;
  scene.options.max_instance_types = 2;
  scene.pool("default").template_spec.requirements = {flexible(term(kType, "Exists", {}), 3)};
  pods(scene, "web");
  const Plan plan = scene.plan();
  EXPECT_TRUE(plan.claims.empty());
  EXPECT_EQ(scene.reason(plan, "web"),
            "pod didn\u2019t schedule because NodePool couldn\u2019t meet minValues requirements, "
            "validating minValues, minValues requirement is not met for label(s) "
            "(label(s)=[node.kubernetes.io/instance-type]) (NodePool=default)");
}

TEST(MinValues, BestEffortDoesNotCheckTheCut) {
  // SCH-221, SCH-230
  Scene scene;
  scene.options.max_instance_types = 2;
  scene.options.min_values_policy = MinValuesPolicy::kBestEffort;
  scene.pool("default").template_spec.requirements = {flexible(term(kType, "Exists", {}), 3)};
  pods(scene, "web");
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 1u);
  EXPECT_EQ(min_of(plan.claims[0], kType), 3);
}

}  // namespace
}  // namespace plan::testing

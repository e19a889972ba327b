#include "plan/plan.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "plan/scene_testing.h"

namespace plan::testing {
namespace {

TEST(Plan, PutsAnUnconstrainedPodOnTheCheapestType) {
  // SCH-68
  Scene scene;
  scene.pool("default");
  scene.pod("web");
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 1u);
  EXPECT_EQ(plan.claims[0].cheapest().instance_type, "fake-it-0");
  EXPECT_EQ(plan.claims[0].instance_types().size(), 10u);
  EXPECT_EQ(plan.claims[0].instance_types()[1], "fake-it-1");
  EXPECT_TRUE(plan.unplaced.empty());
}

TEST(Plan, PacksPodsUntilNoTypeIsLargeEnough) {
  // SCH-145
  Scene scene;
  scene.pool("default");
  for (k8s::Pod* pod : scene.pods("web", 3)) {
    pod->spec.containers[0].resources.requests = resources("4", "1Gi");
  }
  const Plan plan = scene.plan();
  EXPECT_EQ(scene.claims(plan),
            (std::vector<std::vector<std::string>>{{"web-0", "web-1"}, {"web-2"}}));
}

TEST(Plan, FillsExistingNodesFirst) {
  // SCH-145
  Scene scene;
  scene.pool("default");
  scene.node("node-1", "default", "test-zone-1");
  scene.pod("web");
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.existing.size(), 1u);
  EXPECT_TRUE(plan.claims.empty());
}

TEST(Plan, UsesExistingNodesWithoutAnyPool) {
  // SCH-114
  Scene scene;
  scene.node("node-1", "gone", "test-zone-1");
  scene.pod("web");
  EXPECT_EQ(scene.plan().existing.size(), 1u);
}

TEST(Plan, CountsNodesOfTheSameBatchAgainstTheNodeLimit) {
  // SCH-160
  Scene scene;
  scene.pool("default").limits = {{"nodes", k8s::Quantity::units(2)}};
  for (k8s::Pod* pod : scene.pods("web", 3)) {
    pod->spec.containers[0].resources.requests = resources("8", "1Gi");
  }
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.size(), 2u);
  ASSERT_EQ(plan.unplaced.size(), 1u);
  EXPECT_EQ(plan.unplaced[0].reason,
            "node limits have been exhausted for nodepool (NodePool=default)");
}

TEST(Plan, ChargesLimitsByTheLargestTypeLeft) {
  // SCH-157
  Scene scene;
  scene.pool("default").limits = {{"cpu", k8s::Quantity::units(12)}};
  for (k8s::Pod* pod : scene.pods("web", 2)) {
    pod->spec.containers[0].resources.requests = resources("6", "1Gi");
  }
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.size(), 1u);
  ASSERT_EQ(plan.unplaced.size(), 1u);
  EXPECT_EQ(plan.unplaced[0].reason,
            "no instance type has enough resources, requirements=karpenter.k8s.aws/ec2nodeclass In "
            "[default], karpenter.sh/initialized In [true], karpenter.sh/nodepool In [default], "
            "karpenter.sh/registered In [true], resources={\"cpu\":\"6\",\"memory\":\"1Gi\","
            "\"pods\":\"1\"}");
}

TEST(Plan, PrefersHeavierPools) {
  // SCH-115
  Scene scene;
  scene.pool("light").weight = 1;
  scene.pool("heavy").weight = 50;
  scene.pod("web");
  EXPECT_EQ(scene.plan().claims.at(0).pool()->meta.name, "heavy");
}

TEST(Plan, RefusesUntoleratedTaints) {
  // SCH-33
  Scene scene;
  scene.pool("default").template_spec.taints.push_back(
      {.key = "team", .value = "a", .effect = "NoSchedule"});
  scene.pod("web");
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.unplaced.size(), 1u);
  EXPECT_EQ(plan.unplaced[0].reason, "did not tolerate taint (taint=team=a:NoSchedule)");
}

TEST(Plan, ToleratesPreferNoScheduleLast) {
  // SCH-140
  Scene scene;
  scene.pool("default").template_spec.taints.push_back(
      {.key = "team", .value = "a", .effect = "PreferNoSchedule"});
  scene.pod("web");
  EXPECT_EQ(scene.plan().claims.size(), 1u);
}

TEST(Plan, NamesUnknownLabels) {
  // SCH-23
  Scene scene;
  scene.pool("default");
  scene.pod("web").spec.node_selector["deployment"] = "x";
  EXPECT_EQ(scene.plan().unplaced.at(0).reason,
            "incompatible requirements, label \"deployment\" does not have known values");
}

TEST(Plan, DropsPreferencesThatCannotHold) {
  // SCH-140
  Scene scene;
  scene.pool("default");
  scene.pod("web").spec.node_affinity.preferred.push_back(
      {.weight = 1,
       .preference = {
           .match_expressions = {term("topology.kubernetes.io/zone", "In", {"nowhere"})}}});
  EXPECT_EQ(scene.plan().claims.size(), 1u);
}

TEST(Plan, TriesRequiredTermsInOrder) {
  // SCH-140
  Scene scene;
  scene.pool("default");
  k8s::Pod& pod = scene.pod("web");
  pod.spec.node_affinity.required = {
      {.match_expressions = {term("topology.kubernetes.io/zone", "In", {"nowhere"})}},
      {.match_expressions = {term("topology.kubernetes.io/zone", "In", {"test-zone-2"})}}};
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.at(0).cheapest().zone, "test-zone-2");
}

TEST(Plan, IgnoresHostnameSelectors) {
  // SCH-88
  Scene scene;
  scene.pool("default");
  scene.pod("web").spec.node_selector["kubernetes.io/hostname"] = "x";
  EXPECT_TRUE(scene.plan().unplaced.at(0).reason.starts_with(
      "ignoring pod, using label kubernetes.io/hostname is not allowed"));
}

TEST(Plan, SeparatesPodsOfOneHostPort) {
  // SCH-41
  Scene scene;
  scene.pool("default");
  for (k8s::Pod* pod : scene.pods("web", 2)) {
    pod->spec.containers[0].ports.push_back({.container_port = 80, .host_port = 80});
  }
  EXPECT_EQ(scene.plan().claims.size(), 2u);
}

TEST(Plan, AddsDaemonOverheadOfTheRemainingTypes) {
  // SCH-214
  Scene scene;
  scene.pool("default");
  scene.daemon("agent");
  scene.pod("web").spec.containers[0].resources.requests = resources("500m", "128Mi");
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.at(0).cheapest().instance_type, "fake-it-1");
  EXPECT_EQ(plan.claims.at(0).requests.get("cpu").text(), "1");
  EXPECT_EQ(plan.claims.at(0).requests.get("pods").text(), "2");
}

TEST(Plan, LooksAtEveryTermOfADaemon) {
  // SCH-212
  std::vector<cloud::InstanceType> types{make_type("a", 4, 8, 10, {"z"}, "amd64"),
                                         make_type("b", 4, 8, 10, {"z"}, "arm64")};
  Scene scene(make_catalogue(types));
  scene.pool("default");
  scene.daemon("agent").spec.node_affinity.required = {
      {.match_expressions = {term("kubernetes.io/arch", "In", {"amd64"})}},
      {.match_expressions = {term("kubernetes.io/arch", "In", {"arm64"})}}};
  k8s::Pod& pod = scene.pod("web");
  pod.spec.node_selector["kubernetes.io/arch"] = "arm64";
  EXPECT_EQ(scene.plan().claims.at(0).requests.get("pods").text(), "2");
}

TEST(Plan, WritesTheWholeClaim) {
  // SCH-240 to SCH-244
  Scene scene(fake_catalogue(2));
  k8s::NodePool& pool = scene.pool("default");
  pool.template_labels["team"] = "a";
  pool.template_spec.requirements.push_back(
      term("karpenter.sh/capacity-type", "In", {"on-demand"}));
  pool.template_spec.requirements.push_back(term("custom", "Exists", {}));
  scene.pod("web");
  const Plan plan = scene.plan();
  const k8s::NodeClaim& claim = plan.claims.at(0).claim();
  EXPECT_EQ(claim.meta.generate_name, "default-");
  EXPECT_EQ(claim.meta.owners.read().at(0).uid, "uid-default");
  EXPECT_EQ(claim.meta.labels,
            (k8s::StringMap{{"custom", "0"},
                            {"karpenter.k8s.aws/ec2nodeclass", "default"},
                            {"karpenter.sh/nodepool", "default"},
                            {"team", "a"}}));
  EXPECT_EQ(claim.meta.annotations.at("karpenter.sh/nodeclaim-min-values-relaxed"), "false");
  EXPECT_EQ(claim.meta.annotations.at("karpenter.sh/nodepool-hash-version"), "v3");
  EXPECT_EQ(requirement(claim, "node.kubernetes.io/instance-type")->values,
            (std::vector<std::string>{"fake-it-0", "fake-it-1"}));
  EXPECT_EQ(requirement(claim, "karpenter.sh/capacity-type")->values,
            (std::vector<std::string>{"on-demand"}));
  EXPECT_EQ(requirement(claim, "karpenter.sh/registered"), nullptr);
  EXPECT_EQ(requirement(claim, "kubernetes.io/hostname"), nullptr);
  EXPECT_EQ(claim.spec.requests.get("pods").text(), "1");
}

TEST(Plan, IsTheSameEveryTime) {
  // SCH-145
  Scene scene;
  scene.pool("default");
  scene.pods("web", 50);
  const Plan first = scene.plan();
  const Plan second = scene.plan();
  EXPECT_EQ(scene.claims(first), scene.claims(second));
}

TEST(MinValues, StrictRefusesWhatBestEffortRelaxes) {
  // SCH-220, SCH-221, SCH-222
  Scene scene(fake_catalogue(2));
  k8s::SelectorTerm flexible = term("node.kubernetes.io/instance-type", "Exists", {});
  flexible.min_values = 2;
  scene.pool("default").template_spec.requirements.push_back(flexible);
  scene.pod("web").spec.containers[0].resources.requests = resources("1500m", "1Gi");
  Plan plan = scene.plan();
  ASSERT_EQ(plan.unplaced.size(), 1u);
  EXPECT_TRUE(
      plan.unplaced[0].reason.starts_with("minValues requirement is not met for label(s) "
                                          "(label(s)=[node.kubernetes.io/instance-type])"));
  scene.options.min_values_policy = MinValuesPolicy::kBestEffort;
  plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 1u);
  const k8s::NodeClaim& claim = plan.claims[0].form->claim;
  EXPECT_EQ(claim.meta.annotations.at("karpenter.sh/nodeclaim-min-values-relaxed"), "true");
  EXPECT_EQ(requirement(claim, "node.kubernetes.io/instance-type")->min_values, 1);
}

}  // namespace
}  // namespace plan::testing

// The NodeClaims of a plan, to the letter (spec 02 s11, s17.7).
#include <gtest/gtest.h>

#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

using Strings = std::vector<std::string>;

k8s::NodeClaim only_claim(Scene& scene) {
  const Plan plan = scene.plan();
  return plan.claims.size() == 1 ? plan.claims[0].claim() : k8s::NodeClaim();
}

TEST(Claims, NameTypesAndPool) {
  // SCH-240, SCH-243
  Scene scene(fake_catalogue(3));
  scene.pool("default");
  pods(scene, "web").cpu("1");
  const k8s::NodeClaim claim = only_claim(scene);
  EXPECT_EQ(claim.meta.generate_name, "default-");
  EXPECT_EQ(requirement(claim, kType)->values, (Strings{"fake-it-1", "fake-it-2"}));
  EXPECT_EQ(requirement(claim, kPool)->values, (Strings{"default"}));
  EXPECT_EQ(requirement(claim, kCapacity)->values, (Strings{"on-demand", "spot"}));
}

TEST(Claims, OwnerIsThePool) {
  // SCH-243
  Scene scene;
  scene.pool("default");
  pods(scene, "web");
  const k8s::OwnerReference owner = only_claim(scene).meta.owners.read().at(0);
  EXPECT_EQ(owner.api_version, "karpenter.sh/v1");
  EXPECT_EQ(owner.kind, "NodePool");
  EXPECT_EQ(owner.name, "default");
  EXPECT_EQ(owner.uid, "uid-default");
  EXPECT_TRUE(owner.block_owner_deletion);
  EXPECT_FALSE(owner.controller);
}

TEST(Claims, TheTemplateIsCopied) {
  // SCH-244
  Scene scene;
  k8s::NodePool& pool = scene.pool("default");
  pool.template_spec.taints = {{.key = "team", .value = "a", .effect = "NoSchedule"}};
  pool.template_spec.startup_taints = {{.key = "starting", .value = "", .effect = "NoExecute"}};
  pool.template_spec.termination_grace_period = 30;
  pool.template_spec.expire_after = 60;
  pods(scene, "web").tolerate_all();
  const k8s::NodeClaim claim = only_claim(scene);
  EXPECT_EQ(claim.spec.taints.at(0).key, "team");
  EXPECT_EQ(claim.spec.taints.size(), 1u);  // Tolerating everything taints nothing.
  EXPECT_EQ(claim.spec.startup_taints.at(0).key, "starting");
  EXPECT_EQ(claim.spec.node_class.name, "default");
  EXPECT_EQ(claim.spec.termination_grace_period, 30);
  EXPECT_EQ(claim.spec.expire_after, 60);
}

TEST(Claims, StartupTaintsNeedNoToleration) {
  // SCH-36
  Scene scene;
  scene.pool("default").template_spec.startup_taints = {
      {.key = "starting", .value = "", .effect = "NoSchedule"}};
  pods(scene, "web");
  EXPECT_EQ(scene.plan().claims.size(), 1u);
}

TEST(Claims, NoGraceMeansNoGrace) {
  // SCH-244
  Scene scene;
  scene.pool("default");
  pods(scene, "web");
  EXPECT_EQ(only_claim(scene).spec.termination_grace_period, std::nullopt);
}

TEST(Claims, ArchitectureAndSystemRestrictTheTypes) {
  // SCH-240
  Scene scene(
      make_catalogue({make_type("amd", 4, 8, 10), make_type("arm", 4, 8, 10, {"z"}, "arm64")}));
  scene.pool("default").template_spec.requirements = {term(kArch, "In", {"arm64"}),
                                                      term(kOs, "In", {"linux"})};
  pods(scene, "web");
  const k8s::NodeClaim claim = only_claim(scene);
  EXPECT_EQ(requirement(claim, kType)->values, (Strings{"arm"}));
  EXPECT_EQ(requirement(claim, kArch)->values, (Strings{"arm64"}));
  EXPECT_FALSE(claim.meta.labels.contains(kArch));
}

TEST(Claims, DevicesRestrictTheTypes) {
  // SCH-240
  cloud::InstanceType device = make_type("device", 4, 8, 10);
  device.capacity.set("vendor.com/gpu", k8s::Quantity::units(1));
  Scene scene(make_catalogue({device, make_type("plain", 4, 8, 10)}));
  scene.pool("default");
  pods(scene, "web").ask("vendor.com/gpu", "1");
  const k8s::NodeClaim claim = only_claim(scene);
  EXPECT_EQ(requirement(claim, kType)->values, (Strings{"device"}));
  EXPECT_EQ(claim.spec.requests.get("vendor.com/gpu").text(), "1");
}

TEST(Claims, RequestsAreThePodsAndOneDaemonEach) {
  // SCH-155, SCH-214, SCH-244
  Scene scene;
  scene.pool("default");
  scene.daemon("agent");
  pods(scene, "web", 3).cpu("1");
  const k8s::NodeClaim claim = only_claim(scene);
  EXPECT_EQ(claim.spec.requests.get("cpu").text(), "3500m");
  EXPECT_EQ(claim.spec.requests.get("pods").text(), "4");
}

struct LabelCase {
  k8s::SelectorTerm requirement;
  std::optional<std::string> label;
};

TEST(Claims, CustomRequirementsBecomeLabels) {
  // SCH-11, SCH-242
  const std::vector<LabelCase> cases{
      {term("team", "In", {"a"}), "a"},
      {term("team", "In", {"b", "a"}), "a"},
      {term("team", "Exists", {}), "0"},
      {term("team", "NotIn", {"0"}), "1"},
      {term("team", "Gt", {"5"}), "6"},
      {term("team", "Lt", {"5"}), "0"},
      {term("team", "DoesNotExist", {}), std::nullopt},
      {term(kZone, "In", {"test-zone-1"}), std::nullopt},
  };
  for (const LabelCase& c : cases) {
    Scene scene;
    scene.pool("default").template_spec.requirements = {c.requirement};
    pods(scene, "web");
    const k8s::NodeClaim claim = only_claim(scene);
    const std::string* label = claim.meta.label(c.requirement.key);
    EXPECT_EQ(label == nullptr ? std::nullopt : std::optional(*label), c.label) << c.requirement.op;
  }
}

TEST(Claims, PoolLabelsAndNodeClassAreLabels) {
  // SCH-242
  Scene scene;
  scene.pool("default").template_labels["team"] = "a";
  pods(scene, "web");
  EXPECT_EQ(only_claim(scene).meta.labels,
            (k8s::StringMap{{"karpenter.k8s.aws/ec2nodeclass", "default"},
                            {"karpenter.sh/nodepool", "default"},
                            {"team", "a"}}));
}

TEST(Claims, Annotations) {
  // SCH-241
  Scene scene;
  scene.pool("default").template_annotations["note"] = "x";
  pods(scene, "web");
  const k8s::StringMap annotations = only_claim(scene).meta.annotations;
  EXPECT_EQ(annotations.at("note"), "x");
  EXPECT_EQ(annotations.at("karpenter.sh/nodepool-hash-version"), "v3");
  EXPECT_EQ(annotations.at("karpenter.sh/nodeclaim-min-values-relaxed"), "false");
  EXPECT_FALSE(annotations.at("karpenter.sh/nodepool-hash").empty());
  EXPECT_FALSE(annotations.contains("karpenter.sh/price-overlay-applied"));
}

TEST(Claims, OverlaysLeaveTheirMark) {
  // SCH-241
  cloud::InstanceType priced = make_type("priced", 2, 4, 10);
  priced.has_price_overlay = true;
  cloud::InstanceType sized = make_type("sized", 8, 16, 10);
  sized.has_capacity_overlay = true;
  Scene scene(make_catalogue({priced, sized}));
  scene.pool("default");
  pods(scene, "both");
  const k8s::StringMap both = only_claim(scene).meta.annotations;
  EXPECT_EQ(both.at("karpenter.sh/price-overlay-applied"), "true");
  EXPECT_EQ(both.at("karpenter.sh/capacity-overlay-applied"), "true");
  PodsOf({&scene.all_pods()[0]}).cpu("4");
  const k8s::StringMap one = only_claim(scene).meta.annotations;
  EXPECT_FALSE(one.contains("karpenter.sh/price-overlay-applied"));
  EXPECT_TRUE(one.contains("karpenter.sh/capacity-overlay-applied"));
}

TEST(Claims, TheHashIsThatOfThePassStart) {
  // SCH-246
  Scene scene;
  k8s::NodePool& pool = scene.pool("default");
  pods(scene, "web");
  const std::string before = only_claim(scene).meta.annotations.at("karpenter.sh/nodepool-hash");
  pool.template_labels["team"] = "b";
  EXPECT_NE(only_claim(scene).meta.annotations.at("karpenter.sh/nodepool-hash"), before);
}

TEST(Claims, SimulationLabelsNeverLeak) {
  // SCH-131, SCH-232, SCH-244
  Scene scene;
  scene.pool("default");
  scene.daemon("registered").spec.node_selector["karpenter.sh/registered"] = "true";
  scene.daemon("initialized").spec.node_selector["karpenter.sh/initialized"] = "true";
  pods(scene, "web");
  const k8s::NodeClaim claim = only_claim(scene);
  EXPECT_EQ(claim.spec.requests.get("pods").text(), "3");
  for (const char* key : {"karpenter.sh/registered", "karpenter.sh/initialized", kHost}) {
    EXPECT_EQ(requirement(claim, key), nullptr) << key;
    EXPECT_FALSE(claim.meta.labels.contains(key)) << key;
  }
}

TEST(Claims, BoundsAndExclusionsAreBothWritten) {
  // SCH-18, SCH-19
  Scene scene;
  scene.pool("default").template_spec.requirements = {
      term("integer", "Gt", {"1"}), term("integer", "Lt", {"9"}), term("integer", "NotIn", {"5"})};
  pods(scene, "web");
  const k8s::NodeClaim claim = only_claim(scene);
  Strings ops;
  for (const k8s::SelectorTerm& entry : claim.spec.requirements) {
    if (entry.key == "integer") {
      ops.push_back(entry.op);
    }
  }
  EXPECT_EQ(ops, (Strings{"Gte", "Lte", "NotIn"}));
  EXPECT_EQ(requirement(claim, kType)->values.size(), 6u);
}

TEST(Claims, TheListIsCutByPrice) {
  // SCH-230, SCH-240
  Scene scene;
  scene.options.max_instance_types = 3;
  scene.pool("default");
  pods(scene, "web");
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.at(0).instance_types(), (Strings{"fake-it-0", "fake-it-1", "fake-it-2"}));
  EXPECT_EQ(values(plan.claims[0], kType).size(), 3u);
}

TEST(Claims, TheListIsCutInSimulationsToo) {
  // SCH-231
  Scene scene;
  scene.options.max_instance_types = 3;
  scene.options.reserved_fallback = true;
  scene.pool("default");
  pods(scene, "web");
  EXPECT_EQ(scene.plan().claims.at(0).instance_types().size(), 3u);
}

TEST(Claims, ReservationsAndZonesNarrowTheCapacityTypes) {
  // SCH-240
  Scene scene;
  scene.pool("default");
  pods(scene, "web").select(kZone, "test-zone-3");
  EXPECT_EQ(values(scene.plan().claims.at(0), kCapacity), (Strings{"on-demand"}));
}

}  // namespace
}  // namespace plan::testing

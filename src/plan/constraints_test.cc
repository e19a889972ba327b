// Which pools and instance types a pod may use: labels, selectors, operators (spec 02 s6.7, s17.2).
#include <algorithm>

#include <gtest/gtest.h>

#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

using Strings = std::vector<std::string>;

// A pool says something of a label either way.
enum class Via { kLabel, kRequirement };

class PoolLabel : public ::testing::TestWithParam<Via> {
 protected:
  void define(const std::string& key, const std::string& value) {
    if (GetParam() == Via::kLabel) {
      pool_.template_labels[key] = value;
    } else {
      pool_.template_spec.requirements.push_back(term(key, "In", {value}));
    }
  }

  Scene scene_;
  k8s::NodePool& pool_ = scene_.pool("default");
};

INSTANTIATE_TEST_SUITE_P(Constraints,
                         PoolLabel,
                         ::testing::Values(Via::kLabel, Via::kRequirement),
                         [](const auto& via) {
                           return std::string(via.param == Via::kLabel ? "Label" : "Requirement");
                         });

TEST_P(PoolLabel, UnconstrainedPodIsPlaced) {
  // SCH-153
  define("team", "a");
  pods(scene_, "web");
  EXPECT_EQ(scene_.plan().claims.size(), 1u);
}

TEST_P(PoolLabel, CustomKeyWithTheValue) {
  // SCH-23, SCH-24
  define("team", "a");
  pods(scene_, "in").need(term("team", "In", {"a"}));
  pods(scene_, "exists").need(term("team", "Exists", {}));
  pods(scene_, "selector").select("team", "a");
  pods(scene_, "not-in").need(term("team", "NotIn", {"a"}));
  pods(scene_, "absent").need(term("team", "DoesNotExist", {}));
  const Plan plan = scene_.plan();
  EXPECT_EQ(scene_.claims(plan), (std::vector<Strings>{{"exists", "in", "selector"}}));
  EXPECT_EQ(scene_.reason(plan, "not-in"),
            "incompatible requirements, key team, team NotIn [a] not in team In [a]");
}

TEST_P(PoolLabel, CustomKeyWithAnotherValue) {
  // SCH-24
  define("team", "a");
  pods(scene_, "in").need(term("team", "In", {"b"}));
  pods(scene_, "not-in").need(term("team", "NotIn", {"b"}));
  EXPECT_EQ(scene_.claims(scene_.plan()), (std::vector<Strings>{{"not-in"}}));
}

TEST_P(PoolLabel, ZoneIsRespectedAndMayBeAskedFor) {
  // SCH-300, SCH-153
  define(kZone, "test-zone-2");
  pods(scene_, "any");
  pods(scene_, "same").select(kZone, "test-zone-2");
  pods(scene_, "other").select(kZone, "test-zone-1");
  const Plan plan = scene_.plan();
  EXPECT_EQ(scene_.claims(plan), (std::vector<Strings>{{"any", "same"}}));
  EXPECT_EQ(values(plan.claims[0], kZone), (Strings{"test-zone-2"}));
}

TEST_P(PoolLabel, KubernetesDomainsAreAllowed) {
  // SCH-27, SCH-87
  const Strings keys{
      "kubernetes.io/custom", "sub.kubernetes.io/custom", "k8s.io/custom", "sub.k8s.io/custom"};
  for (const std::string& key : keys) {
    define(key, "x");
    pods(scene_, "web").select(key, "x");
  }
  EXPECT_EQ(placed(scene_.plan()), 4);
}

TEST(Constraints, CustomKeyThatNobodyDefines) {
  // SCH-23
  Scene scene;
  scene.pool("default");
  pods(scene, "in").need(term("team", "In", {"a"}));
  pods(scene, "exists").need(term("team", "Exists", {}));
  pods(scene, "not-in").need(term("team", "NotIn", {"a"}));
  pods(scene, "absent").need(term("team", "DoesNotExist", {}));
  const Plan plan = scene.plan();
  EXPECT_EQ(scene.claims(plan), (std::vector<Strings>{{"absent", "not-in"}}));
  EXPECT_EQ(scene.reason(plan, "exists"),
            "incompatible requirements, label \"team\" does not have known values");
}

TEST(Constraints, ZoneOperators) {
  // SCH-8, SCH-9, SCH-153
  struct Case {
    k8s::SelectorTerm term;
    bool is_placed;
  };

  const std::vector<Case> cases{
      {term(kZone, "In", {"test-zone-1", "test-zone-9"}), true},
      {term(kZone, "In", {"test-zone-9"}), false},
      {term(kZone, "NotIn", {"test-zone-1"}), true},
      {term(kZone, "NotIn", {"test-zone-1", "test-zone-2", "test-zone-3"}), false},
      {term(kZone, "Exists", {}), true},
      {term("failure-domain.beta.kubernetes.io/zone", "In", {"test-zone-1"}), true},
  };
  for (const Case& c : cases) {
    Scene scene;
    scene.pool("default");
    pods(scene, "web").need(c.term);
    EXPECT_EQ(placed(scene.plan()) == 1, c.is_placed) << c.term.op;
  }
}

TEST(Constraints, IntegerOperators) {
  // SCH-1, SCH-32
  const std::vector<std::pair<k8s::SelectorTerm, Strings>> cases{
      {term("integer", "Gt", {"8"}), {"fake-it-8", "fake-it-9"}},
      {term("integer", "Gte", {"10"}), {"fake-it-9"}},
      {term("integer", "Lt", {"3"}), {"fake-it-0", "fake-it-1"}},
      {term("integer", "Lte", {"1"}), {"fake-it-0"}},
      {term("integer", "In", {"4", "x"}), {"fake-it-3"}},
      {term("integer", "NotIn", {"1", "2", "3", "4", "5", "6", "7", "8"}),
       {"fake-it-8", "fake-it-9"}},
  };
  for (const auto& [wanted, types] : cases) {
    Scene scene;
    scene.pool("default");
    pods(scene, "web").need(wanted);
    EXPECT_EQ(scene.plan().claims.at(0).instance_types(), types) << wanted.op;
  }
  Scene scene;
  scene.pool("default");
  pods(scene, "web").need(term("integer", "Gt", {"10"}));
  EXPECT_TRUE(
      scene.reason(scene.plan(), "web").starts_with("no instance type met all requirements, "));
}

TEST(Constraints, SelectorsAndTermsAndPreferencesCombine) {
  // SCH-28, SCH-29, SCH-30
  Scene scene;
  scene.pool("default");
  pods(scene, "web")
      .select(kArch, "amd64")
      .need(term(kZone, "In", {"test-zone-1", "test-zone-2"}))
      .need(term(kZone, "NotIn", {"test-zone-1"}))
      .prefer(1, term(kCapacity, "In", {"on-demand"}))
      .prefer(9, term(kCapacity, "NotIn", {"spot"}));
  const Plan plan = scene.plan();
  EXPECT_EQ(values(plan.claims.at(0), kZone), (Strings{"test-zone-2"}));
  EXPECT_EQ(values(plan.claims.at(0), kCapacity), (Strings{"on-demand"}));
}

TEST(Constraints, ConflictingRequirementIsNotPlaced) {
  // SCH-24
  Scene scene;
  scene.pool("default");
  pods(scene, "web").select(kZone, "test-zone-1").need(term(kZone, "NotIn", {"test-zone-1"}));
  const Plan plan = scene.plan();
  EXPECT_EQ(placed(plan), 0);
  EXPECT_NE(scene.reason(plan, "web"), "");
}

TEST(Constraints, RestrictedLabelsAreRefused) {
  // SCH-87, SCH-88, SCH-614
  Scene scene;
  scene.pool("default");
  pods(scene, "host").select(kHost, "x");
  pods(scene, "domain").select("karpenter.sh/custom", "x");
  pods(scene, "sub-domain").need(term("sub.karpenter.sh/custom", "Exists", {}));
  pods(scene, "registered").select("karpenter.sh/registered", "true");
  pods(scene, "initialized").select("karpenter.sh/initialized", "true");
  const Plan plan = scene.plan();
  EXPECT_EQ(placed(plan), 0);
  EXPECT_EQ(
      scene.reason(plan, "domain"),
      "ignoring pod, using label karpenter.sh/custom is not allowed as it might interfere with "
      "the internal provisioning logic; specify a well known label: "
      "[integer karpenter.sh/capacity-type karpenter.sh/nodepool kubernetes.io/arch "
      "kubernetes.io/os node.kubernetes.io/instance-type node.kubernetes.io/windows-build size "
      "special topology.kubernetes.io/region topology.kubernetes.io/zone], or a custom label "
      "that does not use a restricted domain: [karpenter.sh]");
}

TEST(Constraints, EveryWellKnownLabelMayBeAskedFor) {
  // SCH-23, SCH-27
  for (const auto& [key, value] : k8s::StringMap{{kPool, "default"},
                                                 {kZone, "test-zone-1"},
                                                 {"topology.kubernetes.io/region", "somewhere"},
                                                 {kType, "fake-it-3"},
                                                 {kArch, "amd64"},
                                                 {kOs, "linux"},
                                                 {kCapacity, "spot"},
                                                 {"node.kubernetes.io/windows-build", "10.0.17763"},
                                                 {"integer", "2"},
                                                 {"size", "small"}}) {
    Scene scene;
    scene.pool("default");
    pods(scene, "web").select(key, value);
    EXPECT_EQ(placed(scene.plan()), 1) << key;
  }
}

TEST(Constraints, CompatiblePodsShareANode) {
  // SCH-145
  Scene scene;
  scene.pool("default");
  pods(scene, "a").need(term(kZone, "In", {"test-zone-1", "test-zone-2"}));
  pods(scene, "b").need(term(kZone, "In", {"test-zone-2", "test-zone-3"}));
  const Plan plan = scene.plan();
  EXPECT_EQ(scene.claims(plan), (std::vector<Strings>{{"a", "b"}}));
  EXPECT_EQ(values(plan.claims[0], kZone), (Strings{"test-zone-2"}));
}

TEST(Constraints, IncompatiblePodsGetTheirOwnNodes) {
  // SCH-145
  for (const char* key : {kZone, kType}) {
    Scene scene;
    scene.pool("default");
    pods(scene, "a").select(key, key == kZone ? "test-zone-1" : "fake-it-1");
    pods(scene, "b").select(key, key == kZone ? "test-zone-2" : "fake-it-2");
    EXPECT_EQ(scene.plan().claims.size(), 2u) << key;
  }
}

TEST(Constraints, ArchitecturesAndSystemsGetTheirOwnNodes) {
  // SCH-145
  cloud::InstanceType windows = make_type("windows", 4, 8, 10);
  std::ranges::find(windows.labels, kOs, &cloud::TypeLabel::key)->values = {"windows"};
  Scene scene(make_catalogue(
      {make_type("amd", 4, 8, 10), make_type("arm", 4, 8, 10, {"test-zone-1"}, "arm64"), windows}));
  scene.pool("default");
  pods(scene, "amd").select(kArch, "amd64").select(kOs, "linux");
  pods(scene, "arm").select(kArch, "arm64");
  pods(scene, "windows").select(kOs, "windows");
  EXPECT_EQ(scene.plan().claims.size(), 3u);
}

TEST(Constraints, ExistsKeepsTheValueChosenBefore) {
  // SCH-13
  Scene scene;
  scene.pool("default");
  pods(scene, "a").select(kZone, "test-zone-2").cpu("1");
  pods(scene, "b").need(term(kZone, "Exists", {}));
  const Plan plan = scene.plan();
  EXPECT_EQ(scene.claims(plan), (std::vector<Strings>{{"a", "b"}}));
  EXPECT_EQ(values(plan.claims[0], kZone), (Strings{"test-zone-2"}));
}

TEST(Constraints, TwoKindsOfDevicesAreTwoNodes) {
  // SCH-61
  cloud::InstanceType a = make_type("a", 8, 16, 10);
  a.capacity.set("vendor-a.com/gpu", k8s::Quantity::units(2));
  cloud::InstanceType b = make_type("b", 8, 16, 10);
  b.capacity.set("vendor-b.com/gpu", k8s::Quantity::units(2));
  Scene scene(make_catalogue({a, b}));
  scene.pool("default");
  pods(scene, "a").ask("vendor-a.com/gpu", "1");
  pods(scene, "b").ask("vendor-b.com/gpu", "1");
  pods(scene, "both").ask("vendor-a.com/gpu", "1").ask("vendor-b.com/gpu", "1");
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.size(), 2u);
  EXPECT_TRUE(scene.reason(plan, "both").starts_with("no instance type has enough resources, "));
}

TEST(Constraints, LabelsThatOnlySomeTypesHave) {
  // SCH-29, SCH-180
  Scene scene;
  scene.pool("default");
  pods(scene, "has").need(term("special", "Exists", {})).host_port(1);
  pods(scene, "has-not").need(term("special", "DoesNotExist", {})).host_port(1);
  pods(scene, "other").need(term("special", "In", {"nothing"}));
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 2u);
  EXPECT_EQ(
      plan.claims[0].instance_types(),
      (Strings{"fake-it-4", "fake-it-5", "fake-it-6", "fake-it-7", "fake-it-8", "fake-it-9"}));
  EXPECT_EQ(plan.claims[1].instance_types(),
            (Strings{"fake-it-0", "fake-it-1", "fake-it-2", "fake-it-3"}));
  EXPECT_NE(scene.reason(plan, "other"), "");
}

TEST(Constraints, ProviderLabelsFilterTypes) {
  // SCH-180
  Scene scene;
  scene.pool("default");
  pods(scene, "large").select("size", "large");
  pods(scene, "wrong").select("size", "large").select(kType, "fake-it-0");
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.at(0).cheapest().instance_type, "fake-it-4");
  EXPECT_TRUE(scene.reason(plan, "wrong").starts_with("no instance type met all requirements"));
}

TEST(Constraints, PoolsWithoutTypesSaySo) {
  // SCH-130, SCH-145, SCH-603
  const std::vector<std::vector<k8s::SelectorTerm>> requirements{
      {term(kType, "In", {"nothing"})},
      {term(kArch, "In", {"nothing"})},
      {term(kArch, "In", {"amd64"}), term(kArch, "In", {"arm64"})},
      {term(kZone, "In", {"nowhere"})},
  };
  for (const auto& wanted : requirements) {
    Scene scene;
    scene.pool("default").template_spec.requirements = wanted;
    pods(scene, "web", 2);
    const Plan plan = scene.plan();
    EXPECT_EQ(plan.warnings,
              (Strings{"NodePool requirements filtered out all compatible available "
                       "instance types (NodePool=default)"}));
    for (const Unplaced& unplaced : plan.unplaced) {
      EXPECT_EQ(unplaced.reason, "nodepool requirements filtered out all available instance types");
    }
    EXPECT_EQ(plan.unplaced.size(), 2u);
  }
}

// A type whose spot offering brings a device that the type itself lacks.
cloud::InstanceType with_override(bool is_available) {
  cloud::InstanceType type = make_type("a", 4, 8, 10, {"test-zone-1"});
  type.offerings[1].available = is_available;
  type.offerings[1].capacity_override =
      k8s::Resources{{"vendor.com/device", k8s::Quantity::units(1)}};
  return type;
}

TEST(Constraints, AnOfferingMaySupplyADevice) {
  // SCH-63, SCH-65, SCH-180
  Scene scene(make_catalogue({with_override(true), make_type("b", 4, 8, 10)}));
  scene.pool("default");
  pods(scene, "web").ask("vendor.com/device", "1");
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.claims.at(0).instance_types(), (Strings{"a"}));
  EXPECT_EQ(plan.claims.at(0).cheapest().capacity_type, "spot");
}

TEST(Constraints, AnUnavailableOfferingSuppliesNothing) {
  // SCH-65
  Scene scene(make_catalogue({with_override(false)}));
  scene.pool("default");
  pods(scene, "web").ask("vendor.com/device", "1");
  EXPECT_TRUE(
      scene.reason(scene.plan(), "web").starts_with("no instance type has enough resources"));
}

TEST(Constraints, UnreadyAndDeletingAndStaticPoolsPlanNothing) {
  // SCH-114, SCH-245
  Scene scene;
  scene.pool("unready");
  scene.set_unready("unready", "NodeClassNotReady");
  scene.pool("deleting").meta.deletion_time = 1;
  scene.pool("static").replicas = 3;
  pods(scene, "web");
  Plan plan = scene.plan();
  EXPECT_EQ(scene.reason(plan, "web"), "no dynamic nodepools found");
  scene.pool("usable");
  plan = scene.plan();
  EXPECT_EQ(plan.claims.at(0).pool()->meta.name, "usable");
}

TEST(Constraints, NoPoolAtAll) {
  // SCH-114
  Scene scene;
  pods(scene, "web");
  EXPECT_EQ(scene.reason(scene.plan(), "web"), "no dynamic nodepools found");
}

TEST(Constraints, PodsMayChooseTheValueOfAnOpenKey) {
  // SCH-613
  Scene scene;
  scene.pool("default").template_spec.requirements.push_back(term("team", "Exists", {}));
  pods(scene, "a").select("team", "a");
  pods(scene, "b").select("team", "b");
  const Plan plan = scene.plan();
  ASSERT_EQ(plan.claims.size(), 2u);
  EXPECT_EQ(plan.claims[0].form->claim.meta.labels.at("team"), "a");
  EXPECT_EQ(plan.claims[1].form->claim.meta.labels.at("team"), "b");
}

}  // namespace
}  // namespace plan::testing

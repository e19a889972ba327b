// Scenarios of `karpenter plan --disruption`, manifests in, JSON out: multi-node and single-node
// consolidation, Balanced pools (spec 03 s5, s6, s7).
#include <gtest/gtest.h>

#include "app/disruption_scene_testing.h"
#include "base/text.h"

namespace app::testing {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* kReplaced = "single replace a -> c-1x on-demand";
constexpr const char* kBoth = R"(["on-demand", "spot"])";
constexpr const char* kNotCheaper = "Can't replace with a cheaper node";

class ConsolidationScenario : public ::testing::Test {
 protected:
  std::int64_t types() {
    return scene_.document()
        .at("commands")
        .at(0)
        .at("replacements")
        .at(0)
        .at("instanceTypes")
        .as_int64();
  }

  std::string term(const std::string& text) {
    return base::concat(
        R"({"requirements": [)",
        text,
        R"(, {"key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"]},)",
        R"({"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]},)",
        R"({"key": "karpenter.sh/capacity-type", "operator": "In",)",
        R"( "values": ["on-demand", "spot"]}]})");
  }

  DisruptionScene scene_;
};

TEST_F(ConsolidationScenario, ReplacesByWhatIsCheaper) {
  // DIS-89, DIS-91, DIS-122, T-RE1
  scene_.machine("a");
  scene_.pod("p", {.node = "a"});
  EXPECT_EQ(scene_.commands(), Texts{kReplaced});
  EXPECT_EQ(types(), 10);  // c to 8x, s and m to 4x.
  EXPECT_NEAR(scene_.document().at("commands").at(0).at("savingsPerHour").as_double(),
              8 * 0.029294967296 - 0.027147483648,
              0.000001);
}

TEST_F(ConsolidationScenario, TheCheapestStays) {
  // DIS-91
  scene_.machine("a", {.type = "c-1x"});
  scene_.pod("p", {.node = "a"});
  EXPECT_EQ(scene_.first(), "");
  EXPECT_EQ(scene_.reasons("a"), Texts{kNotCheaper});
}

TEST_F(ConsolidationScenario, ThreeBecomeOne) {
  // DIS-95, DIS-99, DIS-100, T-MU1
  for (const char* name : {"a", "b", "c"}) {
    scene_.machine(name);
    scene_.pod(std::string("p") + name, {.node = name, .cpu = "1500m"});
  }
  EXPECT_EQ(scene_.commands(), (Texts{"multi replace a b c -> c-8x on-demand", "single delete a"}));
  EXPECT_EQ(types(), 1);
}

TEST_F(ConsolidationScenario, NeverTwoForOneOfTheSameType) {
  // DIS-100, T-MU2
  for (const char* name : {"a", "b"}) {
    scene_.machine(name, {.type = "c-1x"});
    scene_.pod(std::string("p") + name, {.node = name, .cpu = "400m"});
  }
  EXPECT_EQ(scene_.commands(), Texts{"single delete a"});
}

TEST_F(ConsolidationScenario, OneImmovableNodeStopsTheHalvingSearch) {
  // DIS-95: copied; --consolidation=extended finds the rest.
  scene_.machine("x", {.type = "m-32x"});  // The best ratio.
  scene_.pod("stuck", {.node = "x", .spec = R"({"nodeSelector": {"disk": "fast"}})"});
  for (const char* name : {"a", "b", "c"}) {
    scene_.machine(name);
    scene_.pod(std::string("p") + name,
               {.node = name,
                .cpu = "1500m",
                .spec = R"({"nodeSelector": {"karpenter.kwok.sh/instance-family": "s"}})"});
  }
  for (const char* name : {"a", "b", "c"}) {  // So that they are of the family that the pods ask.
    scene_.machine(name, {.annotations = "{}"});
  }
  for (const std::string& command : scene_.commands()) {
    EXPECT_FALSE(command.starts_with("multi")) << command;
  }
}

TEST_F(ConsolidationScenario, MultiRespectsBudgets) {
  // DIS-61, T-BU4
  scene_.pool("default", {.budgets = R"([{"nodes": "30%"}])"});
  for (int i = 0; i < 10; ++i) {
    scene_.machine(base::concat("n", i));
    scene_.pod(base::concat("p", i), {.node = base::concat("n", i)});
  }
  EXPECT_EQ(scene_.commands(), (Texts{"multi delete n0 n1 n2", "single delete n0"}));
}

TEST_F(ConsolidationScenario, OneIsNeverReplacedByTwo) {
  // DIS-88
  scene_.machine("a", {.type = "m-32x"});
  for (const char* zone : {"test-zone-a", "test-zone-b"}) {
    scene_.pod(zone,
               {.node = "a",
                .spec = base::concat(
                    R"({"nodeSelector": {"topology.kubernetes.io/zone": ")", zone, "\"}}")});
  }
  EXPECT_EQ(scene_.reasons("a"), Texts{"Can't remove without creating 2 candidates"});
}

TEST_F(ConsolidationScenario, OnDemandBecomesSpotOnly) {
  // DIS-91, DIS-92
  scene_.pool("default", {.capacity = kBoth});
  scene_.machine("a");
  scene_.pod("p", {.node = "a"});
  EXPECT_EQ(scene_.first(), "single replace a -> c-1x spot");
  EXPECT_EQ(types(), 12);  // c, s and m to 8x.
}

TEST_F(ConsolidationScenario, SpotForSpotIsGated) {
  // DIS-90, DIS-93, T-RE2, T-RE3
  scene_.pool("default", {.capacity = kBoth});
  scene_.machine("a", {.capacity = "spot"});
  scene_.pod("p", {.node = "a"});
  EXPECT_EQ(
      scene_.reasons("a"),
      Texts{"SpotToSpotConsolidation is disabled, can't replace a spot node with a spot node"});
  scene_.arguments.scheduling.feature_gates = "SpotToSpotConsolidation=true";
  EXPECT_EQ(scene_.reasons("a"),
            Texts{"SpotToSpotConsolidation requires 15 cheaper instance type options than the "
                  "current candidate to consolidate, got 10"});
  scene_.machine("a", {.type = "m-32x", .capacity = "spot"});
  EXPECT_EQ(scene_.first(), "single replace a -> c-1x spot");
  EXPECT_EQ(types(), 15);
  scene_.pool("default", {.capacity = R"(["on-demand"])"});
  EXPECT_EQ(scene_.first(), kReplaced);  // Spot is not admitted: the price alone counts.
}

TEST_F(ConsolidationScenario, MinValuesRaiseTheTruncation) {
  // DIS-93, T-RE6
  scene_.arguments.scheduling.feature_gates = "SpotToSpotConsolidation=true";
  scene_.machine("a", {.type = "m-32x", .capacity = "spot"});
  scene_.pod("p", {.node = "a"});
  const auto with_min_values = [&](int count) {
    scene_.pool("default",
                {.template_ = term(base::concat(
                     R"({"key": "node.kubernetes.io/instance-type", "operator": "Exists",)",
                     R"( "minValues": )",
                     count,
                     "}"))});
    return scene_.first();
  };
  EXPECT_EQ(with_min_values(10), "single replace a -> c-1x spot");
  EXPECT_EQ(types(), 15);
  EXPECT_EQ(with_min_values(16), "single replace a -> c-1x spot");
  EXPECT_EQ(types(), 16);
  EXPECT_EQ(with_min_values(18), "");  // 17 are cheaper. T-RE7
  EXPECT_EQ(scene_.reasons("a"),
            Texts{"Filtering by price: minValues requirement is not met for label(s) "
                  "(label(s)=[node.kubernetes.io/instance-type])"});
}

TEST_F(ConsolidationScenario, MinValuesAreStrictAmongTheCheaper) {
  // DIS-91, T-RE21
  scene_.arguments.scheduling.min_values_policy = "BestEffort";
  scene_.pool("default",
              {.template_ = term(R"({"key": "karpenter.kwok.sh/instance-family", "operator": "In",
                                     "values": ["c", "m", "s"], "minValues": 3})")});
  scene_.machine("a", {.type = "s-1x"});
  scene_.pod("p", {.node = "a"});
  scene_.arguments.scheduling.feature_gates = "SpotToSpotConsolidation=true";
  EXPECT_EQ(scene_.first(), "single replace a -> c-1x spot");  // m-1x spot is cheaper, too.
}

TEST_F(ConsolidationScenario, WhenEmptyLeavesPodsAlone) {
  // DIS-71, T-EV2, T-EV3
  scene_.machine("a");
  scene_.pod("p", {.node = "a"});
  scene_.pool("default", {.policy = "WhenEmpty"});
  EXPECT_EQ(
      scene_.reasons("a"),
      Texts{"NodePool \"default\" has consolidation policy WhenEmpty, but node is not empty"});
  scene_.pool("default", {.after = "Never"});
  EXPECT_EQ(scene_.reasons("a"), Texts{"NodePool \"default\" has consolidation disabled"});
}

TEST_F(ConsolidationScenario, DestinationsThatDoNotCount) {
  // DIS-81, DIS-83, DIS-85, T-DE12, T-DE13
  scene_.pool("default", {.after = "1h"});
  scene_.machine("a", {.type = "c-1x"});
  scene_.pod("p", {.node = "a"});
  const std::string held = R"({"karpenter.sh/do-not-disrupt": "true"})";
  scene_.machine("b", {.annotations = held});
  EXPECT_EQ(scene_.first(), "single delete a");
  scene_.machine("b", {.ready = "False", .annotations = held});
  EXPECT_EQ(scene_.first(), "");  // Upstream: it has no taint, so it takes pods.
  scene_.machine("b", {.is_initialized = false});
  EXPECT_EQ(scene_.reasons("a"),
            Texts{"not all pods would schedule, default/p => would schedule against uninitialized "
                  "nodeclaim/b, node/b"});
  scene_.machine(
      "b", {.annotations = held, .status = R"({"lastPodEventTime": "2026-03-10T11:00:01Z"})"});
  EXPECT_EQ(scene_.first(), "");
  scene_.machine(
      "b", {.annotations = held, .status = R"({"lastPodEventTime": "2026-03-10T11:00:00Z"})"});
  EXPECT_EQ(scene_.first(), "single delete a");
}

TEST_F(ConsolidationScenario, PoolsThatAreNotReadyLaunchNothing) {
  // DIS-12: upstream ends the whole round in an error.
  scene_.pool("default", {.ready = "False"});
  scene_.machine("a");
  scene_.pod("p", {.node = "a", .cpu = "5"});
  EXPECT_EQ(scene_.first(), "");
  scene_.machine("b");
  scene_.pod("q", {.node = "b", .cpu = "500m"});
  EXPECT_EQ(scene_.first(), "single delete a");
  scene_.machine("b", {.has_node = false, .has_claim = false});
}

TEST_F(ConsolidationScenario, AnotherPoolMayLaunch) {
  // DIS-12
  scene_.pool("default", {.ready = "False"});
  scene_.pool("other", {});
  scene_.machine("a");
  scene_.pod("p", {.node = "a"});
  EXPECT_EQ(scene_.first(), kReplaced);
  EXPECT_EQ(
      scene_.document().at("commands").at(0).at("replacements").at(0).at("nodePool").as_string(),
      "other");
}

TEST_F(ConsolidationScenario, OnlyTheFirstPoolIsAsked) {
  // DIS-89: copied; --consolidation=extended asks them all.
  const char* family =
      R"({"key": "karpenter.kwok.sh/instance-family", "operator": "In", "values": ["m"]})";
  scene_.pool("rich", {.template_ = term(family), .rest = R"({"weight": 10})"});
  scene_.machine("a", {.type = "s-2x"});
  scene_.pod("p", {.node = "a"});
  EXPECT_EQ(scene_.first(), "single replace a -> m-1x spot");
  scene_.machine("a", {.type = "c-1x", .capacity = "spot"});
  scene_.machine("a", {.type = "s-1x"});
  scene_.pool("rich",
              {.capacity = R"(["on-demand"])",
               .template_ = base::concat(R"({"requirements": [)", family, "]}"),
               .rest = R"({"weight": 10})"});
  scene_.pod("p", {.node = "a", .spec = R"({"nodeSelector": {
      "karpenter.sh/capacity-type": "on-demand", "kubernetes.io/arch": "amd64",
      "kubernetes.io/os": "linux"}})"});
  EXPECT_EQ(scene_.reasons("a"), Texts{kNotCheaper});
}

TEST_F(ConsolidationScenario, EqualPoolsByName) {
  // DIS-80, SCH-115: upstream's order is that of a hash table; ours is by name, descending.
  scene_.pool("aaa", {});
  scene_.machine("a");
  scene_.pod("p", {.node = "a"});
  EXPECT_EQ(
      scene_.document().at("commands").at(0).at("replacements").at(0).at("nodePool").as_string(),
      "default");
}

TEST_F(ConsolidationScenario, PoolsBeyondTheirLimitsGetNoReplacement) {
  // DIS-152: upstream decides, is refused at the launch, and decides again, for ever.
  scene_.machine("a");
  scene_.pod("p", {.node = "a"});
  scene_.pool("default", {.rest = R"({"limits": {"cpu": "8"}})"});
  EXPECT_EQ(scene_.first(), kReplaced);
  scene_.pool("default", {.rest = R"({"limits": {"cpu": "7"}})"});
  EXPECT_EQ(scene_.first(), "");
}

TEST_F(ConsolidationScenario, PodsThatWaitGetTheirOwnNode) {
  // DIS-86, DIS-88: upstream takes that node for the candidate's replacement. T-DE16
  scene_.machine("a");
  scene_.pod("p", {.node = "a"});
  scene_.machine("b");
  scene_.pod("q", {.node = "b", .cpu = "7"});
  scene_.pod("waiting", {.cpu = "12"});
  EXPECT_EQ(scene_.first(), "single delete a");
  scene_.pod("never", {.cpu = "5000"});
  EXPECT_EQ(scene_.first(), "single delete a");
}

TEST_F(ConsolidationScenario, PreferencesHoldUnlessIgnored) {
  // DIS-82, T-RE20: copied; --consolidation=extended gives way.
  scene_.machine("a");
  scene_.pod("p", {.node = "a", .spec = R"({"affinity": {"nodeAffinity": {
      "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "preference": {
        "matchExpressions": [{"key": "node.kubernetes.io/instance-type", "operator": "In",
                              "values": ["s-8x-amd64-linux"]}]}}]}}})"});
  EXPECT_EQ(scene_.reasons("a"), Texts{kNotCheaper});
  scene_.arguments.scheduling.preference_policy = "Ignore";
  EXPECT_EQ(scene_.first(), kReplaced);
}

TEST_F(ConsolidationScenario, BalancedPoolsWeighTheMove) {
  // DIS-120, DIS-121, DIS-127
  scene_.pool("default", {.policy = "Balanced"});
  scene_.machine("a");
  scene_.pod("p0", {.node = "a"});
  scene_.machine("held",
                 {.annotations = R"({"karpenter.sh/do-not-disrupt": "true"})",
                  .taints = R"([{"key": "own", "effect": "NoSchedule"}])"});
  EXPECT_EQ(scene_.first(), kReplaced);  // 44 % of the price for two thirds of the disruption.
  for (int i = 1; i < 9; ++i) {
    scene_.pod(base::concat("p", i), {.node = "a"});
  }
  EXPECT_EQ(scene_.first(), "");  // 44 % for 91 %.
  EXPECT_EQ(scene_.reasons("a"), Texts{"what it saves is not worth the disruption"});
  scene_.pool("default", {});
  EXPECT_EQ(scene_.first(), kReplaced);
}

TEST_F(ConsolidationScenario, PoolsTakeTurns) {
  // DIS-80
  scene_.pool("other", {});
  scene_.machine("a1", {.type = "c-1x"});
  scene_.machine("a2");
  scene_.machine("b1", {.type = "m-1x", .pool = "other"});
  scene_.pod("p1", {.node = "a1", .cpu = "800m"});
  scene_.pod("p2", {.node = "a2", .cpu = "7500m"});
  scene_.pod("p3", {.node = "b1", .cpu = "800m"});
  // a2 has the better ratio but nothing is cheaper; then b1, the best of the other pool.
  EXPECT_EQ(scene_.commands().back(), "single replace a2 -> c-8x on-demand");
}

}  // namespace
}  // namespace app::testing

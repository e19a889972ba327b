// Scenarios of `karpenter plan --disruption`, manifests in, JSON out: emptiness, budgets, and who
// may not be disturbed (spec 03 s3, s4, s6.1).
#include <gtest/gtest.h>

#include "app/disruption_scene_testing.h"
#include "base/text.h"

namespace app::testing {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* kEmptied = "emptiness delete a";

class EmptinessScenario : public ::testing::Test {
 protected:
  void machines(int count) {
    for (int i = 0; i < count; ++i) {
      scene_.machine(base::concat("n", i));
    }
  }

  std::string with_budgets(const std::string& budgets, const char* now = kMoment) {
    scene_.pool("default", {.budgets = budgets});
    scene_.arguments.now = now;
    return scene_.first();
  }

  DisruptionScene scene_;
};

TEST_F(EmptinessScenario, TheDearestFirst) {
  // DIS-79, DIS-96, T-EM1
  scene_.machine("a", {.type = "s-4x"});
  scene_.machine("b", {.type = "m-16x"});
  scene_.machine("c", {.type = "s-8x", .capacity = "spot"});
  EXPECT_EQ(scene_.commands(), Texts{"emptiness delete b c a"});
  EXPECT_NEAR(scene_.document().at("totals").at("pricePerHour").as_double(), 0.8186706, 0.000001);
  EXPECT_EQ(scene_.document().at("totals").at("nodes").as_int64(), 3);
}

TEST_F(EmptinessScenario, EveryPolicyTakesEmptyNodes) {
  // DIS-72, DIS-74
  scene_.machine("a");
  for (const char* policy : {"WhenEmpty", "WhenEmptyOrUnderutilized", "Balanced"}) {
    scene_.pool("default", {.policy = policy});
    EXPECT_EQ(scene_.commands(), Texts{kEmptied}) << policy;
  }
  scene_.pool("default", {.after = "Never"});
  EXPECT_EQ(scene_.first(), "");
  EXPECT_EQ(scene_.reasons("a"), Texts{"NodePool \"default\" has consolidation disabled"});
}

TEST_F(EmptinessScenario, TheConditionDecides) {
  // DIS-72, DIS-187
  scene_.machine("a", {.is_consolidatable = false});
  EXPECT_EQ(scene_.first(), "");
  EXPECT_EQ(scene_.reasons("a"), Texts{"nodeclaim is not consolidatable"});
}

TEST_F(EmptinessScenario, PodsThatNeedNoOtherPlace) {
  // DIS-26, DIS-33, DIS-45, T-EM3, T-EM4, T-EM5
  scene_.machine("a");
  scene_.pod("daemon", {.node = "a", .owner = "DaemonSet"});
  scene_.pod("mirror", {.node = "a", .owner = "Node"});
  scene_.pod("done", {.node = "a", .status = R"({"phase": "Succeeded"})"});
  const std::string leaving =
      base::concat(R"({"deletionTimestamp": ")", kMoment, R"(", "finalizers": ["x/y"]})");
  scene_.pod("leaving", {.node = "a", .metadata = leaving});
  EXPECT_EQ(scene_.first(), kEmptied);
  scene_.pod("stateful", {.node = "a", .metadata = leaving, .owner = "StatefulSet"});
  EXPECT_EQ(scene_.first(), "single replace a -> c-1x on-demand");
}

TEST_F(EmptinessScenario, PodsThatCostNothingStillNeedAPlace) {
  // DIS-45: upstream deletes the node without looking for one.
  scene_.machine("a");
  scene_.pod("cheap", {.node = "a", .spec = R"({"priority": -1000000000})"});
  EXPECT_EQ(scene_.first(), "single replace a -> c-1x on-demand");
}

TEST_F(EmptinessScenario, BudgetsCount) {
  // DIS-53, DIS-54, DIS-61, T-BU1..3
  machines(10);
  EXPECT_EQ(with_budgets(R"([{"nodes": "30%"}])"), "emptiness delete n0 n1 n2");
  EXPECT_EQ(with_budgets(R"([{"nodes": "11%"}])"), "emptiness delete n0 n1");
  EXPECT_EQ(with_budgets(R"([{"nodes": "1"}, {"nodes": "50%"}])"), "emptiness delete n0");
  EXPECT_EQ(with_budgets(R"([{"nodes": "0"}])"), "");
  EXPECT_EQ(scene_.reasons("n9"),
            Texts{"No allowed disruptions for disruption reason Empty due to blocking budget"});
  EXPECT_EQ(with_budgets(R"([{"nodes": "0", "reasons": ["Drifted", "Underutilized"]}])"),
            "emptiness delete n0 n1 n2 n3 n4 n5 n6 n7 n8 n9");
  EXPECT_EQ(with_budgets(R"([{"nodes": "2", "reasons": ["Empty"]}, {"nodes": "5"}])"),
            "emptiness delete n0 n1");
}

TEST_F(EmptinessScenario, WindowsAreHalfOpenAndInUtc) {
  // DIS-51, DIS-52, T-BU12
  machines(1);
  const auto closed = R"([{"nodes": "0", "schedule": "0 12 * * TUE", "duration": "1h"}])";
  EXPECT_EQ(with_budgets(closed, "2026-03-10T11:59:59Z"), "emptiness delete n0");
  EXPECT_EQ(with_budgets(closed, "2026-03-10T12:00:00Z"), "");
  EXPECT_EQ(with_budgets(closed, "2026-03-10T12:59:59Z"), "");
  EXPECT_EQ(with_budgets(closed, "2026-03-10T13:00:00Z"), "emptiness delete n0");
  EXPECT_EQ(with_budgets(closed, "2026-03-11T12:30:00Z"), "emptiness delete n0");
  // The hits of every minute overlap: always closed.
  EXPECT_EQ(with_budgets(R"([{"nodes": "0", "schedule": "* * * * *", "duration": "5m"}])", kMoment),
            "");
  // Both day fields restricted: either is enough.
  const auto either = R"([{"nodes": "0", "schedule": "0 12 10 * SUN", "duration": "1h"}])";
  EXPECT_EQ(with_budgets(either, "2026-03-10T12:30:00Z"), "");
  EXPECT_EQ(with_budgets(either, "2026-03-15T12:30:00Z"), "");
  EXPECT_EQ(with_budgets(either, "2026-03-16T12:30:00Z"), "emptiness delete n0");
}

TEST_F(EmptinessScenario, WindowsThatCannotOpenAreTold) {
  // DIS-51: upstream takes the budget of the thirtieth of February for one that always counts.
  machines(1);
  for (const auto& [budgets, problem] :
       {std::pair{R"([{"nodes": "0", "schedule": "0 0 30 2 *", "duration": "1h"}])",
                  "it never comes"},
        std::pair{R"([{"nodes": "0", "schedule": "0 0 * * tue-mon", "duration": "1h"}])",
                  "beginning of range (2) beyond end of range (1)"}}) {
    scene_.pool("default", {.budgets = budgets});
    const auto document = scene_.document();
    ASSERT_FALSE(document.at("warnings").as_array().empty());
    EXPECT_NE(std::string_view(document.at("warnings").at(0).as_string()).find(problem),
              std::string_view::npos);
  }
}

TEST_F(EmptinessScenario, WhatGoesOrIsSickConsumesTheBudget) {
  // DIS-56, DIS-57, DIS-58, T-BU8, T-BU9
  machines(8);
  scene_.machine("sick", {.ready = "False", .is_consolidatable = false});
  scene_.machine("young", {.is_initialized = false});
  scene_.machine("alien", {.has_claim = false});
  EXPECT_EQ(with_budgets(R"([{"nodes": "2"}])"), "emptiness delete n0");
  scene_.machine("going",
                 {.metadata = base::concat(R"({"deletionTimestamp": ")",
                                           kMoment,
                                           R"(", "finalizers": ["karpenter.sh/termination"]})")});
  EXPECT_EQ(with_budgets(R"([{"nodes": "2"}])"), "");
  EXPECT_EQ(with_budgets(R"([{"nodes": "30%"}])"), "emptiness delete n0");  // Of ten.
}

TEST_F(EmptinessScenario, EachPoolHasItsOwnBudget) {
  // DIS-61, T-BU6
  scene_.pool("default", {.budgets = R"([{"nodes": "50%"}])"});
  scene_.pool("other", {.budgets = R"([{"nodes": "0"}])"});
  machines(3);
  scene_.machine("x", {.pool = "other"});
  EXPECT_EQ(scene_.commands(), Texts{"emptiness delete n0 n1"});
}

TEST_F(EmptinessScenario, NodesThatMustNotBeDisturbed) {
  // DIS-20, DIS-21
  const auto annotated = [&](const char* value) {
    scene_.machine(
        "a", {.annotations = base::concat(R"({"karpenter.sh/do-not-disrupt": ")", value, "\"}")});
    return scene_.first();
  };
  EXPECT_EQ(annotated("true"), "");
  EXPECT_EQ(scene_.reasons("a"),
            Texts{"disruption is blocked through the \"karpenter.sh/do-not-disrupt\" annotation"});
  EXPECT_EQ(annotated("false"), kEmptied);
  EXPECT_EQ(annotated("24h"), kEmptied);  // Durations are for pods.
}

TEST_F(EmptinessScenario, PodsThatMustNotBeDisturbed) {
  // DIS-24, DIS-34, T-CF1, T-CF4
  scene_.machine("a");
  const auto with_pod =
      [&](const char* value, const char* owner, const char* status = "{}") -> std::string {
    scene_.pod("p",
               {.node = "a",
                .metadata = base::concat(
                    R"({"annotations": {"karpenter.sh/do-not-disrupt": ")", value, "\"}}"),
                .status = status,
                .owner = owner});
    return scene_.first();
  };
  const Texts held{"pod has \"karpenter.sh/do-not-disrupt\" annotation (Pod=default/p)"};
  for (const char* owner : {"ReplicaSet", "DaemonSet", "Node", ""}) {
    EXPECT_EQ(with_pod("true", owner), "") << owner;
    EXPECT_EQ(scene_.reasons("a"), held) << owner;
  }
  EXPECT_EQ(with_pod("true", "DaemonSet", R"({"phase": "Failed"})"), kEmptied);
  EXPECT_EQ(with_pod("2h", "DaemonSet"), kEmptied);  // It has run for days.
  EXPECT_EQ(with_pod("2h", "DaemonSet", R"({"startTime": "2026-03-10T10:00:01Z"})"), "");
  EXPECT_EQ(with_pod("2h", "DaemonSet", R"({"startTime": "2026-03-10T10:00:00Z"})"), kEmptied);
  EXPECT_EQ(with_pod("1h30m", "DaemonSet", R"({"startTime": "2026-03-10T10:31:00Z"})"), "");
  EXPECT_EQ(with_pod("2h", "DaemonSet", R"({"startTime": null})"), "");
  for (const char* value : {"false", "soon", "0s", "-5m"}) {
    EXPECT_EQ(with_pod(value, "DaemonSet"), kEmptied) << value;
  }
}

TEST_F(EmptinessScenario, PodDisruptionBudgets) {
  // DIS-24, DIS-37, DIS-40, T-CF4, T-CO9
  scene_.machine("a");
  scene_.pod("p", {.node = "a", .owner = "DaemonSet"});
  scene_.pdb("one", 1);
  EXPECT_EQ(scene_.first(), kEmptied);
  scene_.pdb("one", 0);
  EXPECT_EQ(scene_.reasons("a"),
            Texts{"pdb prevents pod evictions (PodDisruptionBudget=[default/one])"});
  scene_.pdb("one", 1);
  scene_.pdb("two", 1, R"({"selector": {}})");  // Overlaps: selects everything.
  EXPECT_EQ(scene_.reasons("a"),
            Texts{"eviction does not support multiple PDBs "
                  "(PodDisruptionBudget(s)=[default/one default/two])"});
  scene_.pdb("two", 0, R"({"selector": {"matchLabels": {"app": "other"}}})");
  EXPECT_EQ(scene_.first(), kEmptied);
  scene_.pdb("one", 0, R"({"unhealthyPodEvictionPolicy": "AlwaysAllow"})");
  EXPECT_EQ(scene_.first(), "");
  scene_.pod("p",
             {.node = "a",
              .status = R"({"conditions": [{"type": "Ready", "status": "False"}]})",
              .owner = "DaemonSet"});
  EXPECT_EQ(scene_.first(), kEmptied);
}

TEST_F(EmptinessScenario, PodsThatAreNeverEvictedHaveNoBudget) {
  // DIS-36, DIS-40
  scene_.machine("a");
  scene_.pdb("none", 0, R"({"selector": {}})");
  scene_.pod("mirror", {.node = "a", .owner = "Node"});
  scene_.pod(
      "tolerant",
      {.node = "a", .spec = R"({"tolerations": [{"operator": "Exists"}]})", .owner = "DaemonSet"});
  EXPECT_EQ(scene_.first(), kEmptied);
}

TEST_F(EmptinessScenario, MachinesThatAreNoCandidates) {
  // DIS-20, T-CF5
  scene_.machine("alien", {.has_claim = false});
  scene_.machine("expected", {.has_node = false});
  scene_.machine("young", {.is_initialized = false});
  scene_.machine("stray", {.without = {"karpenter.sh/nodepool"}});
  scene_.machine("orphan", {.pool = "gone"});
  EXPECT_EQ(scene_.first(), "");
  EXPECT_EQ(scene_.reasons("alien"), Texts{"node isn't managed by karpenter"});
  EXPECT_EQ(scene_.reasons("expected"), Texts{"nodeclaim does not have an associated node"});
  EXPECT_EQ(scene_.reasons("young"), Texts{"node isn't initialized"});
  EXPECT_EQ(scene_.reasons("stray"),
            Texts{"node doesn't have required label (label=karpenter.sh/nodepool)"});
  EXPECT_EQ(scene_.reasons("orphan"), Texts{"nodepool not found (NodePool=gone)"});
  EXPECT_EQ(scene_.document().at("totals").at("nodes").as_int64(), 4);
}

TEST_F(EmptinessScenario, MissingLabelsAndUnknownTypesDoNotMatter) {
  // DIS-23, DIS-72, T-CF6
  scene_.machine("a", {.without = {"node.kubernetes.io/instance-type"}});
  scene_.machine("b", {.without = {"karpenter.sh/capacity-type"}});
  scene_.machine("c", {.zone = "test-zone-z"});
  EXPECT_EQ(scene_.first(), "emptiness delete a b c");
}

TEST_F(EmptinessScenario, ClaimsWithoutProviderIdStopNobody) {
  // DIS-20: upstream stops every method at the first of them.
  scene_.machine("new",
                 {.is_initialized = false, .status = R"({"providerID": ""})", .has_node = false});
  scene_.machine("a");
  EXPECT_EQ(scene_.first(), kEmptied);
}

TEST_F(EmptinessScenario, StaticPoolsKeepTheirNodes) {
  // DIS-70, T-XX4
  scene_.pool("default", {.rest = R"({"replicas": 1})"});
  scene_.machine("a");
  EXPECT_EQ(scene_.first(), "");
}

}  // namespace
}  // namespace app::testing

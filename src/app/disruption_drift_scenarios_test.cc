// Scenarios of `karpenter plan --disruption`, manifests in, JSON out: drift (spec 03 s8).
#include <algorithm>

#include <gtest/gtest.h>

#include "app/disruption_scene_testing.h"

namespace app::testing {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* kEarly = "2026-03-02T00:00:00Z";
constexpr const char* kLate = "2026-03-03T00:00:00Z";
constexpr const char* kReplaced = "drift replace a -> c-1x on-demand";

class DriftScenario : public ::testing::Test {
 protected:
  DriftScenario() { scene_.pool("default", {.after = "Never"}); }

  DisruptionScene scene_;
};

TEST_F(DriftScenario, ReplacesWhateverThePrice) {
  // DIS-135, DIS-138, DIS-84
  scene_.machine("a", {.type = "c-1x", .drifted = kEarly});
  scene_.pod("p", {.node = "a"});
  EXPECT_EQ(scene_.commands(), Texts{kReplaced});
  const auto& command = scene_.document().at("commands").at(0);
  EXPECT_EQ(command.at("savingsPerHour").to_number<double>(), 0);
  EXPECT_EQ(command.at("replacements").at(0).at("instanceTypes").as_int64(), 36);
}

TEST_F(DriftScenario, DeletesWhereThereIsRoom) {
  // DIS-88, T-DR8
  scene_.machine("a", {.drifted = kEarly});
  scene_.pod("p", {.node = "a"});
  scene_.machine("b");
  scene_.pod("q", {.node = "b"});
  EXPECT_EQ(scene_.commands(), Texts{"drift delete a"});
}

TEST_F(DriftScenario, EmptyOnesFirstThenTheOldest) {
  // DIS-136, T-DR10, T-DR14
  scene_.machine("a", {.drifted = kEarly});
  scene_.pod("p", {.node = "a", .cpu = "5"});
  scene_.machine("b", {.drifted = kLate});
  scene_.pod("q", {.node = "b", .cpu = "5"});
  EXPECT_EQ(scene_.commands(), Texts{"drift replace a -> c-8x on-demand"});
  scene_.machine("c", {.drifted = kLate});
  EXPECT_EQ(scene_.commands(), Texts{"drift delete c"});
}

TEST_F(DriftScenario, EmptinessComesBeforeDrift) {
  // DIS-3: in this order the controller calls it empty.
  scene_.pool("default", {});
  scene_.machine("a", {.drifted = kEarly});
  EXPECT_EQ(scene_.commands(), (Texts{"emptiness delete a", "drift delete a"}));
}

TEST_F(DriftScenario, WhoCannotGoIsPassedOver) {
  // DIS-137, T-DR1
  scene_.machine("a", {.drifted = kEarly});
  scene_.pod("huge", {.node = "a", .cpu = "1000"});
  scene_.machine("b", {.drifted = kLate});
  scene_.pod("p", {.node = "b", .cpu = "5"});
  EXPECT_EQ(scene_.commands(), Texts{"drift replace b -> c-8x on-demand"});
  const Texts reasons = scene_.reasons("a");
  EXPECT_TRUE(std::ranges::any_of(reasons, [](const std::string& reason) {
    return reason.starts_with("not all pods would schedule, default/huge => ");
  })) << reasons.size();
}

TEST_F(DriftScenario, OneMayBecomeSeveral) {
  // DIS-138, T-DR12
  scene_.machine("a", {.drifted = kEarly});
  for (const char* zone : {"test-zone-a", "test-zone-b", "test-zone-c"}) {
    scene_.pod(zone,
               {.node = "a",
                .spec = std::string(R"({"nodeSelector": {"topology.kubernetes.io/zone": ")") +
                        zone + R"("}})"});
  }
  EXPECT_EQ(scene_.commands(),
            Texts{"drift replace a -> c-1x on-demand, c-1x on-demand, c-1x on-demand"});
}

TEST_F(DriftScenario, TheGracePeriodOverridesPods) {
  // DIS-25, DIS-87: and room is made for them beforehand. T-CF2, T-CF3, T-DR5
  const auto with = [&](const char* claim) {
    scene_.machine("a", {.drifted = kEarly, .claim = claim});
    return scene_.first();
  };
  scene_.pod(
      "p",
      {.node = "a", .metadata = R"({"annotations": {"karpenter.sh/do-not-disrupt": "true"}})"});
  EXPECT_EQ(with("{}"), "");
  EXPECT_EQ(with(R"({"terminationGracePeriod": "5m"})"), kReplaced);
  EXPECT_EQ(with(R"({"terminationGracePeriod": "0s"})"), kReplaced);
  scene_.pod("p", {.node = "a"});
  scene_.pdb("held", 0, R"({"maxUnavailable": 0})");
  EXPECT_EQ(with("{}"), "");
  EXPECT_EQ(with(R"({"terminationGracePeriod": "5m"})"), kReplaced);
}

TEST_F(DriftScenario, TheGracePeriodChangesNothingElse) {
  // DIS-25, T-CF2
  scene_.pool("default", {});
  scene_.machine("a", {.claim = R"({"terminationGracePeriod": "5m"})"});
  scene_.pod(
      "p",
      {.node = "a", .metadata = R"({"annotations": {"karpenter.sh/do-not-disrupt": "true"}})"});
  EXPECT_EQ(scene_.first(), "");
}

TEST_F(DriftScenario, BudgetsOfTheReason) {
  // DIS-54, DIS-61
  scene_.machine("a", {.drifted = kEarly});
  scene_.pod("p", {.node = "a"});
  scene_.pool("default",
              {.after = "Never", .budgets = R"([{"nodes": "0", "reasons": ["Drifted"]}])"});
  EXPECT_EQ(scene_.first(), "");
  EXPECT_EQ(scene_.reasons("a").back(),
            "No allowed disruptions for disruption reason Drifted due to blocking budget");
  scene_.pool("default",
              {.after = "Never", .budgets = R"([{"nodes": "0", "reasons": ["Underutilized"]}])"});
  EXPECT_EQ(scene_.first(), kReplaced);
}

TEST_F(DriftScenario, StaticMachinesAreReplacedOneByOne) {
  // DIS-142, DIS-143, DIS-144, T-SD
  scene_.pool("default", {.rest = R"({"replicas": 3})"});
  for (const char* name : {"a", "b", "c"}) {
    scene_.machine(name, {.drifted = kEarly});
  }
  EXPECT_EQ(scene_.commands(),
            (Texts{"drift replace a -> c-1x on-demand",
                   "drift replace b -> c-1x on-demand",
                   "drift replace c -> c-1x on-demand"}));
  scene_.pool("default", {.budgets = R"([{"nodes": "40%"}])", .rest = R"({"replicas": 3})"});
  EXPECT_EQ(scene_.commands().size(), 2U);
  scene_.pool("default", {.rest = R"({"replicas": 3, "limits": {"nodes": 4}})"});
  EXPECT_EQ(scene_.commands().size(), 1U);
  scene_.pool("default", {.rest = R"({"replicas": 3, "limits": {"nodes": 3}})"});
  EXPECT_TRUE(scene_.commands().empty());
  scene_.pool("default", {.rest = R"({"replicas": 2})"});  // It will shrink first.
  EXPECT_TRUE(scene_.commands().empty());
}

TEST_F(DriftScenario, NodesMayBeHeld) {
  // DIS-20, T-DR3
  scene_.machine("a",
                 {.drifted = kEarly, .annotations = R"({"karpenter.sh/do-not-disrupt": "true"})"});
  scene_.pod("p", {.node = "a"});
  EXPECT_EQ(scene_.first(), "");
}

TEST_F(DriftScenario, SettlingNodesTakeThePods) {
  // DIS-82, DIS-83: consolidation would wait.
  scene_.pool("default", {.after = "24h"});
  scene_.machine("a", {.is_consolidatable = false, .drifted = kEarly});
  scene_.pod("p", {.node = "a"});
  scene_.machine(
      "b",
      {.is_consolidatable = false, .status = R"({"lastPodEventTime": "2026-03-10T11:00:00Z"})"});
  scene_.pod("q", {.node = "b"});
  EXPECT_EQ(scene_.first(), "drift delete a");
}

}  // namespace
}  // namespace app::testing

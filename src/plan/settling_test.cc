// Nodes that consolidation must leave alone for a while (spec 02 s6.5).
#include "plan/settling.h"

#include <gtest/gtest.h>

#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

constexpr k8s::TimeNs kSecond = 1'000'000'000;
constexpr k8s::TimeNs kNow = 1'800'000'000 * kSecond;

class Settling : public ::testing::Test {
 protected:
  Settling() {
    scene_.extra().now = kNow;
    scene_.options.enforce_consolidate_after = true;
    pool_.disruption.consolidate_after = 60 * kSecond;
    machine_.claim.meta.name = "claim-node-1";
    machine_.claim.meta.labels = machine_.node.meta.labels;
    machine_.claim.status.last_pod_event = kNow - 10 * kSecond;
  }

  // A pod that a simulation moves away from another node.
  Plan plan_moved(const std::string& phase) {
    scene_.node("old", "default", "test-zone-1");
    bound(scene_, "web", "old").each([&](k8s::Pod& pod) { pod.status.phase = phase; });
    scene_.build();
    const std::vector<world::PodId> ids{0};
    const std::vector<world::NodeId> removed{1};
    return compute_plan({.snapshot = scene_.snapshot(),
                         .pods = ids,
                         .removed = removed,
                         .options = scene_.options});
  }

  Scene scene_;
  k8s::NodePool& pool_ = scene_.pool("default");
  Machine& machine_ = scene_.machine("node-1", "default", "test-zone-1");
};

TEST_F(Settling, RunningPodsAreNotMovedThere) {
  // SCH-148
  EXPECT_TRUE(plan_moved("Running").existing.empty());
}

TEST_F(Settling, PendingPodsMayGoThere) {
  // SCH-148
  EXPECT_EQ(plan_moved("Pending").existing.size(), 1u);
}

TEST_F(Settling, VirtualPodsHaveNoPhaseAndMayNot) {
  // SCH-286
  EXPECT_TRUE(plan_moved("").existing.empty());
}

TEST_F(Settling, PodsOfALeavingNodeMayGoThere) {
  // SCH-148
  scene_.machine("leaving", "default", "test-zone-1").is_leaving = true;
  bound(scene_, "leaver", "leaving");
  EXPECT_EQ(scene_.plan().existing.size(), 1u);
}

TEST_F(Settling, OverWhenTheTimeHasPassed) {
  // SCH-148
  machine_.claim.status.last_pod_event = kNow - 60 * kSecond;
  EXPECT_EQ(plan_moved("Running").existing.size(), 1u);
}

TEST_F(Settling, CountsFromInitializationWithoutAnEvent) {
  // SCH-148
  machine_.claim.status.last_pod_event = 0;
  machine_.claim.status.conditions.push_back(
      {.type = "Initialized", .status = "True", .last_transition = kNow - 30 * kSecond});
  EXPECT_TRUE(plan_moved("Running").existing.empty());
}

TEST_F(Settling, NeverAndZeroDoNotSettle) {
  // SCH-148
  for (const auto after : {std::optional<k8s::DurationNs>(), std::optional<k8s::DurationNs>(0)}) {
    pool_.disruption.consolidate_after = after;
    scene_.build();
    EXPECT_FALSE(is_settling(scene_.snapshot(), scene_.snapshot().nodes[0]));
  }
}

TEST_F(Settling, OutsideConsolidationNothingSettles) {
  // SCH-148
  scene_.options.enforce_consolidate_after = false;
  EXPECT_EQ(plan_moved("Running").existing.size(), 1u);
}

}  // namespace
}  // namespace plan::testing

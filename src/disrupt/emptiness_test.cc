// Emptiness (spec 03 s6.1).
#include <gtest/gtest.h>

#include "disrupt/bed_testing.h"
#include "world/names.h"

namespace disrupt::testing {
namespace {

using Names = std::vector<std::string>;

class Emptiness : public ::testing::Test {
 protected:
  Findings find() { return bed_.find(Method::kEmptiness); }

  Bed bed_;
};

TEST_F(Emptiness, TakesNodesWithoutPodsThatNeedAPlace) {
  // DIS-96, DIS-45, DIS-33
  for (const char* name : {"a", "b", "c", "d"}) {
    bed_.add_machine(name);
  }
  bed_.add_pod("web", "a");
  k8s::Pod daemon = bed_.make_pod("daemon", "b");
  daemon.meta.owners.push_back({.api_version = "apps/v1", .kind = "DaemonSet", .name = "d"});
  bed_.put(daemon);
  k8s::Pod done = bed_.make_pod("done", "c");
  done.status.phase = "Succeeded";
  bed_.put(done);
  const Findings found = find();
  EXPECT_EQ(nodes_of(found), (Names{"b", "c", "d"}));
  EXPECT_EQ(found.commands.front().decision(), "delete");
  EXPECT_DOUBLE_EQ(found.commands.front().savings, 2.4);
}

TEST_F(Emptiness, StatefulPodsThatTerminateStillCount) {
  // DIS-33
  bed_.add_machine("a");
  k8s::Pod pod = bed_.make_pod("db", "a");
  pod.meta.deletion_time = kNow;
  bed_.put(pod);
  EXPECT_EQ(find().eligible, 1U);
  pod.meta.owners.push_back({.api_version = "apps/v1", .kind = "StatefulSet", .name = "db"});
  bed_.put(pod);
  EXPECT_EQ(find().eligible, 0U);
}

TEST_F(Emptiness, PodsThatCostNothingToEvictStillNeedAPlace) {
  // DIS-45: upstream deletes such a node without looking for a place for them.
  bed_.add_machine("a");
  k8s::Pod cheap = bed_.make_pod("cheap", "a");
  cheap.spec.priority = -2'000'000'000;
  bed_.put(cheap);
  EXPECT_TRUE(find().commands.empty());
  const Findings single = bed_.find(Method::kSingleNode);
  ASSERT_EQ(single.commands.size(), 1U);
  EXPECT_EQ(single.commands.front().replacements.size(), 1U);
}

TEST_F(Emptiness, BudgetsLimitHowManyGo) {
  // DIS-61, T-BU1
  bed_.pool.disruption.budgets[0].nodes = "30%";
  bed_.put(bed_.pool);
  for (int i = 0; i < 10; ++i) {
    bed_.add_machine("n" + std::to_string(i));
  }
  const Findings found = find();
  EXPECT_EQ(found.eligible, 10U);
  EXPECT_EQ(nodes_of(found).size(), 3U);
  EXPECT_TRUE(found.is_budget_bound);
}

TEST_F(Emptiness, TellsOfPoolsThatMayLoseNothing) {
  // DIS-60
  bed_.pool.disruption.budgets[0].nodes = "0";
  bed_.put(bed_.pool);
  bed_.add_machine("a");
  const Findings found = find();
  EXPECT_TRUE(found.commands.empty());
  EXPECT_EQ(found.exhausted_pools, Names{"default"});
}

TEST_F(Emptiness, WaitsForTheCondition) {
  // DIS-72
  bed_.add_machine("a");
  k8s::NodeClaim fresh = bed_.make_claim("a");
  fresh.status.conditions.pop_back();
  bed_.put(fresh);
  EXPECT_EQ(find().eligible, 0U);
}

TEST_F(Emptiness, CanBeTurnedOff) {
  // DIS-72, T-EV3
  bed_.pool.disruption.consolidate_after = std::nullopt;
  bed_.put(bed_.pool);
  bed_.add_machine("a");
  EXPECT_EQ(bed_.notes(find(), "a"), Names{"NodePool \"default\" has consolidation disabled"});
}

TEST_F(Emptiness, RoomForBuffersIsNotEmpty) {
  // DIS-72, T-XX3
  bed_.add_machine("a");
  bed_.settings.buffered = {"claim-a"};
  const Findings found = find();
  EXPECT_TRUE(found.commands.empty());
  EXPECT_EQ(bed_.notes(found, "a"), Names{"Node \"a\" has buffer pods"});
}

TEST_F(Emptiness, StaticPoolsKeepTheirNodes) {
  // DIS-70, T-XX4
  bed_.pool.replicas = 1;
  bed_.put(bed_.pool);
  bed_.add_machine("a");
  EXPECT_EQ(find().eligible, 0U);
}

TEST_F(Emptiness, ClaimsWithoutProviderIdStopNobody) {
  // DIS-20: upstream's methods all end in an error.
  bed_.add_machine("a");
  k8s::NodeClaim nameless = bed_.make_claim("b");
  nameless.status.provider_id.clear();
  bed_.put(nameless);
  EXPECT_EQ(nodes_of(find()), Names{"a"});
}

TEST_F(Emptiness, ValidationKeepsWhatIsStillEmpty) {
  // DIS-111, T-VA10
  bed_.add_machine("a");
  bed_.add_machine("b");
  const Command command = find().commands.front();
  bed_.add_pod("web", "a");
  bed_.add_machine("late");
  const auto valid = bed_.validate_now(command);
  ASSERT_TRUE(valid.has_value());
  ASSERT_EQ(valid->candidates.size(), 1U);
  EXPECT_EQ(valid->candidates[0].node_name(), "b");
}

TEST_F(Emptiness, ValidationSaysWhyNothingIsLeft) {
  // DIS-111, DIS-118, T-VA1..3
  bed_.add_machine("a");
  const Command command = find().commands.front();
  bed_.add_pod("web", "a");
  EXPECT_EQ(bed_.validate_now(command).error(), Refusal::kChurn);
  bed_.world().add_intent(
      {.kind = world::IntentKind::kNomination, .claim = "claim-a", .until = kNow + 1});
  EXPECT_EQ(bed_.validate_now(command).error(), Refusal::kBudget);
}

TEST_F(Emptiness, ValidationAsksTheBudgetsAgain) {
  // DIS-111, T-VA1
  bed_.add_machine("a");
  const Command command = find().commands.front();
  bed_.pool.disruption.budgets[0].nodes = "0%";
  bed_.put(bed_.pool);
  EXPECT_EQ(bed_.validate_now(command).error(), Refusal::kBudget);
}

}  // namespace
}  // namespace disrupt::testing

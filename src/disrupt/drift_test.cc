// Drift (spec 03 s8).
#include <gtest/gtest.h>

#include "disrupt/bed_testing.h"
#include "world/names.h"

namespace disrupt::testing {
namespace {

using Names = std::vector<std::string>;

class Drift : public ::testing::Test {
 protected:
  Findings find() { return bed_.find(Method::kDrift); }

  Bed bed_;
};

TEST_F(Drift, EmptyNodesFirstThenTheOldestDrift) {
  // DIS-136, DIS-140, T-DR10, T-DR14
  bed_.add_drifted("young", kNow - 1);
  bed_.add_drifted("old", kNow - 2);
  bed_.add_pod("web-1", "young", 7000);
  bed_.add_pod("web-2", "old", 7000);
  EXPECT_EQ(nodes_of(find()), Names{"old"});
  bed_.add_drifted("empty", kNow);
  EXPECT_EQ(nodes_of(find()), Names{"empty"});
}

TEST_F(Drift, IgnoresWhatHasNotDrifted) {
  // DIS-135, T-DR2
  bed_.add_machine("a");
  EXPECT_EQ(find().eligible, 0U);
}

TEST_F(Drift, PriceDoesNotMatter) {
  // DIS-138, T-DR12
  bed_.add_drifted("a", kNow, {.type = "t2"});
  for (const char* zone : {"z1", "z2", "z3"}) {
    k8s::Pod pod = bed_.make_pod(zone, "a");
    pod.spec.node_selector[std::string(world::kZoneLabel)] = zone;
    bed_.put(pod);
  }
  const Findings found = find();
  ASSERT_EQ(nodes_of(found), Names{"a"});
  EXPECT_EQ(found.commands[0].replacements.size(), 3U);
}

TEST_F(Drift, WhoCannotGoIsPassedOver) {
  // DIS-137, T-DR1
  bed_.add_drifted("a", kNow - 1);
  bed_.add_pod("giant", "a", 150'000);
  bed_.add_drifted("b", kNow);
  bed_.add_pod("web", "b");
  const Findings found = find();
  EXPECT_EQ(nodes_of(found), Names{"b"});
  ASSERT_EQ(bed_.notes(found, "a").size(), 1U);
  EXPECT_FALSE(found.notes[0].is_unconsolidatable);
}

TEST_F(Drift, RoomThatPodsOfALeavingMachineNeedIsNotGivenAway) {
  // DIS-81, DIS-138: they would get a machine that nobody has ordered.
  k8s::NodeClaim leaving = bed_.make_claim("leaving");
  leaving.meta.deletion_time = kNow - 1;
  bed_.put(leaving);
  bed_.put(bed_.make_node("leaving"));
  bed_.add_pod("web-1", "leaving", 6000);
  bed_.add_machine("spare");
  EXPECT_TRUE(nodes_of(find()).empty());
  bed_.add_drifted("old", kNow);
  bed_.add_pod("web-2", "old", 7000);
  const Findings found = find();
  ASSERT_EQ(nodes_of(found), Names{"old"});
  EXPECT_EQ(found.commands[0].replacements.size(), 1U);
}

TEST_F(Drift, RoomOfPodsThatHoldUpALeavingMachineIsNotGivenAway) {
  // DIS-81, DIS-87: they object now, and have to move all the same.
  k8s::NodeClaim leaving = bed_.make_claim("leaving");
  leaving.meta.deletion_time = kNow - 1;
  bed_.put(leaving);
  bed_.put(bed_.make_node("leaving"));
  k8s::Pod guarded = bed_.make_pod("web-1", "leaving", 6000);
  guarded.meta.annotations[std::string(world::kDoNotDisruptAnnotation)] = "true";
  bed_.put(guarded);
  bed_.add_machine("spare");
  bed_.add_drifted("old", kNow);
  bed_.add_pod("web-2", "old", 7000);
  const Findings found = find();
  ASSERT_EQ(nodes_of(found), Names{"old"});
  EXPECT_EQ(found.commands[0].replacements.size(), 1U);
  // One that had no room before holds up nobody.
  guarded.spec.containers.edit()[0].resources.requests.set("cpu", k8s::Quantity::units(1000));
  bed_.put(guarded);
  EXPECT_EQ(nodes_of(find()), Names{"old"});
}

TEST_F(Drift, PodsThatMustNotBeDisturbedGetRoomBeforehand) {
  // DIS-87, DIS-139: upstream deletes the node and launches nothing for them.
  k8s::NodeClaim claim = bed_.make_claim("a");
  world::testing::set_condition(claim.status.conditions, "Drifted", "True");
  claim.spec.termination_grace_period = 300 * k8s::kSecond;
  bed_.put(claim);
  bed_.put(bed_.make_node("a"));
  k8s::Pod guarded = bed_.make_pod("web", "a", 7000);
  guarded.meta.annotations[std::string(world::kDoNotDisruptAnnotation)] = "true";
  bed_.put(guarded);
  const Findings found = find();
  ASSERT_EQ(nodes_of(found), Names{"a"});
  EXPECT_EQ(found.commands[0].replacements.size(), 1U);
}

TEST_F(Drift, BudgetsHold) {
  // DIS-61, T-BU13
  bed_.pool.disruption.budgets[0].nodes = "0";
  bed_.put(bed_.pool);
  bed_.add_drifted("a", kNow);
  const Findings found = find();
  EXPECT_TRUE(found.commands.empty());
  EXPECT_TRUE(found.is_budget_bound);
}

TEST_F(Drift, ConsolidationNeedNotBeOn) {
  // DIS-135, T-DR9
  bed_.pool.disruption.consolidate_after = std::nullopt;
  bed_.put(bed_.pool);
  bed_.add_drifted("a", kNow);
  EXPECT_EQ(nodes_of(find()), Names{"a"});
}

class StaticDrift : public ::testing::Test {
 protected:
  StaticDrift() {
    bed_.pool.replicas = 5;
    bed_.put(bed_.pool);
    for (int i = 0; i < 5; ++i) {
      bed_.add_drifted("n" + std::to_string(i), kNow);
    }
  }

  std::size_t commands() { return bed_.find(Method::kStaticDrift).commands.size(); }

  void set_nodes_limit(std::int64_t nodes) {
    bed_.pool.limits.set("nodes", k8s::Quantity::units(nodes));
    bed_.put(bed_.pool);
  }

  Bed bed_;
};

TEST_F(StaticDrift, EachIsReplacedByOne) {
  // DIS-142, DIS-144, T-SD
  const Findings found = bed_.find(Method::kStaticDrift);
  ASSERT_EQ(found.commands.size(), 5U);
  ASSERT_EQ(found.commands[0].replacements.size(), 1U);
  const k8s::NodeClaim claim = found.commands[0].replacements[0].claim();
  EXPECT_EQ(*claim.meta.label(world::kPoolLabel), "default");
  EXPECT_EQ(claim.spec.requirements.size(), 1U);  // No instance type is chosen.
  EXPECT_EQ(bed_.find(Method::kDrift).eligible, 0U);
}

TEST_F(StaticDrift, BudgetsAndLimitsHold) {
  // DIS-143, T-SD
  bed_.pool.disruption.budgets[0].nodes = "2";
  bed_.put(bed_.pool);
  EXPECT_EQ(commands(), 2U);
  set_nodes_limit(6);
  EXPECT_EQ(commands(), 1U);
  set_nodes_limit(5);
  EXPECT_EQ(commands(), 0U);
}

TEST_F(StaticDrift, WaitsForTheScaleDown) {
  // DIS-143, T-SD
  bed_.pool.replicas = 4;
  bed_.put(bed_.pool);
  EXPECT_EQ(commands(), 0U);
}

}  // namespace
}  // namespace disrupt::testing

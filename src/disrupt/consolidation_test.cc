// Multi-node and single-node consolidation (spec 03 s5, s6.2, s6.3).
#include <gtest/gtest.h>

#include "disrupt/bed_testing.h"
#include "world/names.h"

namespace disrupt::testing {
namespace {

using Names = std::vector<std::string>;

class Consolidation : public ::testing::Test {
 protected:
  Findings single() { return bed_.find(Method::kSingleNode); }

  Findings multi() { return bed_.find(Method::kMultiNode); }

  void sell(const std::vector<std::string>& capacities) {
    bed_.pool.template_spec.requirements[0].values = capacities;
    bed_.put(bed_.pool);
  }

  void add_pending(const std::string& name, int milli_cpu) {
    k8s::Pod pod = bed_.make_pod(name, "", milli_cpu);
    pod.status.phase = "Pending";
    pod.status.conditions.push_back(
        {.type = "PodScheduled", .status = "False", .reason = "Unschedulable"});
    bed_.put(pod);
  }

  Bed bed_;
};

TEST_F(Consolidation, ReplacesByWhatIsCheaper) {
  // DIS-89, DIS-91, SCH-69, SCH-277, T-RE1
  bed_.add_machine("a", {.type = "t16"});
  bed_.add_pod("web", "a", 1000);
  const Findings found = single();
  ASSERT_EQ(nodes_of(found), Names{"a"});
  const Command& command = found.commands.front();
  ASSERT_EQ(command.replacements.size(), 1U);
  EXPECT_EQ(command.replacements[0].instance_types(), (Names{"t2", "t4", "t8"}));
  EXPECT_DOUBLE_EQ(command.savings, 1.4);
}

TEST_F(Consolidation, MovesPodsToNodesThatStay) {
  // DIS-88, T-DE1: the node with fewer pods saves as much and disturbs less.
  bed_.add_machine("a");
  bed_.add_machine("b");
  bed_.add_pod("web-1", "a");
  bed_.add_pod("web-2", "a");
  bed_.add_pod("web-3", "b");
  const Findings found = single();
  EXPECT_EQ(nodes_of(found), Names{"b"});
  EXPECT_EQ(found.commands.front().decision(), "delete");
  EXPECT_EQ(found.commands.front().destinations, Names{"claim-a"});
}

TEST_F(Consolidation, TheRestOfALifeDoesNotMatter) {
  // DIS-30, DIS-79, T-MU4: "dying" has seconds to live, but going it disturbs more.
  for (const char* name : {"dying", "young"}) {
    k8s::NodeClaim claim = bed_.make_claim(name);
    claim.meta.creation_time = kNow - k8s::kHour;
    claim.spec.expire_after = k8s::kHour + 3 * k8s::kSecond;
    bed_.put(claim);
    bed_.put(bed_.make_node(name));
  }
  bed_.put([&] {
    k8s::NodeClaim claim = bed_.make_claim("young");
    claim.meta.creation_time = kNow;
    claim.spec.expire_after = std::nullopt;
    return claim;
  }());
  bed_.add_pod("web-1", "dying");
  bed_.add_pod("web-2", "dying");
  bed_.add_pod("web-3", "young");
  EXPECT_EQ(nodes_of(single()), Names{"young"});
  EXPECT_EQ(nodes_of(multi()), (Names{"young", "dying"}));
}

TEST_F(Consolidation, NothingIsCheaperThanTheCheapest) {
  // DIS-91
  bed_.add_machine("a", {.type = "t2"});
  bed_.add_pod("web", "a", 1500);
  const Findings found = single();
  EXPECT_TRUE(found.commands.empty());
  EXPECT_EQ(bed_.notes(found, "a"), Names{"Can't replace with a cheaper node"});
}

TEST_F(Consolidation, OneNodeIsNeverReplacedByTwo) {
  // DIS-88
  bed_.add_machine("a", {.type = "t16"});
  for (const char* zone : {"z1", "z2"}) {
    k8s::Pod pod = bed_.make_pod(zone, "a");
    pod.spec.node_selector[std::string(world::kZoneLabel)] = zone;
    bed_.put(pod);
  }
  EXPECT_EQ(bed_.notes(single(), "a"), Names{"Can't remove without creating 2 candidates"});
}

TEST_F(Consolidation, PodsThatFitNowhereKeepTheirNode) {
  // DIS-86, SCH-275, T-DE17
  bed_.add_machine("a");
  k8s::Pod pod = bed_.make_pod("web", "a");
  pod.spec.node_selector["disk"] = "fast";
  bed_.put(pod);
  const Names notes = bed_.notes(single(), "a");
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_TRUE(notes[0].starts_with("not all pods would schedule, ns/web => ")) << notes[0];
}

TEST_F(Consolidation, MachinesOnTheirWayAreNoPlace) {
  // DIS-85, T-DE12
  bed_.add_machine("a");
  bed_.add_pod("web", "a");
  k8s::Node young = bed_.make_node("b");
  young.meta.labels.erase(std::string(world::kInitializedLabel));
  bed_.put(bed_.make_claim("b"));
  bed_.put(young);
  EXPECT_EQ(bed_.notes(single(), "a"),
            Names{"not all pods would schedule, ns/web => would schedule against uninitialized "
                  "nodeclaim/claim-b, node/b"});
}

TEST_F(Consolidation, NodesThatAreNotReadyAreNoPlace) {
  // DIS-81: upstream takes them as long as they carry no taint.
  bed_.add_machine("a", {.type = "t2"});
  bed_.add_pod("web", "a", 1500);
  k8s::Node sick = bed_.make_node("b");
  world::testing::set_condition(sick.status.conditions, "Ready", "False");
  bed_.put(bed_.make_claim("b"));
  bed_.put(sick);
  EXPECT_TRUE(single().commands.empty());
  bed_.add_machine("b");
  EXPECT_EQ(nodes_of(single()), Names{"a"});
}

TEST_F(Consolidation, SettlingNodesAreNoPlace) {
  // DIS-83, T-DE13
  bed_.pool.disruption.consolidate_after = k8s::kMinute;
  bed_.put(bed_.pool);
  bed_.add_machine("a", {.type = "t2"});
  bed_.add_pod("web", "a", 1500);
  k8s::Node kept = bed_.make_node("b");
  kept.meta.annotations[std::string(world::kDoNotDisruptAnnotation)] = "true";
  bed_.put(bed_.make_claim("b"));
  bed_.put(kept);
  bed_.now = kNow + 30 * k8s::kSecond;
  EXPECT_TRUE(single().commands.empty());
  bed_.now = kNow + 2 * k8s::kMinute;
  EXPECT_EQ(nodes_of(single()), Names{"a"});
}

TEST_F(Consolidation, PushingPendingPodsOutSavesNothing) {
  // DIS-88: the room on "spare" is taken by whoever waits; moving there makes that pod buy a node.
  bed_.add_machine("a");
  bed_.add_pod("web", "a", 5000);
  bed_.add_machine("spare");
  bed_.add_pod("other", "spare", 2000);
  EXPECT_EQ(nodes_of(bed_.find(Method::kSingleNode)).size(), 1U);
  add_pending("waiting", 5000);
  for (const Command& command : bed_.find(Method::kSingleNode).commands) {
    EXPECT_FALSE(command.replacements.empty());
  }
}

TEST_F(Consolidation, PendingPodsGetTheirOwnNode) {
  // DIS-88: upstream takes the node that only they need for the candidate's replacement.
  bed_.add_machine("a");
  bed_.add_machine("b");
  bed_.add_pod("web", "a");
  bed_.add_pod("other", "b", 7000);
  add_pending("big", 15000);
  const Findings found = single();
  ASSERT_FALSE(found.commands.empty());
  EXPECT_EQ(found.commands.front().decision(), "delete");
}

TEST_F(Consolidation, PodsThatPendForEverDoNotBlock) {
  // DIS-86, T-DE16
  bed_.add_machine("a", {.type = "t16"});
  bed_.add_pod("web", "a");
  add_pending("giant", 1'000'000);
  EXPECT_EQ(nodes_of(single()), Names{"a"});
}

TEST_F(Consolidation, SpotForSpotIsGated) {
  // DIS-93, T-RE2, T-RE3
  sell({"spot", "on-demand"});
  bed_.add_machine("a", {.type = "t16", .capacity = "spot"});
  bed_.add_pod("web", "a");
  EXPECT_EQ(
      bed_.notes(single(), "a"),
      Names{"SpotToSpotConsolidation is disabled, can't replace a spot node with a spot node"});
  bed_.settings.spot_to_spot = true;
  EXPECT_EQ(bed_.notes(single(), "a"),
            Names{"SpotToSpotConsolidation requires 15 cheaper instance type options than the "
                  "current candidate to consolidate, got 3"});
}

TEST_F(Consolidation, SeveralSpotNodesNeedNoFlexibility) {
  // DIS-93, T-MU1
  sell({"spot"});
  for (const char* name : {"a", "b"}) {
    bed_.add_machine(name, {.type = "t8", .capacity = "spot"});
    bed_.add_pod(std::string("web-") + name, name, 4500);
  }
  bed_.settings.spot_to_spot = true;
  EXPECT_TRUE(multi().commands.empty());  // One t16 costs as much as both.
  for (const char* name : {"a", "b"}) {
    bed_.add_machine(name, {.type = "t16", .capacity = "spot"});
    bed_.add_pod(std::string("web-") + name, name, 3000);
    bed_.add_pod(std::string("rest-") + name, name, 10'500);
  }
  EXPECT_TRUE(multi().commands.empty());  // 27 CPUs fit nowhere.
  for (const char* name : {"a", "b"}) {
    bed_.add_pod(std::string("rest-") + name, name, 100);
  }
  const Findings found = multi();
  ASSERT_EQ(nodes_of(found), (Names{"a", "b"}));
  EXPECT_EQ(found.commands[0].replacements[0].instance_types(), Names{"t8"});
  bed_.settings.spot_to_spot = false;
  EXPECT_TRUE(multi().commands.empty());
}

TEST_F(Consolidation, OnDemandBecomesSpotOnly) {
  // DIS-92: a spot launch that fails must not fall back to something dearer.
  sell({"spot", "on-demand"});
  bed_.add_machine("a", {.type = "t16"});
  bed_.add_pod("web", "a");
  const Findings found = single();
  ASSERT_EQ(found.commands.size(), 1U);
  const plan::PlannedClaim& planned = found.commands[0].replacements[0];
  EXPECT_EQ(planned.cheapest().capacity_type, "spot");
  for (const k8s::SelectorTerm& term : planned.claim().spec.requirements) {
    if (term.key == world::kCapacityTypeLabel) {
      EXPECT_EQ(term.values, Names{"spot"});
    }
  }
}

TEST_F(Consolidation, WhenEmptyLeavesPodsAlone) {
  // DIS-71, T-EV2
  bed_.pool.disruption.consolidation_policy = "WhenEmpty";
  bed_.put(bed_.pool);
  bed_.add_machine("a", {.type = "t16"});
  bed_.add_pod("web", "a");
  EXPECT_EQ(
      bed_.notes(single(), "a"),
      Names{"NodePool \"default\" has consolidation policy WhenEmpty, but node is not empty"});
}

TEST_F(Consolidation, NeedsTheLabelsThatPricesGoBy) {
  // DIS-71, T-EV4..6
  bed_.add_pod("web", "a");
  const auto without = [&](std::string_view label) {
    k8s::Node node = bed_.make_node("a");
    node.meta.labels.erase(std::string(label));
    bed_.put(bed_.make_claim("a"));
    bed_.put(node);
    return bed_.notes(single(), "a");
  };
  EXPECT_EQ(without(world::kInstanceTypeLabel), Names{"Instance Type \"\" not found"});
  EXPECT_EQ(without(world::kCapacityTypeLabel),
            Names{"Node does not have label \"karpenter.sh/capacity-type\""});
  EXPECT_EQ(without(world::kZoneLabel),
            Names{"Node does not have label \"topology.kubernetes.io/zone\""});
}

TEST_F(Consolidation, ThreeBecomeOne) {
  // DIS-95, DIS-100, T-MU1
  for (const char* name : {"a", "b", "c"}) {
    bed_.add_machine(name, {.type = "t16"});
    bed_.add_pod(std::string("web-") + name, name, 1000);
  }
  const Findings found = multi();
  EXPECT_EQ(nodes_of(found), (Names{"a", "b", "c"}));
  ASSERT_EQ(found.commands[0].replacements.size(), 1U);
  EXPECT_EQ(found.commands[0].replacements[0].instance_types(), (Names{"t4", "t8"}));
}

TEST_F(Consolidation, NeverTwoForOneOfTheSameType) {
  // DIS-100, T-MU2
  bed_.add_machine("a", {.type = "t2"});
  bed_.add_machine("b", {.type = "t2"});
  bed_.add_pod("web-a", "a", 500);
  bed_.add_pod("web-b", "b", 500);
  EXPECT_TRUE(multi().commands.empty());
  EXPECT_EQ(nodes_of(single()), Names{"a"});
}

TEST_F(Consolidation, SearchesEndWithTheLargestBatch) {
  // DIS-95, DIS-101: upstream may stop after a minute, with what it has or with nothing.
  for (int i = 0; i < 130; ++i) {
    const std::string name = "n" + std::to_string(i);
    bed_.add_machine(name);
    bed_.add_pod("web-" + name, name);
  }
  EXPECT_EQ(nodes_of(multi()).size(), 101U);
}

TEST_F(Consolidation, EveryCandidateOfEveryPoolIsAsked) {
  // DIS-102, DIS-106, DIS-108: no pool is left unseen, so that none comes first the next time.
  bed_.put(bed_.make_pool("other"));
  Names names;
  for (int i = 0; i < 40; ++i) {
    names.push_back("n" + std::to_string(i));
    bed_.add_machine(names.back(), {.type = "t2", .pool = i < 39 ? "default" : "other"});
    bed_.add_pod("web-" + names.back(), names.back(), 1500);
  }
  const Findings found = single();
  EXPECT_TRUE(found.commands.empty());
  for (const std::string& name : names) {
    EXPECT_EQ(bed_.notes(found, name), Names{"Can't replace with a cheaper node"}) << name;
  }
}

TEST_F(Consolidation, BatchesRespectBudgets) {
  // DIS-61, T-BU4
  bed_.pool.disruption.budgets[0].nodes = "30%";
  bed_.put(bed_.pool);
  for (int i = 0; i < 10; ++i) {
    bed_.add_machine("n" + std::to_string(i));
    bed_.add_pod("web-" + std::to_string(i), "n" + std::to_string(i));
  }
  const Findings found = multi();
  EXPECT_EQ(nodes_of(found).size(), 3U);
  EXPECT_TRUE(found.is_budget_bound);
}

TEST_F(Consolidation, PoolsTakeTurns) {
  // DIS-80
  bed_.put(bed_.make_pool("other"));
  bed_.add_machine("a1", {.type = "t2"});
  bed_.add_machine("a2", {.type = "t2"});
  bed_.add_machine("b1", {.type = "t2", .pool = "other"});
  for (const char* name : {"a1", "a2", "b1"}) {
    bed_.add_pod(std::string("web-") + name, name, 1500);
  }
  const Findings found = single();
  Names order;
  for (const Note& note : found.notes) {
    order.push_back(bed_.snapshot()->nodes[note.node].name());
  }
  EXPECT_EQ(order, (Names{"a1", "b1", "a2"}));
}

TEST_F(Consolidation, PoolsBeyondTheirLimitsGetNoReplacement) {
  // DIS-152: upstream's simulation forgets the limit, and the launch is refused for ever.
  bed_.add_machine("a", {.type = "t16"});
  bed_.add_pod("web", "a");
  bed_.pool.limits.set("cpu", k8s::Quantity::units(16));
  bed_.put(bed_.pool);
  EXPECT_EQ(single().commands.size(), 1U);
  bed_.pool.limits.set("cpu", k8s::Quantity::units(8));
  bed_.put(bed_.pool);
  EXPECT_TRUE(single().commands.empty());
}

TEST_F(Consolidation, CommandsStandBesideThoseBeforeThem) {
  // DIS-20, DIS-112, DIS-114: each by itself is within the budget of two, all three are not.
  for (const char* name : {"a", "b", "c"}) {
    bed_.add_machine(name);
  }
  const auto stand = [&](const std::string& budget, bool is_first_busy) {
    bed_.pool.disruption.budgets[0].nodes = budget;
    bed_.put(bed_.pool);
    const world::SnapshotPtr snapshot = bed_.snapshot();
    plan::PlanMemory memory;
    const Pass pass(*snapshot, bed_.settings, memory);
    std::vector<Command> commands;
    for (const Candidate* candidate : pass.candidates(Grace::kGraceful)) {
      commands.push_back({.method = Method::kSingleNode, .candidates = {*candidate}});
    }
    commands.push_back(commands.front());  // Taken already.
    ClaimNames busy;
    if (is_first_busy) {
      busy.insert(commands.front().candidates.front().claim_name());
    }
    return still_stand(*snapshot, busy, commands);
  };
  EXPECT_EQ(stand("100%", false), (std::vector<bool>{true, true, true, false}));
  EXPECT_EQ(stand("2", false), (std::vector<bool>{true, true, false, false}));
  EXPECT_EQ(stand("2", true), (std::vector<bool>{false, true, true, false}));
}

TEST_F(Consolidation, ValidationComparesWithAFreshLook) {
  // DIS-112, DIS-113, T-VA7..9
  bed_.add_machine("a", {.type = "t16"});
  bed_.add_pod("web", "a");
  const Command command = single().commands.front();
  EXPECT_TRUE(bed_.validate_now(command).has_value());
  bed_.add_pod("second", "a", 3000);
  EXPECT_EQ(bed_.validate_now(command).error(), Refusal::kScheduling);
  bed_.world().add_intent(
      {.kind = world::IntentKind::kNomination, .claim = "claim-a", .until = kNow + 1});
  EXPECT_EQ(bed_.validate_now(command).error(), Refusal::kBudget);
}

TEST_F(Consolidation, WhatWaitedGoesAsItWasDecided) {
  // DIS-115: prices and types have changed, and what was decided still holds.
  bed_.add_machine("a", {.type = "t16"});
  bed_.add_pod("web", "a");
  const Command command = single().commands.front();
  auto cheaper = std::make_shared<cloud::Catalogue>(*small_catalogue());
  for (cloud::InstanceType& type : cheaper->types) {
    for (cloud::Offering& offering : type.offerings) {
      offering.price *= type.name == "t2" ? 30 : 0.5;  // t2 costs more than the machine.
    }
  }
  bed_.world().set_catalogue("EC2NodeClass", "default", cheaper);
  bed_.add_pod("second", "a");
  const auto valid = bed_.validate_now(command);
  ASSERT_TRUE(valid.has_value());
  EXPECT_DOUBLE_EQ(valid->savings, 1.4);
  EXPECT_DOUBLE_EQ(valid->candidates.front().price, 1.6);
  EXPECT_EQ(valid->candidates.front().reschedulable.size(), 1U);
  EXPECT_EQ(valid->replacements.front().instance_types(), (Names{"t2", "t4", "t8"}));
}

TEST_F(Consolidation, APodThatCameMeanwhileStopsTheMove) {
  // DIS-116: its event takes the condition away until consolidateAfter has passed once more.
  bed_.add_machine("a", {.type = "t16"});
  bed_.add_pod("web", "a");
  const Command command = single().commands.front();
  k8s::NodeClaim claim = bed_.make_claim("a", {.type = "t16"});
  claim.status.last_pod_event = kNow;
  std::erase_if(claim.status.conditions,
                [](const k8s::Condition& one) { return one.type == "Consolidatable"; });
  bed_.put(claim);
  EXPECT_EQ(bed_.validate_now(command).error(), Refusal::kChurn);
}

TEST_F(Consolidation, OnlyTheLastBatchIsScored) {
  // DIS-130, DIS-132: once per pass and pool, whether the pool is Balanced or not.
  bed_.put(bed_.make_pool("other"));
  bed_.pool.disruption.consolidation_policy = "Balanced";
  bed_.put(bed_.pool);
  for (int i = 0; i < 8; ++i) {
    const std::string name = "n" + std::to_string(i);
    bed_.add_machine(name, {.pool = i % 2 == 0 ? "default" : "other"});
    bed_.add_pod("web-" + name, name);
  }
  const Findings approved = multi();
  ASSERT_EQ(approved.commands.size(), 1U);
  ASSERT_EQ(approved.scorings.size(), 2U);
  EXPECT_EQ(approved.scorings[0].pool, "default");
  EXPECT_TRUE(approved.scorings[0].is_scored && approved.scorings[0].is_move_approved);
  EXPECT_EQ(approved.scorings[1].pool, "other");
  EXPECT_FALSE(approved.scorings[1].is_scored);
  EXPECT_TRUE(approved.scorings[1].is_move_approved);
  bed_.settings.costs = {{"default", 1000}};  // Whatever they save is next to nothing.
  const Findings rejected = multi();
  EXPECT_TRUE(rejected.commands.empty());
  ASSERT_EQ(rejected.scorings.size(), 2U);
  EXPECT_FALSE(rejected.scorings[0].is_approved);
  EXPECT_FALSE(rejected.scorings[1].is_move_approved);
}

TEST_F(Consolidation, BalancedPoolsWeighTheMove) {
  // DIS-121, DIS-127, T-CO13
  bed_.pool.disruption.consolidation_policy = "Balanced";
  bed_.put(bed_.pool);
  bed_.add_machine("a", {.type = "t16"});
  bed_.add_pod("web", "a");
  Findings found = single();
  ASSERT_EQ(found.commands.size(), 1U);
  ASSERT_EQ(found.scorings.size(), 1U);
  EXPECT_TRUE(found.scorings[0].is_approved);
  bed_.add_machine("big", {.type = "t16"});  // Much money, little to disturb elsewhere.
  k8s::Node held = bed_.make_node("big", {.type = "t16"});
  held.meta.annotations[std::string(world::kDoNotDisruptAnnotation)] = "true";
  bed_.put(held);
  bed_.add_machine("small", {.type = "t2"});
  for (int i = 0; i < 10; ++i) {
    bed_.add_pod("tiny-" + std::to_string(i), "small");
  }
  found = single();
  EXPECT_EQ(nodes_of(found), Names{"a"});
}

}  // namespace
}  // namespace disrupt::testing

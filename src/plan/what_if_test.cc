// The shared simulation answers every question as a round of its own would (SCH-270..276).
#include "plan/what_if.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/text.h"
#include "plan/plan_memory.h"
#include "plan/provisionable.h"
#include "plan/random_problem_testing.h"
#include "plan/scene_testing.h"
#include "world/pods.h"

namespace plan::testing {
namespace {

struct Asked {
  std::vector<world::NodeId> removed;
  std::vector<world::PodId> moved;
  bool keeps_settling = false;
};

std::string names(const world::Snapshot& snapshot, std::vector<world::PodId> pods) {
  std::vector<std::string> out;
  for (const world::PodId pod : pods) {
    out.push_back(snapshot.pods[pod].pod->meta.name);
  }
  std::ranges::sort(out);
  return base::join(out, ",");
}

std::string claim_line(const world::Snapshot& snapshot, const PlannedClaim& claim) {
  return base::concat("claim of ",
                      claim.pool()->meta.name,
                      " for ",
                      names(snapshot, claim.pods),
                      " as ",
                      base::join(claim.instance_types(), ","),
                      " in ",
                      claim.cheapest().zone,
                      "\n");
}

std::string sorted(std::vector<std::string> lines) {
  std::ranges::sort(lines);
  return base::join(lines, "");
}

std::string answer_of(const world::Snapshot& snapshot, WhatIf& what_if, const Asked& asked) {
  what_if.ask(
      {.removed = asked.removed, .moved = asked.moved, .keeps_settling = asked.keeps_settling});
  std::vector<std::string> lines;
  for (const OpenClaim& claim : what_if.claims()) {
    if (const auto planned = what_if.planned(claim)) {
      lines.push_back(claim_line(snapshot, *planned));
    }
  }
  for (const ExistingPlacement& placement : what_if.placements()) {
    lines.push_back(base::concat(
        snapshot.nodes[placement.node].name(), " takes ", names(snapshot, placement.pods), "\n"));
  }
  return sorted(std::move(lines));
}

std::string plan_of(const world::Snapshot& snapshot, Options options, const Asked& asked) {
  std::vector<world::PodId> pods = find_candidates(snapshot, options).pods;
  pods.insert(pods.end(), asked.moved.begin(), asked.moved.end());
  options.reserved_fallback = true;
  options.enforce_consolidate_after = asked.keeps_settling;
  const Plan plan = compute_plan(
      {.snapshot = snapshot, .pods = pods, .removed = asked.removed, .options = options});
  std::vector<std::string> lines;
  for (const PlannedClaim& claim : plan.claims) {
    lines.push_back(claim_line(snapshot, claim));
  }
  for (const ExistingPlacement& placement : plan.existing) {
    lines.push_back(base::concat(
        snapshot.nodes[placement.node].name(), " takes ", names(snapshot, placement.pods), "\n"));
  }
  return sorted(std::move(lines));
}

Asked draw(const world::Snapshot& snapshot, Dice& dice) {
  Asked asked{.removed = {}, .moved = {}, .keeps_settling = dice.percent(50)};
  snapshot.nodes.for_each([&](world::NodeId id, const world::NodeRow& row) {
    if (!row.is_managed() || !row.is_initialized() || row.is_deleting() || !dice.percent(40)) {
      return;
    }
    asked.removed.push_back(id);
    std::ranges::copy_if(row.pods, std::back_inserter(asked.moved), [&](world::PodId pod) {
      return world::is_reschedulable(*snapshot.pods[pod].pod);
    });
  });
  return asked;
}

bool is_beyond_limits(const world::Snapshot& snapshot) {
  return std::ranges::any_of(snapshot.pools, [](const auto& row) {
    return std::ranges::any_of(row->pool->limits, [&](const auto& limit) {
      return row->usage.get(limit.first) > limit.second;
    });
  });
}

TEST(WhatIf, AnswersAsARoundOfItsOwn) {
  // SCH-270, SCH-271, SCH-276, DIS-81, DIS-83
  constexpr std::uint64_t kSeeds = 1500;
  constexpr int kQuestions = 4;
  int compared = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const BuiltProblem built = build(random_draft(seed));
    const world::Snapshot& snapshot = *built.snapshot;
    if (is_beyond_limits(snapshot)) {
      continue;  // Answered differently on purpose.
    }
    PlanMemory memory;
    WhatIf what_if(snapshot, built.options, memory);
    Dice dice(seed);
    for (int i = 0; i < kQuestions; ++i) {
      const Asked asked = draw(snapshot, dice);
      const std::string expected = plan_of(snapshot, built.options, asked);
      ASSERT_EQ(answer_of(snapshot, what_if, asked), expected)
          << "seed " << seed << ", question " << i;
      compared += asked.removed.empty() ? 0 : 1;
    }
  }
  EXPECT_GT(compared, 700);
}

TEST(WhatIf, SaysWhoIsLeftWithoutAPlace) {
  // DIS-86
  Scene scene;
  scene.pool("default");
  scene.node("a", "default", "test-zone-1");
  scene.bound_pod("picky", "a").spec.node_selector["size"] = "none";
  scene.build();
  PlanMemory memory;
  WhatIf what_if(scene.snapshot(), scene.options, memory);
  const std::vector<world::NodeId> removed{0};
  const std::vector<world::PodId> moved{0};
  what_if.ask({.removed = removed, .moved = moved});
  const auto stranded = what_if.stranded(5);
  ASSERT_EQ(stranded.size(), 1U);
  EXPECT_EQ(stranded[0].pod, 0U);
  EXPECT_FALSE(stranded[0].reason.empty());
}

TEST(WhatIf, MachinesThatAreNotReadyTakeNoPods) {
  // DIS-81
  Scene scene;
  scene.pool("default");
  scene.node("a", "default", "test-zone-1");
  k8s::Node& other = scene.node("b", "default", "test-zone-1");
  scene.bound_pod("web", "a");
  const std::vector<world::NodeId> removed{0};
  const std::vector<world::PodId> moved{0};
  const auto claims = [&] {
    scene.build();
    PlanMemory memory;
    WhatIf what_if(scene.snapshot(), scene.options, memory);
    what_if.ask({.removed = removed, .moved = moved});
    return what_if.claims().size();
  };
  EXPECT_EQ(claims(), 0U);
  other.status.conditions.push_back({.type = "Ready", .status = "Unknown"});
  EXPECT_EQ(claims(), 1U);
}

TEST(WhatIf, MachinesThatAreNotInitialisedAreNoPlaceToMoveTo) {
  // SCH-274, DIS-85: what they become is not known yet; a pod that waits may still go there.
  Scene scene;
  scene.pool("default");
  scene.node("a", "default", "test-zone-1");
  Machine& joining = scene.machine("b", "default", "test-zone-1");
  joining.node.meta.labels.erase("karpenter.sh/initialized");
  joining.claim.meta.name = "claim-b";
  joining.claim.meta.labels = joining.node.meta.labels;
  joining.claim.status.allocatable = joining.node.status.allocatable;
  joining.claim.status.capacity = joining.node.status.capacity;
  scene.bound_pod("web", "a");
  scene.build();
  PlanMemory memory;
  WhatIf what_if(scene.snapshot(), scene.options, memory);
  const std::vector<world::NodeId> removed{0};
  const std::vector<world::PodId> moved{0};
  what_if.ask({.removed = removed, .moved = moved});
  ASSERT_EQ(what_if.placements().size(), 1U);
  const auto stranded = what_if.stranded(5);
  ASSERT_EQ(stranded.size(), 1U);
  EXPECT_EQ(stranded[0].reason, "would schedule against uninitialized nodeclaim/claim-b, node/b");
}

}  // namespace
}  // namespace plan::testing

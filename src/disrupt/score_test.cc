// Balanced scoring (spec 03 s7).
#include "disrupt/score.h"

#include <limits>

#include <gtest/gtest.h>

#include "disrupt/bed_testing.h"

namespace disrupt::testing {
namespace {

TEST(Score, WorkedExamples) {
  // DIS-121, DIS-133
  const PoolTotals totals{.cost = 58.08, .disruption = 90};
  EXPECT_NEAR(score_of(7.26, 4, totals).value, 2.81, 0.01);
  EXPECT_NEAR(score_of(4.84, 5, totals).value, 1.5, 0.01);
  const Score rejected = score_of(2.42, 9, totals);
  EXPECT_NEAR(rejected.value, 0.417, 0.001);
  EXPECT_FALSE(rejected.is_approved());
  EXPECT_FALSE(rejected.is_approved(1));
  EXPECT_TRUE(rejected.is_approved(3));
  EXPECT_EQ(score_of(0, 11, totals).value, 0);
  EXPECT_TRUE(score_of(2.42, 9, {.cost = 48.40, .disruption = 90}).is_approved());  // 0.5 passes.
  EXPECT_NEAR(score_of(4.84, 32, {.cost = 58.08, .disruption = 117}).value, 0.305, 0.001);
  EXPECT_NEAR(score_of(7.26, 4, {.cost = 580.8, .disruption = 900}).value,
              score_of(7.26, 4, totals).value,
              1e-9);
}

TEST(Score, Edges) {
  // DIS-121, DIS-133
  const PoolTotals totals{.cost = 100, .disruption = 100};
  EXPECT_EQ(score_of(5, 0, totals).value, std::numeric_limits<double>::infinity());
  EXPECT_EQ(score_of(0, 0, totals).value, 0);
  EXPECT_EQ(score_of(5, 5, {.cost = 0, .disruption = 100}).value, 0);
  EXPECT_EQ(score_of(-5, 10, totals).value, 0);
  EXPECT_DOUBLE_EQ(score_of(100, 100, totals).value, 1);
}

TEST(Score, EveryBalancedPoolMustApprove) {
  // DIS-124
  Bed bed;
  bed.pool.disruption.consolidation_policy = std::string(kBalanced);
  bed.put(bed.pool);
  bed.put(bed.make_pool("plain"));
  bed.add_machine("a", {.type = "t16"});
  bed.add_machine("b", {.type = "t16", .pool = "plain"});
  const auto snapshot = bed.snapshot();
  const PodGuards guards(*snapshot);
  const Judgement a = judge(*snapshot, guards, {}, *bed.world().find_node("a"));
  const Judgement b = judge(*snapshot, guards, {}, *bed.world().find_node("b"));
  const std::vector<const Candidate*> both{&*a.candidate, &*b.candidate};
  const auto approved = weigh(both, 2, {{"default", {.cost = 1.6, .disruption = 1}}});
  ASSERT_EQ(approved.size(), 2U);
  EXPECT_TRUE(is_approved(approved));
  EXPECT_NEAR(approved[0].score.savings_fraction, 1 / 1.6, 1e-9);  // Its share of the savings.
  EXPECT_FALSE(approved[1].is_scored);
  EXPECT_FALSE(is_approved(weigh(both, 2, {})));  // No totals: nothing to weigh against.
  EXPECT_FALSE(is_approved({}));
}

TEST(Score, TotalsCountEveryNodeOfThePool) {
  // DIS-120, DIS-43
  Bed bed;
  bed.add_machine("a");
  bed.add_pod("web", "a");
  bed.add_machine("held");
  bed.add_pod("guarded-1", "held");
  k8s::Pod guarded = bed.make_pod("guarded-2", "held");
  guarded.meta.annotations["karpenter.sh/do-not-disrupt"] = "true";
  bed.put(guarded);
  const auto snapshot = bed.snapshot();
  const PodGuards guards(*snapshot);
  std::vector<Judgement> judgements;
  snapshot->nodes.for_each([&](world::NodeId id, const world::NodeRow&) {
    judgements.push_back(judge(*snapshot, guards, {}, id));
  });
  const auto totals = pool_totals(*snapshot, judgements, Grace::kGraceful);
  EXPECT_DOUBLE_EQ(totals.at("default").cost, 1.6);
  EXPECT_DOUBLE_EQ(totals.at("default").disruption, 5);
}

}  // namespace
}  // namespace disrupt::testing

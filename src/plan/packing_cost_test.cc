#include <gtest/gtest.h>

#include "plan/lower_bound.h"
#include "plan/packing_fill.h"
#include "plan/packing_workload_testing.h"
#include "plan/properties_testing.h"
#include "plan/random_problem_testing.h"
#include "plan/reference/plain_plan_testing.h"

namespace plan::testing {
namespace {

constexpr double kCents = 1e-6;

Plan plan_by(const Problem& problem, Packing packing) {
  Problem asked = problem;
  asked.options.packing = packing;
  return compute_plan(asked);
}

std::size_t placed(const Plan& plan) {
  std::size_t pods = 0;
  for (const PlannedClaim& claim : plan.claims) {
    pods += claim.pods.size();
  }
  for (const ExistingPlacement& placement : plan.existing) {
    pods += placement.pods.size();
  }
  return pods;
}

struct Packed {
  Plan classic;
  Plan cost;
  double bound = 0;
};

Packed packed(const PackingWorkload& workload) {
  Scene scene = packing_workload(workload);
  scene.build();
  const Candidates candidates = find_candidates(scene.snapshot(), scene.options);
  const Problem problem{
      .snapshot = scene.snapshot(), .pods = candidates.pods, .options = scene.options};
  Packed made{.classic = plan_by(problem, Packing::kClassic),
              .cost = plan_by(problem, Packing::kCost)};
  made.bound = lower_bound(problem, made.cost).price;
  EXPECT_EQ(broken_properties(problem, made.cost), std::vector<std::string>{});
  EXPECT_EQ(placed(made.cost), static_cast<std::size_t>(workload.pods));
  return made;
}

TEST(PackingByCost, RandomProblemsKeepEveryPropertyAndNeverCostMore) {
  int cheaper = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const BuiltProblem built = build(random_draft(seed));
    const Problem problem = built.problem();
    const Plan classic = plan_by(problem, Packing::kClassic);
    const Plan cost = plan_by(problem, Packing::kCost);
    ASSERT_EQ(broken_properties(problem, cost), std::vector<std::string>{}) << seed;
    ASSERT_EQ(placed(cost), placed(classic)) << seed;
    ASSERT_LE(price_of(cost), price_of(classic) + kCents) << seed;
    ASSERT_NEAR(cost.saving, price_of(classic) - price_of(cost), kCents) << seed;
    ASSERT_EQ(reference::plain(problem, cost).text_with_reasons(),
              reference::plain(problem, plan_by(problem, Packing::kCost)).text_with_reasons())
        << seed;
    cheaper += cost.saving > kCents ? 1 : 0;
  }
  EXPECT_GE(cheaper, 10);
}

TEST(PackingByCost, NoPlanCostsLessThanTheBound) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const BuiltProblem built = build(random_draft(seed));
    const Problem problem = built.problem();
    for (const Packing packing : {Packing::kClassic, Packing::kCost}) {
      const Plan plan = plan_by(problem, packing);
      ASSERT_LE(lower_bound(problem, plan).price, price_of(plan) + kCents) << seed;
    }
  }
}

TEST(PackingByCost, WideDeploymentsCostAtMostATwentiethMoreThanTheBound) {
  const Packed made = packed({.family = Family::kWide});
  EXPECT_LT(price_of(made.cost), price_of(made.classic));
  EXPECT_LE(made.bound, price_of(made.cost));
  EXPECT_LE(price_of(made.cost), 1.05 * made.bound);
}

TEST(PackingByCost, LongTailsCostAtMostATwentiethMoreThanTheBound) {
  const Packed made = packed({.family = Family::kLongTail});
  EXPECT_LT(price_of(made.cost), price_of(made.classic));
  EXPECT_LE(made.bound, price_of(made.cost));
  EXPECT_LE(price_of(made.cost), 1.05 * made.bound);
}

TEST(PackingByCost, DiversePodsCostNoMoreThanBefore) {
  // SCH-520
  const Packed made = packed({.family = Family::kDiverse, .pods = 200});
  EXPECT_LE(price_of(made.cost), price_of(made.classic));
  EXPECT_LE(made.bound, price_of(made.cost));
}

// Pods that want memory and pods that want cores, and machines for either.
Scene mixed_scene() {
  Scene scene(make_catalogue({make_type("cores", 8, 8, 50),
                              make_type("memory", 2, 32, 50),
                              make_type("huge", 64, 512, 500)}));
  scene.pool("default");
  for (k8s::Pod* pod : scene.pods("cores", 8)) {
    pod->spec.containers[0].resources.requests = resources("3", "1Gi");
  }
  for (k8s::Pod* pod : scene.pods("memory", 8)) {
    pod->spec.containers[0].resources.requests = resources("400m", "14Gi");
  }
  return scene;
}

TEST(PackingByCost, PodsThatWantDifferentThingsGetDifferentMachines) {
  Scene scene = mixed_scene();
  const double classic = price_of(scene.plan());
  scene.options.packing = Packing::kCost;
  const Plan plan = scene.plan();
  EXPECT_LT(price_of(plan), classic / 2);
  EXPECT_GT(plan.claims.size(), 1u);
}

TEST(PackingByCost, LimitsThatForbidMoreMachinesAreKept) {
  // SCH-158
  Scene scene = mixed_scene();
  scene.pool("default-two").limits = {{"nodes", k8s::Quantity::units(1)}};
  scene.options.packing = Packing::kCost;
  const Plan plan = scene.plan();
  EXPECT_TRUE(plan.unplaced.empty());
  std::size_t limited = 0;
  for (const PlannedClaim& claim : plan.claims) {
    limited += claim.pool()->meta.name == "default-two" ? 1U : 0U;
  }
  EXPECT_LE(limited, 1u);
}

TEST(PackingByCost, DominatedMachinesAreLeftOut) {
  const std::vector<PackMachine> kept = without_dominated({{.supply = {4, 8}, .price = 2},
                                                           {.supply = {4, 4}, .price = 3},
                                                           {.supply = {8, 4}, .price = 3},
                                                           {.supply = {2, 8}, .price = 2}});
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[0].supply, (std::vector<double>{4, 8}));
  EXPECT_EQ(kept[1].supply, (std::vector<double>{8, 4}));
}

TEST(PackingByCost, HostRulesLimitAMachine) {
  const HostRule apart{.rule = 0, .is_counted = true, .most = 1};
  const PackProblem problem{.groups = {{.demand = {1}, .rules = {apart}, .lane = 0, .count = 3}},
                            .lanes = {{.machines = {{.supply = {4}, .price = 1}}, .guests = {}}},
                            .rules = 1};
  std::int64_t steps = 1000;
  EXPECT_EQ(pack(problem, steps).size(), 3u);
}

TEST(PackingByCost, StepsThatRunOutCostQualityNotPods) {
  const PackProblem problem{.groups = {{.demand = {1}, .rules = {}, .lane = 0, .count = 100}},
                            .lanes = {{.machines = {{.supply = {4}, .price = 1}}, .guests = {}}},
                            .rules = 0};
  std::int64_t steps = 1;
  EXPECT_EQ(pack(problem, steps).size(), 25u);
}

}  // namespace
}  // namespace plan::testing

#include "plan/plan_memory.h"

#include <gtest/gtest.h>

#include "plan/random_problem_testing.h"
#include "plan/reference/plain_plan_testing.h"

namespace plan {
namespace {

// SCH-145: what earlier rounds have learnt, of this cluster or of others, changes no plan.
TEST(PlanMemory, AWarmRoundPlansWhatAColdOneDoes) {
  PlanMemory memory;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    const auto built = testing::build(testing::random_draft(seed));
    const Problem problem = built.problem();
    const auto text = [&](const Plan& plan) {
      return reference::plain(problem, plan).text_with_reasons();
    };
    const std::string cold = text(compute_plan(problem));
    ASSERT_EQ(text(compute_plan(problem, memory)), cold) << "seed " << seed;
    ASSERT_EQ(text(compute_plan(problem, memory)), cold) << "seed " << seed << ", again";
  }
}

}  // namespace
}  // namespace plan

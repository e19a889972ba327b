#include "disrupt/budget.h"

#include <gtest/gtest.h>

namespace disrupt {
namespace {

constexpr k8s::TimeNs kHour = 3600LL * 1'000'000'000;
constexpr k8s::TimeNs kMidnight = 1'700'006'400LL * 1'000'000'000;  // 2023-11-15 00:00 UTC.

k8s::Budget budget(std::string nodes) {
  k8s::Budget out;
  out.nodes = std::move(nodes);
  return out;
}

TEST(Budget, PercentagesRoundUp) {
  // DIS-53
  EXPECT_EQ(allowed_by(budget("10%"), 1, kMidnight).value(), 1);
  EXPECT_EQ(allowed_by(budget("10%"), 11, kMidnight).value(), 2);
  EXPECT_EQ(allowed_by(budget("0%"), 11, kMidnight).value(), 0);
  EXPECT_EQ(allowed_by(budget("7"), 1, kMidnight).value(), 7);
  EXPECT_FALSE(allowed_by(budget("x%"), 1, kMidnight));
}

TEST(Budget, IsActiveFromTheHitForItsDuration) {
  // DIS-51
  k8s::Budget nightly = budget("0");
  nightly.schedule = "0 0 * * *";
  nightly.duration = 8 * kHour;
  EXPECT_FALSE(is_active(nightly, kMidnight - 1).value());
  EXPECT_TRUE(is_active(nightly, kMidnight).value());
  EXPECT_TRUE(is_active(nightly, kMidnight + 8 * kHour - 1).value());
  EXPECT_FALSE(is_active(nightly, kMidnight + 8 * kHour).value());
  EXPECT_EQ(allowed_by(nightly, 10, kMidnight - 1).value(), kUnlimited);
}

TEST(Budget, WindowsThatNeverOpenAreNeverOpen) {
  // DIS-51: upstream takes a schedule without any firing for one that is always open.
  k8s::Budget never = budget("0");
  never.schedule = "0 0 31 2 *";
  never.duration = kHour;
  EXPECT_FALSE(is_active(never, kMidnight).value());
  EXPECT_EQ(allowed_by(never, 10, kMidnight).value(), kUnlimited);
}

TEST(Budget, TheSmallestThatNamesTheReasonCounts) {
  // DIS-54
  k8s::NodePool pool;
  pool.disruption.budgets = {budget("50%"), budget("1")};
  pool.disruption.budgets[1].reasons = {std::string(kEmpty)};
  EXPECT_EQ(allowed_by(pool, kEmpty, 10, kMidnight).value(), 1);
  EXPECT_EQ(allowed_by(pool, kDrifted, 10, kMidnight).value(), 5);
  pool.disruption.budgets.clear();
  EXPECT_EQ(allowed_by(pool, kEmpty, 10, kMidnight).value(), kUnlimited);
}

TEST(Budget, OneBrokenBudgetAllowsNothing) {
  // DIS-55
  k8s::NodePool pool;
  pool.disruption.budgets = {budget("50%"), budget("1")};
  pool.disruption.budgets[1].schedule = "nonsense";
  pool.disruption.budgets[1].reasons = {std::string(kDrifted)};
  EXPECT_FALSE(allowed_by(pool, kEmpty, 10, kMidnight));
}

}  // namespace
}  // namespace disrupt

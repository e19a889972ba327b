#include "plan/claim_order.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "plan/random_problem_testing.h"

namespace plan {
namespace {

std::vector<std::uint32_t> claims_in(const ClaimOrder& order) {
  std::vector<std::uint32_t> claims;
  for (auto claim = order.first(); claim != ClaimOrder::kEnd; claim = order.next(claim)) {
    claims.push_back(claim);
  }
  return claims;
}

// SCH-145
TEST(ClaimOrder, IsWhatAStableSortBeforeEachPodGives) {
  testing::Dice dice(7);
  ClaimOrder order;
  std::vector<std::uint32_t> sorted;
  std::vector<int> pods;
  for (int step = 0; step < 2000; ++step) {
    if (pods.empty() || dice.percent(20)) {
      order.add();
      sorted.push_back(static_cast<std::uint32_t>(pods.size()));
      pods.push_back(1);
    } else {
      const auto claim = static_cast<std::uint32_t>(dice.below(static_cast<int>(pods.size())));
      order.raise(claim);
      ++pods[claim];
    }
    std::ranges::stable_sort(sorted, {}, [&](std::uint32_t claim) { return pods[claim]; });
    ASSERT_EQ(claims_in(order), sorted) << step;
    ASSERT_TRUE(std::ranges::is_sorted(
        sorted, [&](std::uint32_t a, std::uint32_t b) { return order.precedes(a, b); }));
  }
}

}  // namespace
}  // namespace plan

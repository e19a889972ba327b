#include "plan/claim_order.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "plan/random_problem_testing.h"

namespace plan {
namespace {

// The lanes side by side, the first claim first.
std::vector<std::uint32_t> claims_in(const ClaimOrder& order) {
  std::vector<std::uint32_t> claims;
  for (std::size_t lane = 0; lane < order.lanes(); ++lane) {
    const auto lane_start = static_cast<std::ptrdiff_t>(claims.size());
    for (auto claim = order.first(lane); claim != ClaimOrder::kEnd; claim = order.next(claim)) {
      claims.push_back(claim);
    }
    EXPECT_TRUE(std::is_sorted(claims.begin() + lane_start, claims.end(), [&](auto a, auto b) {
      return order.precedes(a, b);
    }));
  }
  std::ranges::sort(claims, [&](auto a, auto b) { return order.precedes(a, b); });
  return claims;
}

// SCH-145
TEST(ClaimOrder, IsWhatAStableSortBeforeEachPodGives) {
  for (const int sets : {1, 5, 200}) {
    testing::Dice dice(7);
    ClaimOrder order;
    std::vector<std::uint32_t> sorted;
    std::vector<int> pods;
    for (int step = 0; step < 2000; ++step) {
      const model::SetId set(static_cast<std::uint32_t>(dice.below(sets)));
      if (pods.empty() || dice.percent(20)) {
        order.add(set);
        sorted.push_back(static_cast<std::uint32_t>(pods.size()));
        pods.push_back(1);
      } else {
        const auto claim = static_cast<std::uint32_t>(dice.below(static_cast<int>(pods.size())));
        order.raise(claim, set);
        ++pods[claim];
      }
      std::ranges::stable_sort(sorted, {}, [&](std::uint32_t claim) { return pods[claim]; });
      ASSERT_EQ(claims_in(order), sorted) << sets << " sets, step " << step;
    }
    EXPECT_LE(order.lanes(), ClaimOrder::kLanes);
  }
}

}  // namespace
}  // namespace plan

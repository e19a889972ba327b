#include "plan/packing_linear.h"

#include <gtest/gtest.h>

namespace plan {
namespace {

TEST(PackingLinear, FindsTheBestMix) {
  // max 3x + 5y, x <= 4, 2y <= 12, 3x + 2y <= 18
  const LinearAnswer answer = maximize(std::vector<double>{3, 5},
                                       std::vector<double>{1, 0, 0, 2, 3, 2},
                                       std::vector<double>{4, 12, 18});
  EXPECT_DOUBLE_EQ(answer.value, 36);
  EXPECT_DOUBLE_EQ(answer.x[0], 2);
  EXPECT_DOUBLE_EQ(answer.x[1], 6);
  EXPECT_DOUBLE_EQ(answer.prices[0], 0);
  EXPECT_DOUBLE_EQ(answer.prices[1], 1.5);
  EXPECT_DOUBLE_EQ(answer.prices[2], 1);
}

TEST(PackingLinear, NothingToGainIsNothing) {
  const LinearAnswer answer =
      maximize(std::vector<double>{-1, 0}, std::vector<double>{1, 1}, std::vector<double>{5});
  EXPECT_DOUBLE_EQ(answer.value, 0);
}

TEST(PackingLinear, EndsWhereManyCornersMeet) {
  const LinearAnswer answer = maximize(std::vector<double>{1, 1, 1},
                                       std::vector<double>{1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1},
                                       std::vector<double>{0, 0, 0, 0});
  EXPECT_DOUBLE_EQ(answer.value, 0);
}

}  // namespace
}  // namespace plan

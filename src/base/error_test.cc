#include "base/error.h"

#include <string>

#include <gtest/gtest.h>

#include "base/assert.h"

namespace base {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) {
    return fail(ErrorCode::kInvalid, "odd");
  }
  return n / 2;
}

Result<std::string> quarter(int n) {
  const int once = TRY(half(n));
  return std::to_string(TRY(half(once)));
}

Result<void> check(int n) {
  TRY_VOID(half(n));
  return {};
}

TEST(Error, TryYieldsTheValueOrReturnsTheError) {
  EXPECT_EQ(quarter(8).value(), "2");
  EXPECT_EQ(quarter(6).error().detail, "odd");
  EXPECT_TRUE(check(2).has_value());
  EXPECT_FALSE(check(3).has_value());
}

TEST(Error, ContextStandsBeforeTheDetail) {
  const Error error = with_context({ErrorCode::kGone, "too old"}, "watch pods");
  EXPECT_EQ(error.code, ErrorCode::kGone);
  EXPECT_EQ(error.detail, "watch pods: too old");
  EXPECT_EQ(to_string(error.code), "gone");
}

TEST(AssertDeathTest, NamesTheExpression) {
  EXPECT_DEATH(ASSERT(1 == 2), "1 == 2");
}

}  // namespace
}  // namespace base

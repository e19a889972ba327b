#include "runtime/rng.h"

#include <array>
#include <cstdint>
#include <limits>
#include <set>
#include <span>
#include <string>

#include <gtest/gtest.h>

namespace runtime {
namespace {

TEST(Rng, SeedDecidesTheStream) {
  Rng a(42);
  Rng b(42);
  Rng c(43);
  const std::uint64_t first = a.next();
  EXPECT_EQ(first, b.next());
  EXPECT_NE(first, c.next());
}

TEST(Rng, SplitDependsOnTheNameNotOnDraws) {
  Rng a(42);
  Rng b(42);
  b.next();
  EXPECT_EQ(a.split("faults").next(), b.split("faults").next());
  EXPECT_NE(a.split("faults").next(), a.split("names").next());
}

TEST(Rng, StaysWithinItsBounds) {
  Rng rng(1);
  std::array<int, 7> seen{};
  for (int i = 0; i < 7000; ++i) {
    ++seen[rng.below(7)];
    const double unit = rng.unit();
    EXPECT_TRUE(unit >= 0 && unit < 1);
    const std::int64_t between = rng.between(-3, 3);
    EXPECT_TRUE(between >= -3 && between <= 3);
  }
  for (const int count : seen) {
    EXPECT_GT(count, 800);
  }
  rng.between(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
}

TEST(Rng, UuidHasItsForm) {
  Rng rng(5);
  const std::string uuid = make_uuid(rng);
  ASSERT_EQ(uuid.size(), 36U);
  EXPECT_EQ(uuid[8], '-');
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
  EXPECT_NE(uuid, make_uuid(rng));
}

TEST(Rng, NameSuffixUsesTheSafeAlphabet) {
  Rng rng(5);
  const std::string suffix = make_name_suffix(rng);
  EXPECT_EQ(suffix.size(), 5U);
  EXPECT_EQ(suffix.find_first_of("aeiou013"), std::string::npos);
}

TEST(Rng, ShuffleKeepsTheElements) {
  Rng rng(5);
  std::array<int, 6> items{1, 2, 3, 4, 5, 6};
  rng.shuffle(std::span<int>(items));
  EXPECT_EQ(std::set<int>(items.begin(), items.end()).size(), 6U);
}

}  // namespace
}  // namespace runtime

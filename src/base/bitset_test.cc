#include "base/bitset.h"

#include <vector>

#include <gtest/gtest.h>

namespace base {
namespace {

std::vector<std::size_t> bits_of(const auto& set) {
  std::vector<std::size_t> bits;
  set.for_each_set([&](std::size_t bit) { bits.push_back(bit); });
  return bits;
}

Bitset make(std::size_t size, const std::vector<std::size_t>& bits) {
  Bitset set(size);
  for (const std::size_t bit : bits) {
    set.set(bit);
  }
  return set;
}

TEST(Bitset, FullSetHasNoSurplusBits) {
  for (const std::size_t size : {0U, 1U, 63U, 64U, 65U, 200U}) {
    Bitset set(size, true);
    EXPECT_EQ(set.count(), size);
    set.flip_all();
    EXPECT_TRUE(set.none());
    set.set_all();
    EXPECT_TRUE(set.all());
  }
}

TEST(Bitset, VisitsBitsInAscendingOrder) {
  const Bitset set = make(200, {199, 0, 64, 63, 128});
  EXPECT_EQ(bits_of(set), (std::vector<std::size_t>{0, 63, 64, 128, 199}));
}

TEST(Bitset, FindNextWalksTheSameBitsAsForEach) {
  const Bitset set = make(300, {1, 2, 63, 64, 191, 299});
  std::vector<std::size_t> walked;
  for (std::size_t bit = set.find_first(); bit != kNoBit; bit = set.find_next(bit)) {
    walked.push_back(bit);
  }
  EXPECT_EQ(walked, bits_of(set));
  EXPECT_EQ(Bitset(70).find_first(), kNoBit);
  EXPECT_EQ(Bitset(0).find_first(), kNoBit);
}

TEST(Bitset, CombinesInPlace) {
  Bitset set = make(100, {1, 2, 3, 70});
  const Bitset other = make(100, {2, 70, 99});
  EXPECT_EQ(set.count_and(other), 2U);
  EXPECT_TRUE(set.intersects(other));
  EXPECT_FALSE(set.is_subset_of(other));

  Bitset both = set;
  both &= other;
  EXPECT_EQ(both, make(100, {2, 70}));
  EXPECT_TRUE(both.is_subset_of(other));

  Bitset either = set;
  either |= other;
  EXPECT_EQ(either, make(100, {1, 2, 3, 70, 99}));

  set.and_not(other);
  EXPECT_EQ(set, make(100, {1, 3}));
  EXPECT_FALSE(set.intersects(other));
}

TEST(Bitset, GrownBitsAreClear) {
  Bitset set(10, true);
  set.resize(100);
  EXPECT_EQ(set.count(), 10U);
  set.resize(5);
  set.resize(64);
  EXPECT_EQ(set.count(), 5U);
}

TEST(BitSpan, WorksOnArenaWordsAndMixesWithBitset) {
  Arena arena;
  BitSpan scratch = make_bits(arena, 130);
  scratch.set(129);
  scratch |= make(130, {0, 5});
  EXPECT_EQ(bits_of(scratch), (std::vector<std::size_t>{0, 5, 129}));

  const Bitset owned = to_bitset(scratch);
  const BitSpan copy = copy_bits(arena, owned);
  scratch.reset(5);
  EXPECT_TRUE(copy.test(5));
  EXPECT_EQ(copy, owned);
}

}  // namespace
}  // namespace base

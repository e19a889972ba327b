#include "base/text.h"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/small_vector.h"
#include "base/time.h"

namespace base {
namespace {

using Parts = std::vector<std::string_view>;

TEST(Text, NumbersInShortestForm) {
  EXPECT_EQ(to_text(std::int64_t{-5}), "-5");
  EXPECT_EQ(to_text(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(to_text(0.1), "0.1");
  EXPECT_EQ(to_fixed(2.005, 2), "2.00");
  EXPECT_EQ(to_fixed(1e300, 0).size(), 301U);
}

TEST(Text, ParsesWholeNumbersOnly) {
  EXPECT_EQ(parse_int("-12"), -12);
  for (const char* text : {"", " 1", "1 ", "+1", "1x", "9223372036854775808", "-"}) {
    EXPECT_FALSE(parse_int(text).has_value()) << text;
  }
  EXPECT_EQ(parse_double("1.5e3"), 1500.0);
  for (const char* text : {"", "nan", "inf", "1e999", "0x10", "1.5 "}) {
    EXPECT_FALSE(parse_double(text).has_value()) << text;
  }
}

TEST(Text, ParsesBools) {
  EXPECT_EQ(parse_bool("T"), true);
  EXPECT_EQ(parse_bool("False"), false);
  EXPECT_FALSE(parse_bool("yes").has_value());
}

TEST(Text, SplitKeepsEmptyParts) {
  EXPECT_EQ(split("a,,b", ','), (Parts{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (Parts{""}));
  EXPECT_EQ(split_once("k=v=w", '=').before, "k");
  EXPECT_EQ(split_once("k=v=w", '=').after, "v=w");
  EXPECT_FALSE(split_once("k", '=').after.has_value());
}

TEST(Text, Trims) {
  EXPECT_EQ(trim(" \ta b\r\n"), "a b");
  EXPECT_EQ(trim("   "), "");
}

TEST(Text, JoinsAndConcatenates) {
  EXPECT_EQ(join(std::vector<std::string>{"a", "b"}, ", "), "a, b");
  EXPECT_EQ(join(std::vector<std::string>{}, ", "), "");
  EXPECT_EQ(concat("n=", 3, ' ', true, " ", 2.5, std::string("!")), "n=3 true 2.5!");
}

TEST(Text, ComparesAsciiWithoutCase) {
  EXPECT_TRUE(equals_ignoring_case("Content-Type", "content-type"));
  EXPECT_FALSE(equals_ignoring_case("a", "ab"));
  EXPECT_EQ(to_lower("X-Y1"), "x-y1");
}

TEST(Text, ReplacesEveryOccurrence) {
  EXPECT_EQ(replace_all("a.b.c", ".", "::"), "a::b::c");
  EXPECT_EQ(replace_all("abc", "", "x"), "abc");
}

TEST(Text, PadsByColumnsNotBytes) {
  EXPECT_EQ(display_width("→x"), 2U);
  EXPECT_EQ(pad_right("→", 3), "→  ");
  EXPECT_EQ(pad_left("12", 4), "  12");
  EXPECT_EQ(pad_left("12345", 4), "12345");
}

TEST(Hash, IsStableAcrossRuns) {
  // Pinned: these numbers appear in stored logs.
  EXPECT_EQ(hex64(hash64("")), "b9034ad37056f5fb");
  EXPECT_EQ(hex64(hash64("node-1")), "a92b86cd7ea2f739");
  EXPECT_EQ(hex64(0xabcULL), "0000000000000abc");
  EXPECT_NE(hash64("a"), hash64("b"));
  EXPECT_NE(Hasher().add("ab").add("c").digest(), Hasher().add("a").add("bc").digest());
  EXPECT_NE(Hasher(1).add("a").digest(), Hasher(2).add("a").digest());
}

TEST(SmallVector, GrowsBeyondItsInside) {
  SmallVector<int, 2> values{1, 2, 3};
  EXPECT_EQ(values.size(), 3U);
}

TEST(Time, ConvertsToAndFromUnixNanoseconds) {
  using namespace std::chrono_literals;
  const WallTime time = from_unix_ns(1'000'000'000) + 500ms;
  EXPECT_EQ(to_unix_ns(time), 1'500'000'000);
  EXPECT_EQ(to_seconds(from_seconds(1.25)), 1.25);
}

}  // namespace
}  // namespace base

#include "base/arena.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(Arena, SpansAreZeroedAndAligned) {
  Arena arena(128);
  arena.make_span<char>(3);
  const auto words = arena.make_span<std::uint64_t>(4);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(words.data()) % alignof(std::uint64_t), 0U);
  for (const std::uint64_t word : words) {
    EXPECT_EQ(word, 0U);
  }
}

TEST(Arena, HoldsMoreThanOneBlock) {
  Arena arena(64);
  std::vector<std::span<std::uint32_t>> spans;
  for (std::uint32_t i = 0; i < 50; ++i) {
    spans.push_back(arena.make_span<std::uint32_t>(5));
    spans.back()[0] = i;
  }
  for (std::uint32_t i = 0; i < 50; ++i) {
    EXPECT_EQ(spans[i][0], i);
  }
}

TEST(Arena, ResetReusesItsMemory) {
  Arena arena(64);
  const auto fill = [&] {
    for (int i = 0; i < 20; ++i) {
      arena.make_span<char>(40);
      arena.make_span<char>(200);
    }
  };
  fill();
  const std::size_t reserved = arena.reserved_bytes();
  for (int round = 0; round < 10; ++round) {
    arena.reset();
    EXPECT_EQ(arena.used_bytes(), 0U);
    fill();
  }
  EXPECT_EQ(arena.reserved_bytes(), reserved);
}

TEST(Arena, ZeroesReusedMemory) {
  Arena arena(64);
  arena.make_span<int>(4)[2] = 7;
  arena.reset();
  EXPECT_EQ(arena.make_span<int>(4)[2], 0);
}

TEST(Arena, CopiesText) {
  Arena arena;
  std::string source = "zone-a";
  const std::string_view copy = arena.copy_text(source);
  source = "zone-b";
  EXPECT_EQ(copy, "zone-a");
  EXPECT_TRUE(arena.copy_text("").empty());
  EXPECT_TRUE(arena.make_span<int>(0).empty());
}

}  // namespace
}  // namespace base

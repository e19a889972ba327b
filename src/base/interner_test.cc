#include "base/interner.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/ids.h"

namespace base {
namespace {

struct KeyTag;
using KeyId = Id<KeyTag>;

TEST(Interner, GivesDenseIdsInOrderOfFirstSight) {
  Interner<KeyId> keys;
  EXPECT_EQ(keys.intern("a"), KeyId(0));
  EXPECT_EQ(keys.intern("b"), KeyId(1));
  EXPECT_EQ(keys.intern("a"), KeyId(0));
  EXPECT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys.find("b"), KeyId(1));
  EXPECT_FALSE(keys.find("c").has_value());
}

TEST(Interner, ViewsStayValidWhileItGrowsAndMoves) {
  Interner<KeyId> keys;
  const std::string_view first = keys.text(keys.intern("first"));
  for (int i = 0; i < 10000; ++i) {
    keys.intern("key-" + std::to_string(i));
  }
  const Interner<KeyId> moved = std::move(keys);
  EXPECT_EQ(first, "first");
  EXPECT_EQ(moved.text(KeyId(10000)), "key-9999");
  EXPECT_EQ(moved.find("key-5000"), KeyId(5001));
}

TEST(Interner, EmptyTextIsAText) {
  Interner<KeyId> keys;
  EXPECT_EQ(keys.text(keys.intern("")), "");
}

TEST(Ids, DefaultIdIsInvalid) {
  EXPECT_FALSE(KeyId().is_valid());
  EXPECT_TRUE(KeyId(0).is_valid());
  EXPECT_LT(KeyId(1), KeyId(2));
}

TEST(Ids, VectorReturnsTheIdOfANewRow) {
  IdVector<KeyId, std::string> names;
  const KeyId id = names.push_back("x");
  EXPECT_EQ(id, KeyId(0));
  EXPECT_EQ(names[id], "x");
}

}  // namespace
}  // namespace base

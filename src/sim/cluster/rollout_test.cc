#include "sim/cluster/rollout.h"

#include <gtest/gtest.h>

namespace sim {
namespace {

SetSize healthy(std::int64_t replicas) {
  return {.replicas = replicas, .pods = replicas, .available = replicas};
}

TEST(Rollout, WithoutOldPodsTheSetIsAsLargeAsWanted) {
  EXPECT_EQ(next_sizes(7, {}, healthy(3), {}).current, 7);
  EXPECT_EQ(next_sizes(2, {}, healthy(3), {}).current, 2);
}

TEST(Rollout, SurgeIsRoundedUpAndUnavailableDown) {
  // 25 % of 10: three more, two fewer.
  const NextSizes next = next_sizes(10, {}, {}, {healthy(10)});
  EXPECT_EQ(next.current, 3);
  EXPECT_EQ(next.old, std::vector<std::int64_t>{8});
}

TEST(Rollout, OldPodsGoAsNewOnesBecomeAvailable) {
  const SetSize starting{.replicas = 5, .pods = 5, .available = 0};
  EXPECT_EQ(next_sizes(10, {}, starting, {healthy(8)}).old, std::vector<std::int64_t>{8});
  const NextSizes next = next_sizes(10, {}, healthy(5), {healthy(8)});
  EXPECT_EQ(next.old, std::vector<std::int64_t>{3});
  EXPECT_EQ(next.current, 5);
  EXPECT_EQ(next_sizes(10, {}, healthy(5), {healthy(3)}).current, 10);
}

TEST(Rollout, EndsWithTheNewPodsAlone) {
  std::int64_t current = 0;
  std::int64_t old = 13;
  for (int step = 0; step < 20; ++step) {
    const NextSizes next = next_sizes(13, {}, healthy(current), {healthy(old)});
    EXPECT_LE(next.current + old, 17);
    EXPECT_GE(current + next.old[0], 10);
    current = next.current;
    old = next.old[0];
  }
  EXPECT_EQ(current, 13);
  EXPECT_EQ(old, 0);
}

TEST(Rollout, ASmallDeploymentMovesOneByOne) {
  // 25 % of 1 is a surge of one, and none may be missing.
  const NextSizes next = next_sizes(1, {}, {}, {healthy(1)});
  EXPECT_EQ(next.current, 1);
  EXPECT_EQ(next.old, std::vector<std::int64_t>{1});
  EXPECT_EQ(next_sizes(1, {}, healthy(1), {healthy(1)}).old, std::vector<std::int64_t>{0});
}

TEST(Rollout, NeitherSurgeNorUnavailableStillMoves) {
  const Rollout none{.max_surge = {.value = 0}, .max_unavailable = {.value = 0}};
  EXPECT_EQ(next_sizes(4, none, {}, {healthy(4)}).old, std::vector<std::int64_t>{3});
}

TEST(Rollout, BrokenOldPodsGoFirst) {
  const SetSize half{.replicas = 8, .pods = 8, .available = 4};
  const NextSizes next = next_sizes(8, {}, {.replicas = 2, .pods = 2, .available = 0}, {half});
  EXPECT_EQ(next.old, std::vector<std::int64_t>{6});
}

TEST(Rollout, PodsOfASetThatWasJustMadeSmallerDoNotCount) {
  const SetSize smaller{.replicas = 8, .pods = 10, .available = 10};
  const SetSize starting{.replicas = 3, .pods = 3, .available = 0};
  EXPECT_EQ(next_sizes(10, {}, starting, {smaller}).old, std::vector<std::int64_t>{8});
}

TEST(Rollout, RecreateWaitsUntilTheOldPodsAreGone) {
  const Rollout recreate{.recreates = true};
  NextSizes next = next_sizes(4, recreate, {}, {healthy(4)});
  EXPECT_EQ(next.current, 0);
  EXPECT_EQ(next.old, std::vector<std::int64_t>{0});
  next = next_sizes(4, recreate, {}, {{.replicas = 0, .pods = 1, .available = 0}});
  EXPECT_EQ(next.current, 0);
  EXPECT_EQ(next_sizes(4, recreate, {}, {{}}).current, 4);
}

}  // namespace
}  // namespace sim

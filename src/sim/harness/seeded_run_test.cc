#include "sim/harness/seeded_run.h"

#include <iostream>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"
#include "runtime/environment.h"

namespace sim {
namespace {

// In shards, so that they run side by side: shard i has the seeds i*n+1 to (i+1)*n.
constexpr std::uint64_t kShards = 8;
constexpr std::uint64_t kSeedsPerShard = 63;

class SeededRuns : public testing::TestWithParam<std::uint64_t> {};

std::vector<std::uint64_t> seeds_of(std::uint64_t shard) {
  if (const auto replay = runtime::Environment::of_process().get("KARPENTER_SEED")) {
    return shard == 0
               ? std::vector{static_cast<std::uint64_t>(base::parse_int(*replay).value_or(0))}
               : std::vector<std::uint64_t>();
  }
  // KARPENTER_SEEDS: how many in all, for long runs.
  const auto wanted = runtime::Environment::of_process().get("KARPENTER_SEEDS");
  const auto each = wanted
                        ? static_cast<std::uint64_t>(base::parse_int(*wanted).value_or(0)) / kShards
                        : kSeedsPerShard;
  std::vector<std::uint64_t> seeds(each);
  std::iota(seeds.begin(), seeds.end(), shard * each + 1);
  return seeds;
}

// LIF-60, DIS-2, DIS-20, DIS-24, DIS-37, DIS-57, DIS-157: whatever strikes, pods end up bound,
// instances owned, limits and budgets kept, no taint is left, and peace lasts.
TEST_P(SeededRuns, EverythingComesRightAfterFaults) {
  RunResult sum;
  const std::vector<std::uint64_t> seeds = seeds_of(GetParam());
  for (const std::uint64_t seed : seeds) {
    const RunResult result = run_seed(seed);
    EXPECT_TRUE(result.problems.empty()) << result.report();
    sum.restarts += result.restarts;
    sum.effects += result.effects;
    sum.launched += result.launched;
    sum.commands += result.commands;
  }
  std::cout << base::concat(seeds.size(),
                            " seeds: ",
                            sum.launched,
                            " instances, ",
                            sum.effects,
                            " effects, ",
                            sum.commands,
                            " disruptions, ",
                            sum.restarts,
                            " restarts of the controller\n");
}

INSTANTIATE_TEST_SUITE_P(Shard, SeededRuns, testing::Range(std::uint64_t{0}, kShards));

TEST(SeededRun, SameSeedSameEffects) {
  for (const std::uint64_t seed : {3U, 11U}) {
    EXPECT_EQ(run_seed(seed).digest, run_seed(seed).digest);
  }
}

}  // namespace
}  // namespace sim

#include "sim/harness/seeded_run.h"

#include <iostream>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "base/text.h"
#include "runtime/environment.h"
#include "sim/cloud/faults.h"

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

struct Least {
  std::string_view what;
  std::uint64_t times;
};

// What the lives of a shard must have met at least, or they no longer test what they should.
constexpr Least kMet[] = {
    {"budget: count", 20},
    {"budget: in its window", 5},
    {"budget: of another reason", 5},
    {"budget: of this reason", 5},
    {"budget: out of window", 5},
    {"budget: percentage", 20},
    {"budget: used up", 20},
    {"decided: drift, delete", 1},
    {"decided: drift, replace", 10},
    {"decided: emptiness, delete", 1},
    {"decided: several nodes", 3},
    {"decided: single, delete", 1},
    {"decided: single, replace", 1},
    {"expired", 5},
    {"guard: another node", 1},
    {"guard: another node's pod", 10},
    {"guard: disregarded by drift with a grace period", 1},
    {"guard: elapsed", 10},
    {"guard: grace period over", 1},
    {"leader change", 10},
    {"life: budget of none", 1},
    {"life: consolidation extended", 5},
    {"life: pdb selects everything", 1},
    {"life: policy Balanced", 1},
    {"life: policy WhenEmpty", 1},
    {"life: spot to spot", 5},
    {"life: two pools", 5},
    {"pdb: closed, another node's", 1},
    {"pdb: eviction", 20},
    {"pdb: open", 10},
    {"pdb: several, another node's", 1},
    {"restart: while nodes are marked", 1},
    {"rolled back after a restart", 1},
    {"room: found", 20},
    {"through: deleted", 10},
    {"through: replaced", 10},
    {"unsynced for a while", 1},
};

void expect_met(const Coverage& met) {
  for (const Least& least : kMet) {
    const auto found = met.find(least.what);
    EXPECT_GE(found == met.end() ? 0U : found->second, least.times) << least.what;
  }
  for (std::size_t i = 0; i < FaultPlan::kFaults; ++i) {
    const std::string fault = base::concat("fault: ", to_string(static_cast<Fault>(i)));
    EXPECT_TRUE(met.contains(fault)) << fault;
  }
}

// LIF-60, DIS-2, DIS-20, DIS-24, DIS-37, DIS-57, DIS-157: whatever strikes, pods end up bound,
// instances owned, limits and budgets kept, no taint is left, and peace lasts.
TEST_P(SeededRuns, EverythingComesRightAfterFaults) {
  RunResult sum;
  const std::vector<std::uint64_t> seeds = seeds_of(GetParam());
  for (const std::uint64_t seed : seeds) {
    const bool is_replay = runtime::Environment::of_process().get("KARPENTER_SEED").has_value();
    const RunResult result = run_seed(
        seed, is_replay ? [](std::string_view line) { std::cout << line << "\n"; } : Trace{});
    EXPECT_TRUE(result.problems.empty()) << result.report();
    sum.restarts += result.restarts;
    sum.effects += result.effects;
    sum.launched += result.launched;
    sum.commands += result.commands;
    for (const auto& [what, times] : result.met) {
      sum.met[what] += times;
    }
  }
  if (seeds.size() >= kSeedsPerShard) {
    expect_met(sum.met);
  }
  for (const auto& [what, times] : sum.met) {
    std::cout << base::concat(what, ": ", times, "\n");
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

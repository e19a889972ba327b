#include "sim/harness/seeded_run.h"

#include <iostream>

#include <gtest/gtest.h>

#include "base/text.h"
#include "runtime/environment.h"

namespace sim {
namespace {

constexpr std::uint64_t kSeeds = 200;

// LIF-60, DIS-20: whatever strikes, pods end up bound, instances owned, limits kept, and peace
// lasts.
TEST(SeededRuns, EverythingComesRightAfterFaults) {
  const auto replay = runtime::Environment::of_process().get("KARPENTER_SEED");
  const std::uint64_t only =
      replay ? static_cast<std::uint64_t>(base::parse_int(*replay).value_or(0)) : 0;
  std::uint64_t runs = 0;
  std::uint64_t restarts = 0;
  std::uint64_t effects = 0;
  std::size_t launched = 0;
  for (std::uint64_t seed = only ? only : 1; seed <= (only ? only : kSeeds); ++seed) {
    const RunResult result = run_seed(seed);
    EXPECT_TRUE(result.problems.empty()) << result.report();
    ++runs;
    restarts += result.restarts;
    effects += result.effects;
    launched += result.launched;
  }
  std::cout << base::concat(runs,
                            " seeds: ",
                            launched,
                            " instances, ",
                            effects,
                            " effects, ",
                            restarts,
                            " restarts of the controller\n");
}

TEST(SeededRuns, SameSeedSameEffects) {
  for (const std::uint64_t seed : {3U, 11U}) {
    EXPECT_EQ(run_seed(seed).digest, run_seed(seed).digest);
  }
}

}  // namespace
}  // namespace sim

// Extended consolidation against the classic one, on clusters that nobody disturbs.
#include <gtest/gtest.h>

#include "base/text.h"
#include "disrupt/economy_testing.h"

namespace disrupt::testing {
namespace {

TEST(Economy, ExtendedIsNotDearerAndHardlyEvictsMore) {
  // DIS-91, DIS-95
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Crowd first({.machines = 40, .seed = seed});
    Crowd second({.machines = 40, .seed = seed});
    const Economy classic = settle(first, false);
    const Economy extended = settle(second, true);
    const std::string figures = base::concat("seed ",
                                             seed,
                                             ": from ",
                                             classic.price_before,
                                             ", classic ",
                                             classic.price,
                                             " with ",
                                             classic.evictions,
                                             ", extended ",
                                             extended.price,
                                             " with ",
                                             extended.evictions);
    RecordProperty(base::concat("seed", seed), figures);
    EXPECT_EQ(classic.homeless, 0U) << figures;
    EXPECT_EQ(extended.homeless, 0U) << figures;
    EXPECT_LE(extended.price, classic.price) << figures;
    EXPECT_LE(extended.evictions_per_dollar(), classic.evictions_per_dollar() * 1.1) << figures;
  }
}

}  // namespace
}  // namespace disrupt::testing

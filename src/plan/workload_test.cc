#include <gtest/gtest.h>

#include "base/text.h"
#include "plan/go_random_testing.h"
#include "plan/workload_testing.h"

namespace plan::testing {
namespace {

struct Sums {
  std::int64_t milli_cpu = 0;
  std::int64_t mebibytes = 0;
  friend bool operator==(const Sums&, const Sums&) = default;
};

Sums sums_of(Scene& scene) {
  constexpr std::int64_t kNano = 1'000'000'000;
  constexpr std::int64_t kMebi = 1 << 20;
  Sums sums;
  scene.snapshot().pods.for_each([&](world::PodId, const world::PodRow& row) {
    const k8s::Resources& requests = row.pod->spec.containers[0].resources.requests;
    sums.milli_cpu += static_cast<std::int64_t>(requests.get("cpu").nano() / (kNano / 1000));
    sums.mebibytes += static_cast<std::int64_t>(requests.get("memory").nano() / kNano / kMebi);
  });
  return sums;
}

// SCH-525
TEST(Workload, RandomStreamIsGos) {
  GoRandom random(42);
  EXPECT_EQ(random.next(), 3440579354231278675u);
  EXPECT_EQ(random.next(), 608747136543856411u);
  EXPECT_EQ(random.next(), 5571782338101878760u);
  GoRandom small(42);
  EXPECT_EQ(small.below(100), 5u);
  EXPECT_EQ(small.below(100), 87u);
}

// SCH-520, SCH-526
TEST(Workload, PodsAreThoseOfTheFieldsBenchmark) {
  struct Expected {
    int size;
    Sums sums;
  };

  const Expected table[] = {{1, {500, 512}},
                            {50, {39300, 63888}},
                            {100, {70650, 137892}},
                            {500, {324400, 676592}},
                            {1000, {663350, 1341084}},
                            {2000, {1319500, 2769052}},
                            {5000, {3309000, 6708012}},
                            {10000, {6628950, 13375332}},
                            {20000, {13399850, 26928028}}};
  for (const Expected& expected : table) {
    Scene scene = diverse_workload(expected.size);
    scene.build();
    EXPECT_EQ(scene.snapshot().pods.size(), static_cast<std::size_t>(expected.size));
    EXPECT_EQ(sums_of(scene), expected.sums) << expected.size;
  }
}

// SCH-524: no more nodes than upstream's. Its price moves by a percent from run to run, as equal
// claims change places; ours is the one of the stable order.
TEST(Workload, PlansAreNoLargerOrDearerThanUpstreams) {
  struct Expected {
    int pods;
    std::size_t nodes;
    double price;
  };

  for (const Expected& upstream :
       {Expected{100, 20, 32.7}, {1000, 200, 344.0}, {5000, 1000, 1755.0}}) {
    Scene scene = diverse_workload(upstream.pods);
    const Plan plan = scene.plan();
    double price = 0;
    for (const PlannedClaim& claim : plan.claims) {
      price += claim.cheapest().price;
    }
    EXPECT_TRUE(plan.unplaced.empty());
    EXPECT_LE(plan.claims.size(), upstream.nodes);
    EXPECT_LE(price, 1.015 * upstream.price) << upstream.pods;
  }
}

}  // namespace
}  // namespace plan::testing

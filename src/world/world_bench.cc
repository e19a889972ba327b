#include <benchmark/benchmark.h>

#include "world/world_testing.h"

namespace world {
namespace {

World make_world(int nodes, int pods_per_node) {
  World world;
  testing::put(world, testing::make_pool("default"));
  for (int n = 0; n < nodes; ++n) {
    const std::string name = "n" + std::to_string(n);
    testing::put(world, testing::make_launched_claim(name));
    testing::put(world, testing::make_ready_node(name));
    for (int p = 0; p < pods_per_node; ++p) {
      testing::put(world,
                   testing::make_pod("p" + std::to_string(n * pods_per_node + p), "node-" + name));
    }
  }
  world.mark_synced();
  return world;
}

// Publication after a change: 10,000 nodes, 100,000 pods. Target: below 100 us.
void snapshot_publication(benchmark::State& state) {
  World world = make_world(10'000, 10);
  const k8s::ObjectEvent event{
      k8s::Kind::kPod,
      k8s::EventOp::kModified,
      std::make_shared<const k8s::Pod>(testing::make_pod("p7", "node-n0"))};
  SnapshotPtr last;
  for (auto _ : state) {
    world.apply(event);
    last = world.snapshot(testing::kNow);
    benchmark::DoNotOptimize(last);
  }
}

void apply_pod_bound_elsewhere(benchmark::State& state) {
  World world = make_world(1'000, 10);
  int n = 0;
  for (auto _ : state) {
    n = (n + 1) % 1'000;
    testing::put(world, testing::make_pod("p7", "node-n" + std::to_string(n)));
  }
}

BENCHMARK(snapshot_publication)->Unit(benchmark::kMicrosecond);
BENCHMARK(apply_pod_bound_elsewhere)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace world

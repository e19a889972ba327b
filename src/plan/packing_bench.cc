// What packing by cost saves and takes (docs/performance.md). A fresh round without memory per
// iteration; everything from snapshot to plan is inside the timer.
#include <string>

#include <benchmark/benchmark.h>

#include "plan/lower_bound.h"
#include "plan/packing_workload_testing.h"

namespace plan {
namespace {

using testing::Family;
using testing::PackingWorkload;

void run(benchmark::State& state, PackingWorkload workload, Packing packing) {
  workload.pods = static_cast<int>(state.range(0));
  testing::Scene scene = testing::packing_workload(workload);
  scene.build();
  const world::Snapshot& snapshot = scene.snapshot();
  const Candidates candidates = find_candidates(snapshot, scene.options);
  Problem problem{.snapshot = snapshot, .pods = candidates.pods, .options = scene.options};
  problem.options.packing = packing;
  Plan plan;
  for (auto _ : state) {
    plan = compute_plan(problem);
  }
  if (!plan.unplaced.empty()) {
    state.SkipWithError("a pod was not placed");
  }
  state.counters["nodes"] = static_cast<double>(plan.claims.size());
  if (packing == Packing::kClassic) {
    state.counters["price_classic"] = testing::price_of(plan);
    return;
  }
  const double bound = lower_bound(problem, plan).price;
  state.counters["price_classic"] = testing::price_of(plan) + plan.saving;
  state.counters["price_cost"] = testing::price_of(plan);
  state.counters["bound"] = bound;
  state.counters["gap"] = testing::price_of(plan) / bound - 1;
}

void add(const std::string& name, const PackingWorkload& workload) {
  const auto measure = [&](const std::string& suffix, Packing packing) {
    benchmark::RegisterBenchmark(
        ("packing/" + name + suffix).c_str(),
        [workload, packing](benchmark::State& state) { run(state, workload, packing); })
        ->Arg(1000)
        ->Arg(10000)
        ->Unit(benchmark::kMillisecond);
  };
  measure("-classic", Packing::kClassic);
  measure("", Packing::kCost);
}

// Google Benchmark's main calls no function of ours.
[[maybe_unused]] const bool kIsRegistered = [] {
  add("W1", {.family = Family::kDiverse});
  add("W3", {.family = Family::kWide});
  add("W4", {.family = Family::kLongTail});
  add("W1-spot", {.family = Family::kDiverse, .has_spot = true});
  add("W3-spot", {.family = Family::kWide, .has_spot = true});
  add("W4-spot", {.family = Family::kLongTail, .has_spot = true});
  return true;
}();

}  // namespace
}  // namespace plan

// Speed of planning (docs/performance.md): the field's scheduling benchmark (spec 02 s16). A fresh
// round without memory per iteration; everything from snapshot to plan is inside the timer.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include "plan/plan_memory.h"
#include "plan/round.h"
#include "plan/workload_testing.h"

namespace plan {
namespace {

double peak_rss_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void run(benchmark::State& state, testing::Scene scene, Options options = {}) {
  scene.build();
  const world::Snapshot& snapshot = scene.snapshot();
  options.schema = schema_of(snapshot, options);  // Known since the start of the process.
  Plan plan;
  for (auto _ : state) {
    const Candidates candidates = find_candidates(snapshot, options);
    plan = compute_plan({.snapshot = snapshot, .pods = candidates.pods, .options = options});
  }
  double price = 0;
  for (const PlannedClaim& claim : plan.claims) {
    price += claim.cheapest().price;
  }
  if (!plan.unplaced.empty()) {
    state.SkipWithError("a pod was not placed");
  }
  state.counters["nodes"] = static_cast<double>(plan.claims.size());
  state.counters["price"] = price;
  state.counters["rss_mb"] = peak_rss_mb();
}

int size_of(const benchmark::State& state) {
  return static_cast<int>(state.range(0));
}

void BM_Generic(benchmark::State& state) {
  run(state, testing::generic_workload(size_of(state)));
}

BENCHMARK(BM_Generic)
    ->Name("scheduling/generic")
    ->Arg(1000)
    ->Arg(10000)
    ->Arg(100000)
    ->Unit(benchmark::kMillisecond);

void BM_Diverse(benchmark::State& state) {
  run(state, testing::diverse_workload(size_of(state)));
}

BENCHMARK(BM_Diverse)
    ->Name("scheduling/diverse")
    ->Arg(1)
    ->Arg(50)
    ->Arg(100)
    ->Arg(500)
    ->Arg(1000)
    ->Arg(2000)
    ->Arg(5000)
    ->Arg(10000)
    ->Arg(20000)
    ->Arg(50000)
    ->Arg(100000)
    ->Unit(benchmark::kMillisecond);

// 10,000 pods over many equal pools.
void BM_Pools(benchmark::State& state) {
  run(state, testing::diverse_workload(10000, size_of(state)));
}

BENCHMARK(BM_Pools)->Name("scheduling/pools")->Arg(1)->Arg(50)->Unit(benchmark::kMillisecond);

// 1,000 pods beside a running cluster; what earlier rounds have learnt is kept.
void BM_Running(benchmark::State& state) {
  testing::Scene scene = testing::running_workload(size_of(state), 1000);
  scene.build();
  const world::Snapshot& snapshot = scene.snapshot();
  const Options options{.schema = schema_of(snapshot, {})};
  PlanMemory memory;
  Plan plan;
  for (auto _ : state) {
    const Candidates candidates = find_candidates(snapshot, options);
    plan =
        compute_plan({.snapshot = snapshot, .pods = candidates.pods, .options = options}, memory);
  }
  state.counters["nodes"] = static_cast<double>(plan.claims.size());
  state.counters["existing"] = static_cast<double>(plan.existing.size());
}

BENCHMARK(BM_Running)->Name("scheduling/running")->Arg(10000)->Unit(benchmark::kMillisecond);

void BM_Preferences(benchmark::State& state) {
  run(state, testing::preference_workload(size_of(state)));
}

BENCHMARK(BM_Preferences)->Name("scheduling/preferences")->Arg(4000)->Unit(benchmark::kMillisecond);

void BM_PreferencesIgnored(benchmark::State& state) {
  run(state,
      testing::preference_workload(size_of(state)),
      {.preference_policy = PreferencePolicy::kIgnore});
}

BENCHMARK(BM_PreferencesIgnored)
    ->Name("scheduling/preferences_ignored")
    ->Arg(4000)
    ->Unit(benchmark::kMillisecond);

void BM_RequirementIntersection(benchmark::State& state) {
  model::Vocabulary words;
  const std::vector<std::string> zones{"a", "b", "c", "d", "e", "f"};
  const std::vector<std::string> some{"b", "d", "x"};
  const auto all = model::make_requirement(words, "zone", model::Operator::kIn, zones);
  const auto not_some = model::make_requirement(words, "zone", model::Operator::kNotIn, some);
  for (auto _ : state) {
    benchmark::DoNotOptimize(model::intersection(words, all, not_some));
  }
}

BENCHMARK(BM_RequirementIntersection)->Name("scheduling/requirement_intersection");

// One pod against one open claim: combine sets, intersect rows, check the size.
void BM_Trial(benchmark::State& state) {
  testing::Scene scene = testing::generic_workload(1);
  scene.build();
  const world::Snapshot& snapshot = scene.snapshot();
  const Candidates candidates = find_candidates(snapshot, {});
  const Problem problem{.snapshot = snapshot, .pods = candidates.pods};
  PlanMemory memory;
  Round round(problem, memory);
  const OpenClaim& claim = round.solver.claims().front();
  const Template& tmpl = round.base.templates().front();
  const PodClass& pod_class = round.classes.classes().front();
  for (auto _ : state) {
    const model::SetId set = round.base.sets().combine(
        claim.set, pod_class.variants.front().all.set, model::Undefined::kWellKnown);
    base::Bitset rows = claim.rows;
    rows &= tmpl.columns->usable_rows(set);
    Amounts demand = claim.demand;
    add(demand, pod_class.demand);
    tmpl.columns->keep_fitting(demand, rows);
    benchmark::DoNotOptimize(rows.any());
  }
}

BENCHMARK(BM_Trial)->Name("scheduling/trial");

}  // namespace
}  // namespace plan

// Speed of planning (docs/performance.md). The generic pods of spec 02 s16.3, 400 types, one pool;
// a fresh round per iteration, everything from snapshot to plan inside the timer (SCH-512).
#include <random>

#include <benchmark/benchmark.h>

#include "base/text.h"
#include "plan/round.h"
#include "plan/scene_testing.h"

namespace plan {
namespace {

constexpr const char* kCpus[] = {"100m", "250m", "500m", "1000m", "1500m"};
constexpr const char* kMemories[] = {"100Mi", "256Mi", "512Mi", "1024Mi", "2048Mi", "4096Mi"};

world::Snapshot generic_snapshot(int pods) {
  std::mt19937 random(42);
  testing::Scene scene(testing::fake_catalogue(400));
  scene.pool("default").template_labels["testing/cluster"] = "unspecified";
  for (int i = 0; i < pods; ++i) {
    k8s::Pod& pod = scene.pod(base::concat("pod-", i));
    pod.meta.labels["my-label"] = std::string(1, static_cast<char>('a' + random() % 7));
    pod.spec.containers[0].resources.requests =
        testing::resources(kCpus[random() % 5], kMemories[random() % 6]);
  }
  scene.build();
  return scene.snapshot();
}

void BM_Generic(benchmark::State& state) {
  const world::Snapshot snapshot = generic_snapshot(static_cast<int>(state.range(0)));
  const Candidates candidates = find_candidates(snapshot, {});
  std::size_t nodes = 0;
  for (auto _ : state) {
    const Plan plan = compute_plan({.snapshot = snapshot, .pods = candidates.pods});
    nodes = plan.claims.size();
    if (!plan.unplaced.empty()) {
      state.SkipWithError("a pod was not placed");
    }
  }
  state.counters["nodes"] = static_cast<double>(nodes);
}

BENCHMARK(BM_Generic)
    ->Name("plan/generic")
    ->Arg(1000)
    ->Arg(10000)
    ->Arg(100000)
    ->Unit(benchmark::kMillisecond);

// SCH-520: a fifth each of generic, zone spread, hostname spread, zone affinity, host
// anti-affinity.
world::Snapshot diverse_snapshot(int pods) {
  std::mt19937 random(42);
  testing::Scene scene(testing::fake_catalogue(400));
  scene.pool("default").template_labels["testing/cluster"] = "unspecified";
  const auto letter = [&] { return std::string(1, static_cast<char>('a' + random() % 7)); };
  for (int i = 0; i < pods; ++i) {
    k8s::Pod& pod = scene.pod(base::concat("pod-", i));
    pod.spec.containers[0].resources.requests =
        testing::resources(kCpus[random() % 5], kMemories[random() % 6]);
    const int kind = i * 5 / pods;
    pod.meta.labels[kind == 3 ? "my-affininity" : "my-label"] = letter();
    if (kind == 1 || kind == 2) {
      pod.spec.topology_spread.push_back(
          testing::spread(kind == 1 ? "topology.kubernetes.io/zone" : "kubernetes.io/hostname",
                          testing::selector("my-label", letter())));
    } else if (kind == 3) {
      pod.spec.pod_affinity.required.push_back(
          testing::affinity("topology.kubernetes.io/zone",
                            testing::selector("my-affininity", pod.meta.labels["my-affininity"])));
    } else if (kind == 4) {
      pod.meta.labels = {{"app", "nginx"}};
      pod.spec.pod_anti_affinity.required.push_back(
          testing::affinity("kubernetes.io/hostname", testing::selector("app", "nginx")));
    }
  }
  scene.build();
  return scene.snapshot();
}

void BM_Diverse(benchmark::State& state) {
  const world::Snapshot snapshot = diverse_snapshot(static_cast<int>(state.range(0)));
  const Candidates candidates = find_candidates(snapshot, {});
  std::size_t nodes = 0;
  std::size_t unplaced = 0;
  for (auto _ : state) {
    const Plan plan = compute_plan({.snapshot = snapshot, .pods = candidates.pods});
    nodes = plan.claims.size();
    unplaced = plan.unplaced.size();
  }
  state.counters["nodes"] = static_cast<double>(nodes);
  state.counters["unplaced"] = static_cast<double>(unplaced);
}

BENCHMARK(BM_Diverse)
    ->Name("plan/diverse")
    ->Arg(1000)
    ->Arg(10000)
    ->Arg(20000)
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

BENCHMARK(BM_RequirementIntersection)->Name("plan/requirement_intersection");

// One pod against one open claim: combine sets, intersect rows, check the size.
void BM_Trial(benchmark::State& state) {
  const world::Snapshot snapshot = generic_snapshot(1);
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

BENCHMARK(BM_Trial)->Name("plan/trial");

}  // namespace
}  // namespace plan

// Speed of disruption (docs/performance.md): one whole search, everything from the snapshot on
// inside the timer.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include "base/text.h"
#include "disrupt/crowd_testing.h"
#include "disrupt/methods.h"
#include "disrupt/picture.h"
#include "world/world_testing.h"

namespace disrupt {
namespace {

double peak_rss_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void run(benchmark::State& state, testing::CrowdOptions options, Method method) {
  testing::Crowd crowd(options);
  const world::SnapshotPtr snapshot = crowd.snapshot();
  Settings settings;
  settings.plan.schema = crowd.schema();
  plan::PlanMemory memory;
  std::uint64_t probes = 0;
  std::size_t removed = 0;
  std::size_t launched = 0;
  for (auto _ : state) {
    Pass pass(*snapshot, settings, memory);
    const Findings found = find(method, pass);
    probes = pass.probes();
    removed = 0;
    launched = 0;
    for (const Command& command : found.commands) {
      removed += command.candidates.size();
      launched += command.replacements.size();
    }
  }
  state.counters["pods"] = static_cast<double>(crowd.pods());
  state.counters["probes"] = static_cast<double>(probes);
  state.counters["removed"] = static_cast<double>(removed);
  state.counters["launched"] = static_cast<double>(launched);
  state.counters["rss_mb"] = peak_rss_mb();
}

// Every candidate of the cluster asked by itself, whatever the answers: the cost of a probe.
void probe_all(benchmark::State& state, testing::CrowdOptions options) {
  testing::Crowd crowd(options);
  const world::SnapshotPtr snapshot = crowd.snapshot();
  Settings settings;
  settings.plan.schema = crowd.schema();
  plan::PlanMemory memory;
  Pass pass(*snapshot, settings, memory);
  const Candidates candidates = pass.candidates(Grace::kGraceful);
  plan::WhatIf& what_if = pass.what_if();
  for (auto _ : state) {
    for (const Candidate* candidate : candidates) {
      const world::NodeId removed[] = {candidate->node};
      what_if.ask({.removed = removed, .moved = candidate->reschedulable, .keeps_settling = true});
      benchmark::DoNotOptimize(what_if.claims().size());
    }
  }
  state.counters["per_probe"] = benchmark::Counter(
      static_cast<double>(candidates.size()) * static_cast<double>(state.iterations()),
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// An hour in which nothing happens but heartbeats, each node's every five minutes: what the looks
// every ten seconds cost that find the picture unchanged (DIS-75). `asked`: those that did not.
void idle_hour(benchmark::State& state, testing::CrowdOptions options) {
  constexpr int kLooks = 360;
  constexpr std::size_t kLooksPerHeartbeat = 30;
  testing::Crowd crowd(options);
  world::SnapshotPtr seen = crowd.snapshot();
  std::vector<std::shared_ptr<const k8s::Node>> nodes;
  seen->nodes.for_each(
      [&](world::NodeId, const world::NodeRow& row) { nodes.push_back(row.node); });
  std::size_t asked = 0;
  for (auto _ : state) {
    for (std::size_t look = 0; look < kLooks; ++look) {
      for (std::size_t i = look % kLooksPerHeartbeat; i < nodes.size(); i += kLooksPerHeartbeat) {
        k8s::Node beating = *nodes[i];
        beating.status.conditions[0].last_heartbeat = static_cast<k8s::TimeNs>(look);
        world::testing::put(crowd.world(), std::move(beating));
      }
      const world::SnapshotPtr now = crowd.snapshot();
      asked += is_same_picture(*seen, *now) ? 0U : 1U;
      seen = now;
    }
  }
  state.counters["asked"] = static_cast<double>(asked);
}

const int kRegistered = [] {
  for (const int kind : {0, 1, 2, 3}) {
    for (const int machines : {100, 300, 700, 1500, 5000, 10000}) {
      const testing::CrowdOptions options{
          .machines = machines, .is_tight = kind % 2 == 1, .is_ec2 = kind / 2 == 1};
      const std::string name = base::concat("disruption/",
                                            options.is_tight ? "tight" : "loose",
                                            options.is_ec2 ? "-ec2/" : "/",
                                            machines,
                                            "/");
      const auto add = [&](const char* what, auto body) {
        benchmark::RegisterBenchmark((name + what).c_str(), body)->Unit(benchmark::kMillisecond);
      };
      add("single",
          [options](benchmark::State& state) { run(state, options, Method::kSingleNode); });
      add("multi", [options](benchmark::State& state) { run(state, options, Method::kMultiNode); });
      add("extended",
          [options](benchmark::State& state) { run(state, options, Method::kExtended); });
      add("idle_hour", [options](benchmark::State& state) { idle_hour(state, options); });
      add("probe", [options](benchmark::State& state) { probe_all(state, options); });
    }
  }
  return 0;
}();

}  // namespace
}  // namespace disrupt

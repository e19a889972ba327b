// One simulated life of a cluster, from a seed: workloads grow and shrink while faults strike and
// the controller crashes between effects; then the faults stop, and all must come right and stay
// quiet. What disruption must never do is checked all along (sim/harness/disruption_checks.h).
//
//   const RunResult result = run_seed(42);
//   ASSERT_TRUE(result.problems.empty()) << result.report();
//
// Phases: chaos (safety is checked all along), convergence (bounded virtual time), a quiet hour (no
// effects). Deterministic: equal seeds give equal digests. Thread rule: one thread; seeds are
// independent.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/harness/observation.h"

namespace sim {

struct RunResult {
  std::uint64_t seed = 0;
  std::string faults;                 // What struck, as --faults takes it.
  std::vector<std::string> problems;  // Empty: everything held.
  std::uint64_t digest = 0;           // Over all effects, in order.
  std::uint64_t effects = 0;
  std::uint64_t restarts = 0;
  std::size_t launched = 0;  // Instances that ever ran.
  std::size_t commands = 0;  // Disruptions that began.
  Coverage met;              // What the life was made of, and what happened in it.

  // For people: the problems and how to see them again.
  std::string report() const;
};

// Told of every effect, decision and restart, with its virtual time.
using Trace = std::function<void(std::string_view line)>;

RunResult run_seed(std::uint64_t seed, Trace trace = {});

}  // namespace sim

// What `karpenter simulate` prints: the stable JSON that docs/simulate.md describes, or a table for
// people. Pure: text out, nothing printed.
#pragma once

#include <optional>
#include <string>

#include "sim/days/report.h"

namespace app {

struct SimulationOutcome {
  sim::days::Report report;
  // The same days with pools that only let go of empty nodes.
  std::optional<sim::days::Report> baseline = {};
};

// What consolidation is worth, measured against the baseline.
struct Worth {
  double saved = 0;                                 // Dollars over the whole time.
  std::int64_t more_evictions = 0;                  // Than in the baseline.
  std::optional<double> evictions_per_dollar = {};  // Absent when nothing is saved.
};

Worth worth_of(const SimulationOutcome& outcome);

// "2m5s", "850ms".
std::string short_duration(k8s::DurationNs duration);

std::string to_json(const SimulationOutcome& outcome);
std::string to_table(const SimulationOutcome& outcome);

}  // namespace app

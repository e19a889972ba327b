// Simulated days: the controllers of the product on the embedded cluster and cloud, in virtual
// time, under the load and the weather of a scenario. Equal scenario, settings and seed give equal
// reports, byte for byte.
//
//   const Report report = TRY(simulate({.scenario = scenario, .manifests = json, .seed = 7}));
//
// Thread rule: one thread; simulations are independent. A day of 500 nodes and 10,000 pods takes
// seconds (docs/performance.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "control/config.h"
#include "sim/cloud/faults.h"
#include "sim/days/report.h"
#include "sim/days/scenario.h"

namespace sim::days {

struct Simulation {
  Scenario scenario;
  std::vector<std::string> manifests;  // JSON, in the order in which they are applied.
  std::uint64_t seed = 1;
  control::Config config = {};  // Its schema is filled in.
  FaultPlan faults = {};
  bool extended_consolidation = false;  // disrupt/extended.h
};

// Errors: kNotFound for a region without catalogue; kInvalid for what the API server refuses.
base::Result<Report> simulate(const Simulation& simulation);

}  // namespace sim::days

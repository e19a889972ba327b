// A plan as users read it: the stable JSON of `karpenter plan -o json` (docs/cli.md describes it),
// the same as YAML, or a table. Pure: text out, nothing printed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/plan.h"
#include "world/snapshot.h"

namespace app {

struct PlanReport {
  const world::Snapshot& snapshot;
  const plan::Plan& plan;
  std::vector<plan::Unplaced> refused;  // Pods that never reached the planner, with the reason.
  std::vector<std::string> warnings;
  std::vector<std::string> assumptions;
  plan::Packing packing = plan::Packing::kClassic;
  std::optional<double> bound;  // Dollars per hour; plan/lower_bound.h.
};

std::string to_json(const PlanReport& report);
std::string to_yaml(const PlanReport& report);
std::string to_table(const PlanReport& report);

// "ns/name".
std::string pod_name(const world::Snapshot& snapshot, world::PodId pod);

}  // namespace app

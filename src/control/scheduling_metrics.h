// What is counted of a plan, by the controller that asked for it (SCH-266 to SCH-268).
//
// Thread rule: free functions; the registry's thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/time.h"
#include "plan/plan.h"
#include "runtime/metrics.h"

namespace control {

struct PlanCount {
  std::string_view controller;  // "provisioner", "disruption".
  std::size_t refused = 0;      // Pods that could not be planned for at all.
  base::Duration took = {};
};

void count_plan(runtime::Metrics& metrics, const plan::Plan& plan, const PlanCount& count);

}  // namespace control

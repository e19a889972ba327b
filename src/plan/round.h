// One planning round, built and solved: compute_plan turns it into a Plan, explain/ asks it why.
//
// Members are in order of construction, and each borrows the ones before it. Thread rule: one
// owner; neither copied nor moved.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/effective_zone.h"
#include "plan/existing_nodes.h"
#include "plan/packing.h"
#include "plan/pod_class.h"
#include "plan/solver.h"
#include "plan/topology.h"

namespace plan {

struct Round {
  Round(const Problem& problem, PlanMemory& memory);
  Round(const Round&) = delete;
  Round& operator=(const Round&) = delete;

  PlanBase base;
  Topology topology;
  PodClasses classes;
  std::vector<std::uint32_t> class_of_pod;  // By pod id.
  ExistingNodes nodes;
  Solver solver;
  ZoneCounts effective_zones;          // Before anything was placed; when asked for.
  std::unique_ptr<Repacked> repacked;  // When packing by cost has found something.

  // Where everything is in the end.
  Solver& final_solver() { return repacked ? repacked->solver : solver; }

  const ExistingNodes& final_nodes() const { return repacked ? repacked->nodes : nodes; }

 private:
  std::vector<std::uint32_t> compile_classes(const Problem& problem);
  PlanBase& link();
};

}  // namespace plan

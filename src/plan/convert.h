// From an open claim to the NodeClaim that will be created (spec 02 s11): price order, truncation,
// requirements, labels, annotations, requests.
//
// Thread rule: pure, but the tables of PlanBase remember answers.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "plan/plan_base.h"
#include "plan/solver.h"

namespace plan {

// What pods of a claim ask in sum; made by the caller, which knows their classes.
struct ClaimPods {
  std::vector<world::PodId> pods;
  k8s::Resources requests;
};

// Errors: kLimit when minValues cannot hold for the cheapest types (SCH-230): the claim is not made
// and the text is every pod's reason.
base::Result<PlannedClaim> convert_claim(PlanBase& base, const OpenClaim& claim, ClaimPods pods);

}  // namespace plan

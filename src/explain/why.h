// Why a pod is where it is, or nowhere: a readable tree for `karpenter plan --why POD`.
//
// The same problem is planned once more and asked afterwards, because earlier placements decide: a
// pod must not be explained in isolation. Thread rule: pure.
//
//   std::string tree = explain::why(problem, pod);
#pragma once

#include <string>

#include "plan/plan.h"

namespace explain {

// REQUIRES: the pod is one of problem.pods.
std::string why(const plan::Problem& problem, world::PodId pod);

}  // namespace explain

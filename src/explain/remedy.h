// The smallest change to a pending pod, or to a NodePool, that would have placed the pod: found by
// trying what stands in the way and verified by planning again.
//
// Single changes come first, then pairs; the search is bounded, so no remedy found does not prove
// that there is none. Thread rule: pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace explain {

struct Remedy {
  std::vector<std::string> changes;  // Each an imperative sentence.
};

// REQUIRES: the pod is one of problem.pods and the plan does not place it.
std::optional<Remedy> find_remedy(const plan::Problem& problem, world::PodId pod);

// For the end of an explanation; empty when nothing was found.
std::string remedy_text(const plan::Problem& problem, world::PodId pod);

}  // namespace explain

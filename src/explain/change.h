// What could be changed about a pending pod, or about the pools, to get it placed: the candidates
// of a remedy (explain/remedy.h), least invasive first.
//
// Thread rule: values.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace explain {

struct Change {
  std::string text;                         // An imperative sentence.
  std::function<void(k8s::Pod&)> pod = {};  // Empty: the pod stays as it is.
  std::string pool_name = {};               // With `pool`.
  std::function<void(k8s::NodePool&)> pool = {};
};

std::vector<Change> list_changes(const plan::Problem& problem, world::PodId pod);

}  // namespace explain

// Which of the pods that wait may be planned for at all. A pod that asks for what no node of ours
// may have (a restricted label, an unsupported operator, a volume claim that can never be bound) is
// left out with the reason, before any planning (SCH-85..88).
//
// Pure; the verdict is found once per pod shape. Thread rule: any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "k8s/schema/validate.h"
#include "plan/plan.h"
#include "world/snapshot.h"

namespace plan {

struct Refusal {
  world::PodId pod;
  std::string reason;  // "ignoring pod, ..." (SCH-86)
  // The pod asked to stay off our nodes: that is no problem, so no event is published (SCH-87 a).
  bool is_wanted = false;
};

struct Admission {
  std::vector<world::PodId> pods;  // In the order given.
  std::vector<Refusal> refused;
};

Admission admit_pods(const world::Snapshot& snapshot,
                     std::span<const world::PodId> pods,
                     k8s::schema::Flavour flavour);

}  // namespace plan

// `karpenter explain node NAME -f DUMP...`: why a node stays, with the numbers.
#pragma once

#include <string>

#include "app/plan_command.h"

namespace app {

struct ExplainArguments {
  std::string kind;  // "node".
  std::string name;
  PlanArguments plan;  // The input, as of `plan --disruption`.
};

int explain_command(const ExplainArguments& arguments);

}  // namespace app

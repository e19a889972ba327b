// The input of `karpenter simulate`: one scenario, and the manifests that it is played on.
// Thread rule: free functions; files are read through runtime/.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "sim/days/scenario.h"

namespace app {

struct ScenarioInput {
  sim::days::Scenario scenario;
  std::vector<std::string> manifests;  // JSON, in file order; those that the scenario names last.
  std::vector<std::string> warnings;
};

// Paths as `-f` takes them; the scenario's own `manifests` are looked up beside its file. Errors:
// kInvalid with "file:line: ...", kNotFound for a path, or when there is not exactly one scenario.
base::Result<ScenarioInput> read_scenario(const std::vector<std::string>& paths);

}  // namespace app

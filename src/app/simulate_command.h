// `karpenter simulate`: days in the life of a cluster in seconds, with what they cost.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/scheduling_flags.h"

namespace app {

struct SimulateArguments {
  std::vector<std::string> paths;
  std::int64_t days = 0;  // 0: as the scenario says.
  std::uint64_t seed = 1;
  std::string output = "table";
  std::string faults;
  bool wants_baseline = false;
  SchedulingFlags scheduling;
};

int simulate_command(const SimulateArguments& arguments);

}  // namespace app

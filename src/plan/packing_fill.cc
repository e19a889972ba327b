#include "plan/packing_fill.h"

#include <algorithm>
#include <cstddef>

#include "plan/packing_packer.h"

namespace plan {

std::vector<PackBin> pack(const PackProblem& problem, std::int64_t& steps) {
  return Packer(problem, steps).run();
}

std::vector<PackMachine> without_dominated(std::vector<PackMachine> machines) {
  std::ranges::stable_sort(machines, {}, &PackMachine::price);
  std::vector<PackMachine> kept;
  std::vector<std::size_t> likely;  // What has beaten others lately is looked at first.
  for (PackMachine& machine : machines) {
    const auto winner = std::ranges::find_if(likely, [&](std::size_t other) {
      return std::ranges::equal(machine.supply, kept[other].supply, std::less_equal{});
    });
    if (winner != likely.end()) {
      std::rotate(likely.begin(), winner, winner + 1);
    } else {
      likely.push_back(kept.size());
      kept.push_back(std::move(machine));
    }
  }
  return kept;
}

}  // namespace plan

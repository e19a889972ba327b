// The arithmetic of packing by cost: groups of equal pods in, machines with pods out, without any
// idea of Kubernetes. What comes out is a wish that the solver checks pod by pod (plan/packing.h).
//
// A lane is a set of machine types that some pods may use at some prices; lanes that ask for more
// may take along pods of lanes that ask for less. The method: what a unit of each resource is worth
// in a lane is the dual of a small linear program; machines are filled so that no resource runs out
// before the others, and the fill with the least price per worth is taken, until no pod is left;
// fills for many equal machines come first, since they are found once.
// Then the machines that pay least are emptied and filled anew, as long as steps remain.
//
// Deterministic; work is counted in looks at a group of pods, never in time. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace plan {

// What a host rule (spread over hosts, anti-affinity on the host) means for a machine.
struct HostRule {
  static constexpr std::int64_t kUnlimited = -1;
  std::uint32_t rule = 0;
  bool is_counted = false;         // The pods count for the rule, and
  std::int64_t most = kUnlimited;  // tolerate at most so many that count, themselves included.
  friend auto operator<=>(const HostRule&, const HostRule&) = default;
};

// Pods that packing cannot tell apart.
struct PackGroup {
  std::vector<double> demand;  // By dimension.
  std::vector<HostRule> rules;
  std::uint32_t lane = 0;
  std::uint32_t count = 0;
};

struct PackMachine {
  std::vector<double> supply;
  double price = 0;
};

struct PackLane {
  std::vector<PackMachine> machines;
  std::vector<std::uint32_t> guests;  // Lanes whose pods may come along, without itself.
};

struct PackProblem {
  std::vector<PackGroup> groups;
  std::vector<PackLane> lanes;
  std::uint32_t rules = 0;  // How many host rules there are.
};

// One machine.
struct PackBin {
  std::uint32_t lane = 0;
  double price = 0;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pods;  // Group, count.
};

// Empty when some pod fits no machine of its lane. Takes from `steps`; when they run out, what is
// left is packed as simply as can be.
std::vector<PackBin> pack(const PackProblem& problem, std::int64_t& steps);

// The machines that no other machine beats in price and in every resource, cheapest first.
std::vector<PackMachine> without_dominated(std::vector<PackMachine> machines);

}  // namespace plan

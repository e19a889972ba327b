// Why a pod is not placed, as data: what stood in the way at each pool and at each group of
// existing nodes, with the message that Karpenter gives for it (spec 02 s7.2).
//
// Thread rule: values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace plan {

enum class Obstacle : std::uint8_t {
  kNone,
  kTaints,
  kRequirements,
  kVolumes,       // Where they can be attached.
  kVolumeLimits,  // How many can be.
  kHostPorts,
  kTopology,
  kResources,
  kOfferings,
  kTypes,  // Each instance type fails for its own reason.
  kMinValues,
  kLimits,
  kNodeLimit,
  kReservations,
  kDevices,
};

// One or two words for people.
std::string_view to_string(Obstacle obstacle);

struct Obstruction {
  Obstacle kind = Obstacle::kNone;
  std::string text = {};
};

struct PoolObstruction {
  std::string pool;
  Obstruction what;
};

// Nodes that refuse the pod with the same words.
struct NodeObstruction {
  std::vector<std::string> nodes;
  Obstruction what;
};

struct Obstructions {
  std::vector<PoolObstruction> pools;  // In the order of asking (SCH-115).
  std::vector<NodeObstruction> nodes;  // By text; when asked for (Options).
};

}  // namespace plan

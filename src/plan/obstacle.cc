#include "plan/obstacle.h"

namespace plan {

std::string_view to_string(Obstacle obstacle) {
  switch (obstacle) {
    case Obstacle::kNone:
      return "nothing";
    case Obstacle::kTaints:
      return "taints";
    case Obstacle::kRequirements:
      return "requirements";
    case Obstacle::kVolumes:
      return "volume topology";
    case Obstacle::kVolumeLimits:
      return "volume limits";
    case Obstacle::kHostPorts:
      return "host ports";
    case Obstacle::kTopology:
      return "topology";
    case Obstacle::kResources:
      return "resources";
    case Obstacle::kOfferings:
      return "offerings";
    case Obstacle::kTypes:
      return "instance types";
    case Obstacle::kMinValues:
      return "minValues";
    case Obstacle::kLimits:
      return "limits";
    case Obstacle::kNodeLimit:
      return "node limit";
    case Obstacle::kReservations:
      return "reservations";
    case Obstacle::kDevices:
      return "devices";
  }
  return "";
}

}  // namespace plan

// A machine of an embedded cloud as the kubelet's side of the world sees it: what boots, what it
// will call itself, and when it is gone. Values; told by clouds, consumed by sim/cluster.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace sim {

enum class MachineState : std::uint8_t { kPending, kRunning, kShuttingDown, kTerminated };

struct Machine {
  std::string provider_id;
  std::string node_name;
  std::string claim_name;
  std::string instance_type;
  std::string zone;
  std::string zone_id;
  std::string region;
  std::string capacity_type;
  std::string address;  // The private IPv4 address.
  double price = 0;     // Dollars per hour, as agreed at the launch.
  MachineState state = MachineState::kPending;
};

// Told at every change of state, on the loop, never inside a call of the cloud's.
using MachineSink = std::function<void(const Machine&)>;

}  // namespace sim

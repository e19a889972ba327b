// capacitybuffer: what a buffer comes to, written into its status; then the provisioner looks
// whether there is room for it (spec 04 s10.2; gate CapacityBuffer). How it fares is written by the
// provisioner (SCH-284).
#pragma once

#include "control/engine.h"

namespace control {

inline constexpr std::string_view kBufferTrigger = "provisioner.trigger.buffer";

// By namespace/name of the buffer.
Step reconcile_buffer(const View& view, const std::string& key);

// The buffer itself; buffers that refer to a PodTemplate or a workload (LIF-178). Workloads are
// watched as well, so that a percentage follows its Deployment at once.
std::function<void(const k8s::ObjectEvent&, const world::World&, std::vector<std::string>&)>
buffers_and_their_targets();

}  // namespace control

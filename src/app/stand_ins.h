// What controllers of a live cluster would have written and manifests lack: claims for the pods
// that ask for a resource claim template, and the status of capacity buffers. Pure.
#pragma once

#include <vector>

#include "k8s/meta.h"
#include "world/snapshot.h"

namespace app {

// The objects, with a ResourceClaim "<pod>-<entry>" for each entry of a pod that names a template
// of the input and has no claim yet (SCH-401). Objects keep their order; claims follow their pod.
std::vector<k8s::ObjectPtr> with_made_claims(std::vector<k8s::ObjectPtr> objects);

// Capacity buffers that nobody has looked at yet, resolved (LIF-182).
std::vector<k8s::ObjectPtr> resolved_buffers(const world::Snapshot& snapshot);

}  // namespace app

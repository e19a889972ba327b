// What a live cluster would have written and manifests lack: claims for the pods that ask for a
// resource claim template, the status of capacity buffers, namespaces, and the default storage
// class. Pure.
#pragma once

#include <vector>

#include "k8s/meta.h"
#include "world/snapshot.h"

namespace app {

// The objects, with a ResourceClaim "<pod>-<entry>" for each entry of a pod that names a template
// of the input and has no claim yet (SCH-401). Objects keep their order; claims follow their pod.
std::vector<k8s::ObjectPtr> with_made_claims(std::vector<k8s::ObjectPtr> objects);

// The objects, with a Namespace for each namespace that is used and not there; every Namespace has
// the label kubernetes.io/metadata.name, as the API server sees to (SCH-330).
std::vector<k8s::ObjectPtr> with_namespaces(std::vector<k8s::ObjectPtr> objects);

// The objects; unbound volume claims that say nothing of their class have the newest StorageClass
// that is marked as default, if there is one.
std::vector<k8s::ObjectPtr> with_default_classes(std::vector<k8s::ObjectPtr> objects);

// Capacity buffers that nobody has looked at yet, resolved (LIF-182).
std::vector<k8s::ObjectPtr> resolved_buffers(const world::Snapshot& snapshot);

}  // namespace app

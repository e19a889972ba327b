// The static hash of a NodePool's template: claims made from another template have drifted. Must be
// bit-identical to upstream's (API-181), or taking over a cluster would replace every node.
#pragma once

#include <string>

#include "k8s/node.h"

namespace world {

// Unsigned decimal text, as the annotation karpenter.sh/nodepool-hash holds it.
std::string pool_hash(const k8s::NodePool& pool);

}  // namespace world

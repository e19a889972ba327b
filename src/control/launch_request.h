// From a NodeClaim to what the cloud is asked for, and from the cloud's answer to what the claim
// says of itself. The launch request depends on the persisted claim and the catalogue alone, so
// that a restart asks for the same thing.
#pragma once

#include "cloud/provider.h"
#include "k8s/node.h"

namespace control {

// Offerings that are available, that the requirements admit and that are large enough, cheapest
// first; ties by type, zone and capacity type. May be empty.
cloud::LaunchRequest launch_request(const k8s::NodeClaim& claim, const cloud::Catalogue& catalogue);

// LIF-75: labels (the claim's own win), provider id, image, capacity and allocatable.
void adopt_instance(k8s::NodeClaim& claim,
                    const cloud::Instance& instance,
                    const cloud::Catalogue* catalogue);

}  // namespace control

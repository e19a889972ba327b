// Which keys an event concerns: the arrows between kinds, shared by the controllers' wiring.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "control/engine.h"

namespace control {

using KeysOf =
    std::function<void(const k8s::ObjectEvent&, const world::World&, std::vector<std::string>&)>;

// The claim itself, and the claim of a node, also of a node whose devices were published (LIF-69).
KeysOf claims_and_their_nodes();
// The claim itself only.
KeysOf claims_only();
// The claim itself; all claims of a pool whose specification or hash changed, or of a class whose
// specification or images did (DIS-184).
KeysOf claims_pools_and_classes();
// The node itself, and the node of a claim.
KeysOf nodes_and_their_claims();
// Nodes that are going: the node, its claim's events, its pods' events.
KeysOf going_nodes();
// The claim of a pod whose binding, completion or termination is news (LIF-118, LIF-119).
KeysOf pod_milestones();
// The pool itself; with `with_classes`, the pools of a node class.
KeysOf pools(bool with_classes);
// The pool itself, and that of a claim whose hash is of another version (API-190).
KeysOf pools_and_stale_claims();
// The class itself of this kind, and the class of a claim that is gone.
KeysOf classes(k8s::Kind kind);

}  // namespace control

// Smaller NodeClaim controllers: the conditions that disruption goes by (spec 03 s12), pod events,
// expiration, garbage collection, hydration, consistency (spec 04 s5).
#pragma once

#include "control/view.h"

namespace control {

// nodeclaim.disruption: Drifted and Consolidatable, by claim name (DIS-184..194).
Step reconcile_claim_conditions(const View& view, const std::string& claim_name);
// nodeclaim.podevents: lastPodEventTime, by name of the claim whose pods changed (DIS-186,
// LIF-119). Keyed by claim, so that many pods at once make one write.
Step reconcile_pod_event(const View& view, const std::string& pod_key);
// nodeclaim.expiration, by claim name (LIF-109).
Step reconcile_expiration(const View& view, const std::string& claim_name);
// nodeclaim.garbagecollection; the key is empty (LIF-110..112).
Step reconcile_garbage(const View& view, const std::string& key);
// nodeclaim.hydration and node.hydration in one: the label of the node class (LIF-113, LIF-114).
Step reconcile_hydration(const View& view, const std::string& claim_name);
// nodeclaim.consistency, by claim name (LIF-115..117).
Step reconcile_consistency(const View& view, const std::string& claim_name);

}  // namespace control

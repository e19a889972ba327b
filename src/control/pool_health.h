// NodeRegistrationHealthy of a NodePool: do its launches become nodes (LIF-89, LIF-98, LIF-163)?
#pragma once

#include "control/view.h"

namespace control {

// The effect of one more success or failure on the pool's condition.
void record_registration(const View& view,
                         const k8s::NodeClaim& claim,
                         bool is_success,
                         Step& step);

// nodepool.registrationhealth: the condition starts again when pool or class change.
Step reconcile_registration_health(const View& view, const std::string& pool_name);

}  // namespace control

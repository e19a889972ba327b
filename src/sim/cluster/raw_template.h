// Pod templates straight from the embedded server's store, with the fields that the typed form does
// not keep (environment, probes, commands). For ClusterOptions::raw_template. Borrows the store.
#pragma once

#include "sim/apiserver/store.h"
#include "sim/cluster/bodies.h"
#include "sim/cluster/rollout.h"

namespace sim {

RawTemplate raw_templates(const api::Store& store);
// spec.strategy of Deployments. For ClusterOptions::rollout.
RolloutOf rollouts(const api::Store& store);

}  // namespace sim

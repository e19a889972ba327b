// The small NodePool controllers: counter, hash, readiness, validation (spec 04 s8).
#pragma once

#include "control/view.h"
#include "k8s/schema/validate.h"

namespace control {

// Which provider's labels are known to whoever refers to this node class.
k8s::schema::Flavour flavour_of(const k8s::NodeClassRef& ref);

// nodepool.counter: status.resources and status.nodes (LIF-159).
Step reconcile_counter(const View& view, const std::string& pool_name);
// nodepool.hash: the static hash on the pool, and on claims of another hash version (LIF-160).
Step reconcile_hash(const View& view, const std::string& pool_name);
// nodepool.readiness: NodeClassReady (LIF-162).
Step reconcile_readiness(const View& view, const std::string& pool_name);
// nodepool.validation: ValidationSucceeded (LIF-165).
Step reconcile_validation(const View& view, const std::string& pool_name);

}  // namespace control

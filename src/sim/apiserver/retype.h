// The typed form of a document from that of an earlier version: what the two share is not read
// again. Thread rule: a free function on values.
#pragma once

#include <cstdint>

#include "k8s/meta.h"
#include "sim/apiserver/body.h"

namespace sim::api {

// REQUIRES: the bodies differ at most in metadata, status, a pod's spec.nodeName and a workload's
// spec.replicas. nullptr: the document has to be read as a whole.
k8s::ObjectPtr retype(const k8s::Object& before,
                      const Body& old_body,
                      const Body& new_body,
                      std::uint64_t version);

}  // namespace sim::api

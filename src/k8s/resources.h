// What a pod asks of a node: Kubernetes' effective requests (SCH-58, SCH-59).
//
//   const Resources wanted = pod_requests(pod);   // {"cpu": 2500m, "memory": 1Gi, "pods": 1}
//
// Thread rule: free functions.
#pragma once

#include "k8s/pod.h"

namespace k8s {

// max(containers + sidecars, peaks of the init containers), with the pod's own spec.resources in
// their place where set, in-place resizes taken at their larger side, plus overhead, plus
// "pods": 1. A resize that the node can never grant counts for nothing.
Resources pod_requests(const Pod& pod);
// The kubelet has refused the resize for good: condition PodResizePending, reason Infeasible.
bool is_resize_infeasible(const Pod& pod);
// The same from a spec alone: a pod that does not exist yet.
Resources pod_requests(const PodSpec& spec);
// Limits by the same rules, without status and without "pods".
Resources pod_limits(const PodSpec& spec);

// Copies the limits of each container into its missing requests, as the API server does on pods.
void default_requests_to_limits(PodSpec& spec);

// SCH-61: false when anything in total is negative or a request exceeds it.
bool fits(const Resources& requests, const Resources& total);

}  // namespace k8s

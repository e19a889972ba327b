// The end of a Node: taint, drain in tiers, wait for volumes, terminate the instance, release the
// finalizer (spec 04 s6). Evictions are carried out by the eviction queue, one pod at a time.
#pragma once

#include "control/view.h"

namespace control {

// node.termination, by node name.
Step reconcile_termination(const View& view, const std::string& node_name);
// eviction-queue, by namespace/name of the pod.
Step reconcile_eviction(const View& view, const std::string& pod_key);

struct Drain {
  std::vector<world::PodId> evict;  // To be enqueued now (LIF-139, LIF-140).
  std::size_t waiting = 0;          // Pods that still hold the node (LIF-141).
};

Drain plan_drain(const world::Snapshot& snapshot,
                 const world::NodeRow& row,
                 std::optional<k8s::TimeNs> deadline);

// LIF-143: has the pod to go now to be gone by the deadline?
bool needs_force_delete(const k8s::Pod& pod, std::optional<k8s::TimeNs> deadline, k8s::TimeNs now);

}  // namespace control

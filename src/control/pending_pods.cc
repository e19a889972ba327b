#include "control/pending_pods.h"

#include <algorithm>

#include "disrupt/candidate.h"
#include "world/pods.h"

namespace control {

bool is_provisionable(const k8s::Pod& pod) {
  const k8s::Condition* scheduled = k8s::find_condition(pod.status.conditions, "PodScheduled");
  return scheduled != nullptr && scheduled->reason == "Unschedulable" &&
         pod.spec.node_name.empty() && pod.status.nominated_node_name.empty() &&
         !world::is_daemon_pod(pod) && !world::is_mirror_pod(pod);
}

std::vector<world::PodId> list_pods_to_place(const world::Snapshot& snapshot) {
  std::vector<world::PodId> pods;
  snapshot.pods.for_each([&](world::PodId id, const world::PodRow& row) {
    // A pod that is over or going needs no machine, whatever its condition still says.
    if (is_provisionable(*row.pod) && world::is_active(*row.pod)) {
      pods.push_back(id);
    }
  });
  snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (!row.is_deleting()) {
      return;
    }
    for (const world::PodId id : row.pods) {
      if (disrupt::is_currently_reschedulable(snapshot, *snapshot.pods[id].pod)) {
        pods.push_back(id);
      }
    }
  });
  std::ranges::sort(pods);
  pods.erase(std::ranges::unique(pods).begin(), pods.end());
  return pods;
}

}  // namespace control

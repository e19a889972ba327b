// What the controller manager and the cloud controller manager do for nodes and their pods: taints
// that follow from state (not ready, cordoned, unreachable), nodes whose machine is gone become
// unreachable and are deleted, pods of nodes that do not exist are deleted.
//
// Level-triggered; quiet when nothing changes. Thread rule: loop thread.
#pragma once

#include <map>
#include <string>

#include "sim/cluster/machines.h"
#include "sim/cluster/work_queue.h"

namespace sim {

struct NodeDelays {
  k8s::DurationNs unreachable = 15 * kSecond;  // Silence before a node counts as unreachable.
  k8s::DurationNs orphan = 5 * kSecond;        // Before a pod without node is deleted.
};

class NodeController {
 public:
  NodeController(Client& client, Machines& machines, NodeDelays delays);

 private:
  void reconcile(const k8s::ObjectKey& key);
  bool write_taints(const k8s::ObjectKey& key, const k8s::Node& node);
  void mark_unreachable(const k8s::ObjectKey& key, const k8s::Node& node);

  Client& client_;
  Machines& machines_;
  NodeDelays delays_;
  WorkQueue queue_;
};

class PodCollector {
 public:
  PodCollector(Client& client, NodeDelays delays);

 private:
  void reconcile(const k8s::ObjectKey& key);

  Client& client_;
  NodeDelays delays_;
  WorkQueue queue_;
};

}  // namespace sim

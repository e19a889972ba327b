// ReplicaSet -> pods, as the controller manager does it, reduced; and what controllers of pods
// share. Level-triggered. Thread rule: loop thread.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "sim/cluster/bodies.h"
#include "sim/cluster/pod_census.h"
#include "sim/cluster/work_queue.h"

namespace sim {

// Remembers what status was last written per object, so that nothing is written twice.
class StatusMemory {
 public:
  // Writes when it differs from the last body; forgets it again when the write fails.
  void write(WorkQueue& queue, const k8s::Object& object, std::string body);

 private:
  std::unordered_map<std::string, std::string> written_;  // By uid.
};

using PodPtr = std::shared_ptr<const k8s::Pod>;

// The pods that the object controls, by name.
std::vector<PodPtr> controlled_pods(const Mirror& mirror, const k8s::Object& owner);
// Calls `add` for the controller of a pod, when it is of the kind, at every change of the pod.
void listen_to_pods(Mirror& mirror, k8s::Kind owner_kind, WorkQueue& queue);

class ReplicaSets {
 public:
  ReplicaSets(Client& client, const PodCensus& census, RawTemplate raw);

 private:
  void reconcile(const k8s::ObjectKey& key);
  void grow(const k8s::Workload& set, std::int64_t count);
  void shrink(const k8s::Workload& set, std::size_t count);
  void report(const k8s::Workload& set, const PodCounts& pods);

  Client& client_;
  const PodCensus& census_;
  RawTemplate raw_;
  WorkQueue queue_;
  StatusMemory statuses_;
};

}  // namespace sim

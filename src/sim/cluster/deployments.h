// Deployment -> ReplicaSets, as the controller manager does it, reduced: one ReplicaSet per
// template hash, grown and shrunk by the rules of a rolling update (sim/cluster/rollout.h).
// Level-triggered. Thread rule: loop thread.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "sim/cluster/replicas.h"
#include "sim/cluster/rollout.h"

namespace sim {

class Deployments {
 public:
  Deployments(Client& client, const PodCensus& census, RawTemplate raw, RolloutOf rollout);

 private:
  using SetPtr = std::shared_ptr<const k8s::Workload>;

  struct Template {
    std::int64_t generation = 0;
    std::string text;
    std::string hash;
  };

  // The sets, the oldest first; the current one apart.
  struct Sets {
    SetPtr current;
    std::vector<SetPtr> old;
  };

  void reconcile(const k8s::ObjectKey& key);
  const Template& template_of(const k8s::Workload& deployment);
  Sets sets_of(const k8s::Workload& deployment, const std::string& current) const;
  SetSize size_of(const k8s::Workload& set) const;
  void create(const k8s::ObjectKey& key, const k8s::Workload& deployment, std::int64_t replicas);
  void scale(const k8s::ObjectKey& key, const k8s::Workload& set, std::int64_t replicas);
  void report(const k8s::Workload& deployment,
              const SetSize& current,
              const std::vector<SetSize>& old);

  Client& client_;
  const PodCensus& census_;
  RawTemplate raw_;
  RolloutOf rollout_;
  WorkQueue queue_;
  StatusMemory statuses_;
  std::unordered_map<std::string, Template> templates_;                      // By uid.
  std::unordered_map<std::string, std::vector<k8s::Condition>> conditions_;  // By uid.
};

}  // namespace sim

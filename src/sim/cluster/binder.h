// The embedded cluster's scheduler: strict and simple. One pass after every batch of changes takes
// the waiting pods by priority, then age, and binds each to the best node that all filters allow
// (sim/cluster/fit.h); what fits nowhere is told so by PodScheduled=False in the default
// scheduler's words, once per wording. No preemption, no volumes.
//
// Thread rule: loop thread. Quiet when nothing waits or nothing changes.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/cluster/fit.h"
#include "sim/cluster/work_queue.h"

namespace sim {

class Binder {
 public:
  explicit Binder(Client& client);

 private:
  using PodPtr = std::shared_ptr<const k8s::Pod>;

  // A pod's place and weight, as counted in views.
  struct Placement {
    std::string node;
    PodPtr pod;
    k8s::Resources requests;
  };

  void observe(const k8s::ObjectKey& key, const k8s::ObjectPtr& now);
  void place(const std::string& uid, Placement placement);
  void unplace(const std::string& uid);
  void wake();
  void pass();
  ClusterView view_cluster() const;
  NamespaceLabels view_namespaces() const;
  std::vector<PodPtr> waiting_in_order() const;
  std::int32_t priority_of(const k8s::Pod& pod) const;
  // The refusal of the whole cluster; empty when the pod was bound.
  std::string schedule(const PodPtr& pod, ClusterView& cluster, const NamespaceLabels& namespaces);
  void bind(const PodPtr& pod, NodeView& view, k8s::Resources requests);
  void refuse(const k8s::Pod& pod, const std::string& message);

  Client& client_;
  WorkQueue queue_;  // Holds the status writes; its reconciles are passes.
  std::set<k8s::ObjectKey> waiting_;
  std::map<std::string, Placement> placements_;                 // By uid.
  std::map<std::string, std::set<std::string>> placements_on_;  // Node -> uids.
  std::map<std::string, k8s::Resources> used_;                  // By node.
  std::set<std::string> assumed_;                               // Uids: bound, not yet seen.
  bool is_awake_ = false;
};

}  // namespace sim

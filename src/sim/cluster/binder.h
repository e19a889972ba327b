// The embedded cluster's scheduler: strict and simple. One pass after every batch of changes takes
// the waiting pods by priority, then age, and binds each to the best node that all filters allow
// (sim/cluster/fit.h); what fits nowhere is told so by PodScheduled=False in the default
// scheduler's words, once per wording and not oftener than it would try again. No preemption, no
// volumes.
//
// Thread rule: loop thread. Quiet when nothing waits or nothing changes.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "sim/cluster/ranking.h"
#include "sim/cluster/work_queue.h"

namespace sim {

class Binder {
 public:
  explicit Binder(Client& client);

 private:
  using PodPtr = std::shared_ptr<const k8s::Pod>;

  struct Waiting {
    PodPtr pod;
    // The uid of the controller whose other pods fare as this one does; nullptr: it fares alone.
    const std::string* crowd = nullptr;
    std::int32_t priority = 0;
    k8s::TimeNs since = 0;
  };

  void observe(const k8s::ObjectKey& key, const k8s::ObjectPtr& now);
  void wake();
  void pass();
  NamespaceLabels view_namespaces() const;
  std::vector<Waiting> waiting_in_order() const;
  std::int32_t priority_of(const k8s::Pod& pod) const;
  // The refusal of the whole cluster; empty when the pod was bound.
  std::string schedule(const PodPtr& pod, const NamespaceLabels& namespaces);
  std::string schedule(const PodPtr& pod, Ranking& ranking, const NamespaceLabels& namespaces);
  void bind(const PodPtr& pod, const std::string& node, k8s::Resources requests);
  void refuse(const k8s::Pod& pod, const std::string& message);
  bool is_told_too_often(const std::string& uid);

  Client& client_;
  WorkQueue queue_;  // Holds the status writes; its reconciles are passes.
  std::map<k8s::ObjectKey, Waiting> waiting_;
  ClusterView cluster_;
  std::unordered_map<std::string, Ranking> rankings_;  // By the uid of their pods' controller.
  std::unordered_set<std::string> assumed_;            // Uids: bound, not yet seen.
  // By uid: when it was last told why it waits.
  std::unordered_map<std::string, k8s::TimeNs> told_;
  bool is_awake_ = false;
  bool is_retelling_ = false;
};

}  // namespace sim

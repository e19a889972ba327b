// Watches from outside that pods and nodes which object are not disrupted: the annotation
// karpenter.sh/do-not-disrupt with and without duration, on pods and nodes, and
// PodDisruptionBudgets (DIS-20, DIS-24, DIS-34, DIS-37); that pods are evicted, not deleted, and
// that no eviction takes a budget below what it asks for.
//
// An objection counts once it has stood for `lag`, since the controller learns of it late. Of
// machines with a grace period, drift may disregard pods (DIS-25), and so may their draining once
// the period is over (LIF-143).
//
// Thread rule: loop thread. Borrows the store.
#pragma once

#include <map>
#include <set>
#include <string>

#include "k8s/kube_api.h"
#include "sim/harness/observation.h"
#include "sim/harness/scene.h"

namespace sim {

class GuardWatch {
 public:
  GuardWatch(const api::Store& store, k8s::DurationNs lag, Observer observer)
      : store_(store), lag_(lag), observer_(std::move(observer)) {}

  void on_decision(const Decision& decision, k8s::TimeNs now);
  // A write of the controller that the server is about to perform.
  void on_arrival(const k8s::WriteRequest& request, k8s::TimeNs now);
  // After every change of a pod, node or budget.
  void on_change(const api::Change& change, k8s::TimeNs now);

 private:
  using PodPtr = std::shared_ptr<const k8s::Pod>;
  using BudgetPtr = std::shared_ptr<const k8s::PodDisruptionBudget>;

  void check_machine(const SeenMachine& machine, const Decision& decision, k8s::TimeNs now);
  // Why the pod may not be evicted; empty: it may.
  std::string budget_refusal(const k8s::Pod& pod, k8s::TimeNs now) const;
  std::vector<BudgetPtr> budgets_of(const k8s::Pod& pod) const;
  bool has_stood(const std::map<std::string, k8s::TimeNs>& since,
                 const std::string& key,
                 k8s::TimeNs now) const;
  bool is_past_grace(const k8s::Pod& pod, k8s::TimeNs now) const;
  void check_health(const k8s::Pod& pod, k8s::TimeNs now);

  const api::Store& store_;
  const k8s::DurationNs lag_;
  Observer observer_;
  std::map<std::string, k8s::TimeNs> bound_;    // Pods by uid.
  std::map<std::string, k8s::TimeNs> guarded_;  // Nodes that carry the annotation.
  std::map<std::string, k8s::TimeNs> exists_;   // Budgets by uid.
  std::map<std::string, k8s::TimeNs> closed_;   // Budgets by uid: they allow no eviction.
  std::map<std::string, k8s::TimeNs> ailing_;   // Budgets by uid: a pod left without our doing.
  std::set<std::string> evicted_;               // Pods by uid, by us.
};

}  // namespace sim

// The status of PodDisruptionBudgets: how many pods are expected, how many are healthy, how many
// may be disrupted now. The API server's evictions count on it. Thread rule: loop thread.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "k8s/workload.h"
#include "sim/cluster/replicas.h"
#include "sim/cluster/work_queue.h"

namespace sim {

class DisruptionBudgets {
 public:
  explicit DisruptionBudgets(Client& client);

 private:
  // Pods of one namespace with equal labels: a selector is asked about them once.
  using Likes = std::pair<std::string, k8s::StringMap>;

  struct Controlled {
    k8s::OwnerReference by;
    std::int64_t pods = 0;
  };

  // What they come to, counted as they change.
  struct Crowd {
    std::int64_t all = 0;
    std::int64_t live = 0;  // Not over.
    std::int64_t healthy = 0;
    std::int64_t loose = 0;                        // Live ones that nothing controls.
    std::map<std::string, Controlled> controlled;  // The other live ones, by uid.
    // The budgets that select them, as of `budgets_at`.
    std::vector<k8s::ObjectKey> budgets = {};
    std::uint64_t budgets_at = 0;

    void count_controller(const k8s::OwnerReference* owner, std::int64_t sign);
  };

  using Crowds = std::vector<std::pair<const std::string*, const Crowd*>>;  // With the namespace.

  void observe(const k8s::ObjectKey& key, const k8s::ObjectPtr& before, const k8s::ObjectPtr& now);
  void count(const k8s::Pod& pod, std::int64_t sign);
  void wake_for(const std::string& namespace_, const k8s::StringMap& labels);
  std::vector<k8s::ObjectKey> budgets_of(const std::string& namespace_,
                                         const k8s::StringMap& labels) const;
  Crowds selected_by(const k8s::PodDisruptionBudget& budget) const;
  void reconcile(const k8s::ObjectKey& key);
  // The wanted size of the sets that control the pods; each set counts once.
  std::int64_t expected_pods(const Crowds& crowds) const;

  Client& client_;
  WorkQueue queue_;
  StatusMemory statuses_;
  std::map<Likes, Crowd> crowds_;
  std::uint64_t selectors_at_ = 1;  // Grows with every change of a budget's spec.
  std::unordered_map<std::string, std::vector<k8s::Condition>> conditions_;  // By uid.
};

}  // namespace sim

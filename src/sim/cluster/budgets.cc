#include "sim/cluster/budgets.h"

#include <algorithm>
#include <set>
#include <utility>

#include "k8s/conditions.h"
#include "k8s/kinds.h"
#include "sim/cluster/bodies.h"
#include "sim/cluster/pod_facts.h"
#include "sim/cluster/rollout.h"

namespace sim {

namespace {

// Percentages are rounded up, as the disruption controller does for both fields.
std::int64_t desired_healthy(const k8s::PodDisruptionBudget& budget, std::int64_t expected) {
  if (budget.max_unavailable) {
    return std::max<std::int64_t>(
        0, expected - resolve(*budget.max_unavailable, expected, Rounding::kUp));
  }
  return budget.min_available ? resolve(*budget.min_available, expected, Rounding::kUp) : 0;
}

}  // namespace

DisruptionBudgets::DisruptionBudgets(Client& client)
    : client_(client),
      queue_(client, [this](const auto& key) { reconcile(key); }, WorkQueue::Start::kWhenSynced) {
  Mirror& mirror = client_.mirror();
  mirror.listen(k8s::Kind::kPodDisruptionBudget,
                [this](const auto& key, const auto& before, const auto& now) {
                  if (before == nullptr || now == nullptr || before->meta.uid != now->meta.uid ||
                      before->meta.generation != now->meta.generation) {
                    ++selectors_at_;
                  }
                  queue_.add(key);
                });
  mirror.listen(k8s::Kind::kPod, [this](const auto& key, const auto& before, const auto& now) {
    observe(key, before, now);
  });
  for (const k8s::Kind kind : {k8s::Kind::kReplicaSet, k8s::Kind::kStatefulSet}) {
    mirror.listen(kind, [this](const auto&, const auto& before, const auto& now) {
      const auto replicas = [](const k8s::ObjectPtr& set) {
        return set == nullptr ? -1 : k8s::as<k8s::Workload>(*set).replicas;
      };
      if (replicas(before) != replicas(now)) {
        const auto& set = k8s::as<k8s::Workload>(now != nullptr ? *now : *before);
        wake_for(set.meta.namespace_, set.pod_template.labels);
      }
    });
  }
}

void DisruptionBudgets::observe(const k8s::ObjectKey& key,
                                const k8s::ObjectPtr& before,
                                const k8s::ObjectPtr& now) {
  if (before != nullptr) {
    count(k8s::as<k8s::Pod>(*before), -1);
    if (now == nullptr || before->meta.labels != now->meta.labels) {
      wake_for(key.namespace_, before->meta.labels);
    }
  }
  if (now != nullptr) {
    count(k8s::as<k8s::Pod>(*now), 1);
    wake_for(key.namespace_, now->meta.labels);
  }
}

void DisruptionBudgets::count(const k8s::Pod& pod, std::int64_t sign) {
  const auto likes = crowds_.try_emplace({pod.meta.namespace_, pod.meta.labels}).first;
  Crowd& crowd = likes->second;
  crowd.all += sign;
  crowd.healthy += is_healthy(pod) ? sign : 0;
  if (!is_terminal(pod)) {
    crowd.live += sign;
    crowd.count_controller(pod.meta.controller(), sign);
  }
  if (crowd.all == 0) {
    crowds_.erase(likes);
  }
}

void DisruptionBudgets::Crowd::count_controller(const k8s::OwnerReference* owner,
                                                std::int64_t sign) {
  if (owner == nullptr) {
    loose += sign;
    return;
  }
  const auto found = controlled.try_emplace(owner->uid, Controlled{.by = *owner}).first;
  found->second.pods += sign;
  if (found->second.pods == 0) {
    controlled.erase(found);
  }
}

void DisruptionBudgets::wake_for(const std::string& namespace_, const k8s::StringMap& labels) {
  const auto likes = crowds_.find({namespace_, labels});
  if (likes == crowds_.end()) {
    for (const k8s::ObjectKey& key : budgets_of(namespace_, labels)) {
      queue_.add_soon(key);
    }
    return;
  }
  Crowd& crowd = likes->second;
  if (std::exchange(crowd.budgets_at, selectors_at_) != selectors_at_) {
    crowd.budgets = budgets_of(namespace_, labels);
  }
  for (const k8s::ObjectKey& key : crowd.budgets) {
    queue_.add_soon(key);
  }
}

std::vector<k8s::ObjectKey> DisruptionBudgets::budgets_of(const std::string& namespace_,
                                                          const k8s::StringMap& labels) const {
  std::vector<k8s::ObjectKey> keys;
  for (const auto& [key, object] : client_.mirror().of(k8s::Kind::kPodDisruptionBudget)) {
    const auto& budget = k8s::as<k8s::PodDisruptionBudget>(*object);
    if (key.namespace_ == namespace_ && budget.selector && matches(*budget.selector, labels)) {
      keys.push_back(key);
    }
  }
  return keys;
}

DisruptionBudgets::Crowds DisruptionBudgets::selected_by(
    const k8s::PodDisruptionBudget& budget) const {
  Crowds selected;
  if (!budget.selector) {
    return selected;
  }
  for (auto likes = crowds_.lower_bound({budget.meta.namespace_, {}});
       likes != crowds_.end() && likes->first.first == budget.meta.namespace_;
       ++likes) {
    if (matches(*budget.selector, likes->first.second)) {
      selected.emplace_back(&likes->first.first, &likes->second);
    }
  }
  return selected;
}

void DisruptionBudgets::reconcile(const k8s::ObjectKey& key) {
  const Mirror& mirror = client_.mirror();
  const auto budget = mirror.find_as<k8s::PodDisruptionBudget>(key);
  if (budget == nullptr || budget->meta.is_deleting()) {
    return;
  }
  const Crowds crowds = selected_by(*budget);
  std::int64_t live = 0;
  std::int64_t healthy = 0;
  for (const auto& [namespace_, crowd] : crowds) {
    live += crowd->live;
    healthy += crowd->healthy;
  }
  // With a plain minAvailable only the pods that there are count.
  const bool by_scale =
      budget->max_unavailable || (budget->min_available && budget->min_available->is_percent);
  const std::int64_t expected = by_scale ? expected_pods(crowds) : live;
  const std::int64_t desired = desired_healthy(*budget, expected);
  const std::int64_t allowed = expected == 0 ? 0 : std::max<std::int64_t>(0, healthy - desired);
  std::vector<k8s::Condition>& conditions = conditions_[budget->meta.uid];
  k8s::upsert_condition(conditions,
                        {.type = "DisruptionAllowed",
                         .status = allowed > 0 ? "True" : "False",
                         .reason = allowed > 0 ? "SufficientPods" : "InsufficientPods",
                         .message = {},
                         .observed_generation = budget->meta.generation},
                        client_.env().now());
  statuses_.write(queue_,
                  *budget,
                  status_body({.counts = {{"expectedPods", expected},
                                          {"currentHealthy", healthy},
                                          {"desiredHealthy", desired},
                                          {"disruptionsAllowed", allowed},
                                          {"observedGeneration", budget->meta.generation}},
                               .conditions = conditions,
                               .texts = {}}));
}

std::int64_t DisruptionBudgets::expected_pods(const Crowds& crowds) const {
  std::set<std::string_view> seen;
  std::int64_t expected = 0;
  for (const auto& [namespace_, crowd] : crowds) {
    expected += crowd->loose;
    for (const auto& [uid, controlled] : crowd->controlled) {
      if (!seen.insert(uid).second) {
        continue;
      }
      const k8s::OwnerReference& owner = controlled.by;
      const auto kind = k8s::find_kind(owner.api_version, owner.kind);
      const bool is_scalable = kind && k8s::facts(*kind).has_scale && client_.mirror().knows(*kind);
      const auto set = is_scalable
                           ? client_.mirror().find_as<k8s::Workload>(
                                 {.kind = *kind, .namespace_ = *namespace_, .name = owner.name})
                           : nullptr;
      expected += set != nullptr ? set->replicas : 1;
    }
  }
  return expected;
}

}  // namespace sim

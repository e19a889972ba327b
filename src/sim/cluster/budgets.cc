#include "sim/cluster/budgets.h"

#include <algorithm>
#include <set>

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
                [this](const auto& key, const auto&, const auto&) { queue_.add(key); });
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
  const auto likes = [](const k8s::ObjectMeta& meta) {
    return Likes{meta.namespace_, meta.labels};
  };
  const bool is_relabelled =
      before != nullptr && (now == nullptr || before->meta.labels != now->meta.labels);
  if (is_relabelled) {
    const auto found = pods_.find(likes(before->meta));
    found->second.erase(key);
    if (found->second.empty()) {
      pods_.erase(found);
    }
    wake_for(key.namespace_, before->meta.labels);
  }
  if (now != nullptr) {
    pods_[likes(now->meta)].insert_or_assign(key, std::static_pointer_cast<const k8s::Pod>(now));
    wake_for(key.namespace_, now->meta.labels);
  }
}

void DisruptionBudgets::wake_for(const std::string& namespace_, const k8s::StringMap& labels) {
  for (const auto& [key, object] : client_.mirror().of(k8s::Kind::kPodDisruptionBudget)) {
    const auto& budget = k8s::as<k8s::PodDisruptionBudget>(*object);
    if (key.namespace_ == namespace_ && budget.selector && matches(*budget.selector, labels)) {
      queue_.add_soon(key);
    }
  }
}

std::vector<PodPtr> DisruptionBudgets::selected_by(const k8s::PodDisruptionBudget& budget) const {
  std::vector<PodPtr> selected;
  if (!budget.selector) {
    return selected;
  }
  for (auto likes = pods_.lower_bound({budget.meta.namespace_, {}});
       likes != pods_.end() && likes->first.first == budget.meta.namespace_;
       ++likes) {
    if (matches(*budget.selector, likes->second.begin()->second->meta.labels)) {
      for (const auto& [key, pod] : likes->second) {
        if (!is_terminal(*pod)) {
          selected.push_back(pod);
        }
      }
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
  const std::vector<PodPtr> pods = selected_by(*budget);
  // With a plain minAvailable only the pods that there are count.
  const bool by_scale =
      budget->max_unavailable || (budget->min_available && budget->min_available->is_percent);
  const std::int64_t expected =
      by_scale ? expected_pods(pods) : static_cast<std::int64_t>(pods.size());
  const std::int64_t healthy =
      std::ranges::count_if(pods, [](const PodPtr& pod) { return is_healthy(*pod); });
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

std::int64_t DisruptionBudgets::expected_pods(const std::vector<PodPtr>& pods) const {
  std::set<std::string> seen;
  std::int64_t expected = 0;
  for (const PodPtr& pod : pods) {
    const k8s::OwnerReference* owner = pod->meta.controller();
    if (owner == nullptr || !seen.insert(owner->uid).second) {
      expected += owner == nullptr ? 1 : 0;
      continue;
    }
    const auto kind = k8s::find_kind(owner->api_version, owner->kind);
    const bool is_scalable = kind && k8s::facts(*kind).has_scale && client_.mirror().knows(*kind);
    const auto set =
        is_scalable ? client_.mirror().find_as<k8s::Workload>(
                          {.kind = *kind, .namespace_ = pod->meta.namespace_, .name = owner->name})
                    : nullptr;
    expected += set != nullptr ? set->replicas : 1;
  }
  return expected;
}

}  // namespace sim

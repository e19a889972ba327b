#include "sim/cluster/budgets.h"

#include <algorithm>
#include <set>

#include "k8s/conditions.h"
#include "k8s/kinds.h"
#include "sim/cluster/bodies.h"
#include "sim/cluster/pod_facts.h"

namespace sim {

namespace {

// Percentages are rounded up, as the disruption controller does for both fields.
std::int64_t resolve(const k8s::IntOrPercent& amount, std::int64_t total) {
  return amount.is_percent ? (total * amount.value + 99) / 100 : amount.value;
}

std::int64_t desired_healthy(const k8s::PodDisruptionBudget& budget, std::int64_t expected) {
  if (budget.max_unavailable) {
    return std::max<std::int64_t>(0, expected - resolve(*budget.max_unavailable, expected));
  }
  return budget.min_available ? resolve(*budget.min_available, expected) : 0;
}

}  // namespace

DisruptionBudgets::DisruptionBudgets(Client& client)
    : client_(client), queue_(client, [this](const auto& key) { reconcile(key); }) {
  Mirror& mirror = client_.mirror();
  mirror.listen(k8s::Kind::kPodDisruptionBudget,
                [this](const auto& key, const auto&, const auto&) { queue_.add(key); });
  const auto in_namespace = [this](const k8s::ObjectKey& changed) {
    for (const auto& [key, budget] : client_.mirror().of(k8s::Kind::kPodDisruptionBudget)) {
      if (key.namespace_ == changed.namespace_) {
        queue_.add_soon(key);
      }
    }
  };
  for (const k8s::Kind kind : {k8s::Kind::kPod, k8s::Kind::kReplicaSet, k8s::Kind::kStatefulSet}) {
    mirror.listen(kind,
                  [in_namespace](const auto& key, const auto&, const auto&) { in_namespace(key); });
  }
}

void DisruptionBudgets::reconcile(const k8s::ObjectKey& key) {
  const Mirror& mirror = client_.mirror();
  const auto budget = mirror.find_as<k8s::PodDisruptionBudget>(key);
  if (budget == nullptr || budget->meta.is_deleting()) {
    return;
  }
  if (!mirror.is_synced()) {
    queue_.add_soon(key);
    return;
  }
  std::vector<PodPtr> pods;
  for (const auto& [pod_key, object] : mirror.of(k8s::Kind::kPod)) {
    auto pod = std::static_pointer_cast<const k8s::Pod>(object);
    if (pod_key.namespace_ == key.namespace_ && !is_terminal(*pod) && budget->selector &&
        matches(*budget->selector, pod->meta.labels)) {
      pods.push_back(std::move(pod));
    }
  }
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

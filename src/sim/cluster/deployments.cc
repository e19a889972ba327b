#include "sim/cluster/deployments.h"

#include <algorithm>

#include <fmt/format.h>

#include "k8s/conditions.h"
#include "sim/cluster/pod_facts.h"

namespace sim {

Deployments::Deployments(Client& client,
                         const PodCensus& census,
                         RawTemplate raw,
                         RolloutOf rollout)
    : client_(client),
      census_(census),
      raw_(std::move(raw)),
      rollout_(std::move(rollout)),
      queue_(client, [this](const auto& key) { reconcile(key); }, WorkQueue::Start::kWhenSynced) {
  Mirror& mirror = client_.mirror();
  mirror.listen(k8s::Kind::kDeployment, [this](const auto& key, const auto& old, const auto& now) {
    if (now == nullptr) {
      templates_.erase(old->meta.uid);
      conditions_.erase(old->meta.uid);
    }
    queue_.add(key);
  });
  // Pods that become ready are heard of by the status that their ReplicaSet then writes.
  mirror.listen(k8s::Kind::kReplicaSet, [this](const auto&, const auto& old, const auto& now) {
    const k8s::Object& set = now != nullptr ? *now : *old;
    if (const k8s::OwnerReference* owner = set.meta.controller(); owner != nullptr) {
      queue_.add(
          {.kind = k8s::Kind::kDeployment, .namespace_ = set.meta.namespace_, .name = owner->name});
    }
  });
}

void Deployments::reconcile(const k8s::ObjectKey& key) {
  const auto deployment = client_.mirror().find_as<k8s::Workload>(key);
  if (deployment == nullptr || deployment->meta.is_deleting()) {
    return;
  }
  const Sets sets =
      sets_of(*deployment, fmt::format("{}-{}", key.name, template_of(*deployment).hash));
  const Rollout rollout = rollout_ ? rollout_(key) : Rollout{};
  std::vector<SetSize> old;
  std::ranges::transform(
      sets.old, std::back_inserter(old), [this](const SetPtr& set) { return size_of(*set); });
  const SetSize current = sets.current == nullptr ? SetSize{} : size_of(*sets.current);
  const NextSizes next = next_sizes(deployment->replicas, rollout, current, old);
  if (sets.current == nullptr) {
    create(key, *deployment, next.current);
    return;  // The old ones wait until it is there: their turn comes with its event.
  }
  scale(key, *sets.current, next.current);
  for (std::size_t i = 0; i < sets.old.size(); ++i) {
    scale(key, *sets.old[i], next.old[i]);
  }
  report(*deployment, current, old);
}

const Deployments::Template& Deployments::template_of(const k8s::Workload& deployment) {
  Template& known = templates_[deployment.meta.uid];
  if (known.generation != deployment.meta.generation) {
    std::string text = template_json(deployment, raw_);
    std::string hash = hash_suffix(text);
    known = {deployment.meta.generation, std::move(text), std::move(hash)};
  }
  return known;
}

Deployments::Sets Deployments::sets_of(const k8s::Workload& deployment,
                                       const std::string& current) const {
  Sets sets;
  for (const auto& [key, object] : client_.mirror().owned_by(deployment.meta.uid)) {
    if (key.kind == k8s::Kind::kReplicaSet) {
      auto set = std::static_pointer_cast<const k8s::Workload>(object);
      if (key.name == current) {
        sets.current = std::move(set);
      } else {
        sets.old.push_back(std::move(set));
      }
    }
  }
  std::ranges::stable_sort(sets.old, {}, [](const SetPtr& set) { return set->meta.creation_time; });
  return sets;
}

SetSize Deployments::size_of(const k8s::Workload& set) const {
  const PodCounts pods = census_.of(set.meta.uid);
  return {
      .replicas = set.replicas, .pods = pods.all, .active = pods.active, .available = pods.healthy};
}

void Deployments::create(const k8s::ObjectKey& key,
                         const k8s::Workload& deployment,
                         std::int64_t replicas) {
  const Template& current = template_of(deployment);
  const std::string name = fmt::format("{}-{}", key.name, current.hash);
  queue_.write(
      key,
      create_request({.kind = k8s::Kind::kReplicaSet, .namespace_ = key.namespace_, .name = name},
                     replica_set_body(deployment, current.text, current.hash, replicas)));
}

void Deployments::scale(const k8s::ObjectKey& key,
                        const k8s::Workload& set,
                        std::int64_t replicas) {
  if (set.replicas != replicas) {
    queue_.write(key, scale_patch(key_of(set), replicas));
  }
}

void Deployments::report(const k8s::Workload& deployment,
                         const SetSize& current,
                         const std::vector<SetSize>& old) {
  const std::int64_t updated = current.active;
  std::int64_t total = current.active;
  std::int64_t ready = current.available;
  for (const SetSize& set : old) {
    total += set.active;
    ready += set.available;
  }
  const bool is_available = ready >= deployment.replicas;
  const bool is_complete = is_available && updated == total && total == deployment.replicas;
  std::vector<k8s::Condition>& conditions = conditions_[deployment.meta.uid];
  k8s::Condition available{
      .type = "Available",
      .status = is_available ? "True" : "False",
      .reason = is_available ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
      .message = {}};
  k8s::Condition progressing{.type = "Progressing",
                             .status = "True",
                             .reason = is_complete ? "NewReplicaSetAvailable" : "ReplicaSetUpdated",
                             .message = {}};
  k8s::upsert_condition(conditions, std::move(available), client_.env().now());
  k8s::upsert_condition(conditions, std::move(progressing), client_.env().now());
  statuses_.write(queue_,
                  deployment,
                  status_body({.counts = {{"replicas", total},
                                          {"updatedReplicas", updated},
                                          {"readyReplicas", ready},
                                          {"availableReplicas", ready},
                                          {"unavailableReplicas",
                                           std::max<std::int64_t>(0, deployment.replicas - ready)},
                                          {"observedGeneration", deployment.meta.generation}},
                               .conditions = conditions,
                               .texts = {}}));
}

}  // namespace sim

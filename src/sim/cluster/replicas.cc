#include "sim/cluster/replicas.h"

#include <algorithm>

#include <fmt/format.h>

#include "k8s/conditions.h"
#include "k8s/kinds.h"
#include "sim/cluster/pod_facts.h"

namespace sim {

namespace {

// At most so many pods are created at one go; the rest follows when these are answered.
constexpr std::int64_t kBurst = 500;

bool is_active(const k8s::Pod& pod) {
  return !is_terminal(pod) && !pod.meta.is_deleting();
}

// Who goes first when a set shrinks: the unbound, then the not yet ready, then the youngest.
bool goes_before(const PodPtr& a, const PodPtr& b) {
  const auto rank = [](const k8s::Pod& pod) {
    return pod.spec.node_name.empty() ? 0 : is_healthy(pod) ? 2 : 1;
  };
  if (rank(*a) != rank(*b)) {
    return rank(*a) < rank(*b);
  }
  if (a->meta.creation_time != b->meta.creation_time) {
    return a->meta.creation_time > b->meta.creation_time;
  }
  return a->meta.name < b->meta.name;
}

std::int64_t count_if(const std::vector<PodPtr>& pods, bool (*predicate)(const k8s::Pod&)) {
  return std::ranges::count_if(pods, [&](const PodPtr& pod) { return predicate(*pod); });
}

}  // namespace

void StatusMemory::write(WorkQueue& queue, const k8s::Object& object, std::string body) {
  std::string& last = written_[object.meta.uid];
  if (last == body) {
    return;
  }
  last = body;
  queue.write(key_of(object),
              status_patch(key_of(object), std::move(body)),
              [this, uid = object.meta.uid](const auto& answer) {
                if (!answer) {
                  written_.erase(uid);
                }
              });
}

std::vector<PodPtr> controlled_pods(const Mirror& mirror, const k8s::Object& owner) {
  std::vector<PodPtr> pods;
  for (const k8s::ObjectKey& key : mirror.owned_by(owner.meta.uid)) {
    if (key.kind != k8s::Kind::kPod) {
      continue;
    }
    PodPtr pod = mirror.find_as<k8s::Pod>(key);
    const k8s::OwnerReference* controller = pod->meta.controller();
    if (controller != nullptr && controller->uid == owner.meta.uid) {
      pods.push_back(std::move(pod));
    }
  }
  return pods;
}

void listen_to_pods(Mirror& mirror, k8s::Kind owner_kind, WorkQueue& queue) {
  mirror.listen(
      k8s::Kind::kPod, [owner_kind, &queue](const auto&, const auto& old, const auto& now) {
        const k8s::Object& pod = now != nullptr ? *now : *old;
        const k8s::OwnerReference* controller = pod.meta.controller();
        if (controller != nullptr && controller->kind == k8s::kind_name(owner_kind)) {
          queue.add_soon(
              {.kind = owner_kind, .namespace_ = pod.meta.namespace_, .name = controller->name});
        }
      });
}

ReplicaSets::ReplicaSets(Client& client, RawTemplate raw)
    : client_(client),
      raw_(std::move(raw)),
      queue_(client, [this](const auto& key) { reconcile(key); }) {
  client_.mirror().listen(k8s::Kind::kReplicaSet,
                          [this](const auto& key, const auto&, const auto&) { queue_.add(key); });
  listen_to_pods(client_.mirror(), k8s::Kind::kReplicaSet, queue_);
}

void ReplicaSets::reconcile(const k8s::ObjectKey& key) {
  const auto set = client_.mirror().find_as<k8s::Workload>(key);
  if (set == nullptr || set->meta.is_deleting()) {
    return;
  }
  if (!client_.mirror().is_synced()) {
    queue_.add_soon(key);
    return;
  }
  std::vector<PodPtr> active = controlled_pods(client_.mirror(), *set);
  std::erase_if(active, [](const PodPtr& pod) { return !is_active(*pod); });
  const std::int64_t missing = set->replicas - static_cast<std::int64_t>(active.size());
  if (missing > 0) {
    grow(*set, std::min(missing, kBurst));
  } else if (missing < 0) {
    shrink(*set, active, static_cast<std::size_t>(-missing));
  }
  report(*set, active);
}

void ReplicaSets::grow(const k8s::Workload& set, std::int64_t count) {
  const std::string text = template_json(set, raw_);
  const k8s::ObjectKey key = key_of(set);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string name = fmt::format("{}-{}", set.meta.name, client_.env().suffix(5));
    const PodIdentity identity{.name = name,
                               .labels = {},
                               .pinned_node = {},
                               .hostname = {},
                               .tolerations = {},
                               .claims = {}};
    queue_.write(
        key,
        create_request({.kind = k8s::Kind::kPod, .namespace_ = set.meta.namespace_, .name = name},
                       pod_body(set, text, identity)));
  }
}

void ReplicaSets::shrink(const k8s::Workload& set, std::vector<PodPtr> active, std::size_t count) {
  std::ranges::sort(active, goes_before);
  for (std::size_t i = 0; i < count; ++i) {
    queue_.write(key_of(set), delete_request(*active[i]));
  }
}

void ReplicaSets::report(const k8s::Workload& set, const std::vector<PodPtr>& active) {
  const std::int64_t ready = count_if(active, is_healthy);
  const auto total = static_cast<std::int64_t>(active.size());
  statuses_.write(queue_,
                  set,
                  status_body({.counts = {{"replicas", total},
                                          {"fullyLabeledReplicas", total},
                                          {"readyReplicas", ready},
                                          {"availableReplicas", ready},
                                          {"observedGeneration", set.meta.generation}},
                               .conditions = {},
                               .texts = {}}));
}

Deployments::Deployments(Client& client, RawTemplate raw)
    : client_(client),
      raw_(std::move(raw)),
      queue_(client, [this](const auto& key) { reconcile(key); }) {
  Mirror& mirror = client_.mirror();
  mirror.listen(k8s::Kind::kDeployment,
                [this](const auto& key, const auto&, const auto&) { queue_.add(key); });
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
  const Mirror& mirror = client_.mirror();
  const auto deployment = mirror.find_as<k8s::Workload>(key);
  if (deployment == nullptr || deployment->meta.is_deleting()) {
    return;
  }
  if (!mirror.is_synced()) {
    queue_.add_soon(key);
    return;
  }
  const std::string text = template_json(*deployment, raw_);
  const std::string hash = hash_suffix(text);
  const std::string name = fmt::format("{}-{}", deployment->meta.name, hash);
  std::vector<SetPtr> sets;
  SetPtr current;
  for (const k8s::ObjectKey& owned : mirror.owned_by(deployment->meta.uid)) {
    if (owned.kind == k8s::Kind::kReplicaSet) {
      sets.push_back(mirror.find_as<k8s::Workload>(owned));
      current = owned.name == name ? sets.back() : current;
    }
  }
  if (current == nullptr) {
    queue_.write(
        key,
        create_request({.kind = k8s::Kind::kReplicaSet, .namespace_ = key.namespace_, .name = name},
                       replica_set_body(*deployment, text, hash, deployment->replicas)));
    return;
  }
  if (current->replicas != deployment->replicas) {
    scale(key, *current, deployment->replicas);
  }
  const std::int64_t ready = count_if(controlled_pods(mirror, *current), is_healthy);
  std::int64_t allowed = std::max<std::int64_t>(0, deployment->replicas - ready);
  for (const SetPtr& set : sets) {
    if (set != current) {
      const std::int64_t kept = std::min(set->replicas, allowed);
      allowed -= kept;
      if (kept != set->replicas) {
        scale(key, *set, kept);
      }
    }
  }
  report(*deployment, current, sets);
}

void Deployments::scale(const k8s::ObjectKey& key,
                        const k8s::Workload& set,
                        std::int64_t replicas) {
  queue_.write(key, merge_patch(key_of(set), replicas_patch(replicas)));
}

void Deployments::report(const k8s::Workload& deployment,
                         const SetPtr& current,
                         const std::vector<SetPtr>& sets) {
  std::int64_t total = 0;
  std::int64_t ready = 0;
  for (const SetPtr& set : sets) {
    const std::vector<PodPtr> pods = controlled_pods(client_.mirror(), *set);
    total += count_if(pods, is_active);
    ready += count_if(pods, is_healthy);
  }
  const std::int64_t updated = count_if(controlled_pods(client_.mirror(), *current), is_active);
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

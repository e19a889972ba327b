#include "sim/cluster/replicas.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

#include "k8s/conditions.h"
#include "k8s/kinds.h"
#include "sim/cluster/pod_facts.h"

namespace sim {

namespace {

// At most so many pods are created at one go; the rest follows when these are answered.
constexpr std::int64_t kBurst = 500;

// Who goes first when a set shrinks: the unbound, then the not yet ready, then the youngest.
std::tuple<int, k8s::TimeNs, std::string_view> turn_of(const k8s::Pod& pod) {
  const int rank = pod.spec.node_name.empty() ? 0 : is_healthy(pod) ? 2 : 1;
  return {rank, -pod.meta.creation_time, pod.meta.name};
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
  for (const auto& [key, object] : mirror.owned_by(owner.meta.uid)) {
    if (key.kind != k8s::Kind::kPod) {
      continue;
    }
    const k8s::OwnerReference* controller = object->meta.controller();
    if (controller != nullptr && controller->uid == owner.meta.uid) {
      pods.push_back(std::static_pointer_cast<const k8s::Pod>(object));
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

ReplicaSets::ReplicaSets(Client& client, const PodCensus& census, RawTemplate raw)
    : client_(client),
      census_(census),
      raw_(std::move(raw)),
      queue_(client, [this](const auto& key) { reconcile(key); }, WorkQueue::Start::kWhenSynced) {
  client_.mirror().listen(k8s::Kind::kReplicaSet,
                          [this](const auto& key, const auto&, const auto&) { queue_.add(key); });
  listen_to_pods(client_.mirror(), k8s::Kind::kReplicaSet, queue_);
}

void ReplicaSets::reconcile(const k8s::ObjectKey& key) {
  const auto set = client_.mirror().find_as<k8s::Workload>(key);
  if (set == nullptr || set->meta.is_deleting()) {
    return;
  }
  const PodCounts pods = census_.of(set->meta.uid);
  const std::int64_t missing = set->replicas - pods.active;
  if (missing > 0) {
    grow(*set, std::min(missing, kBurst));
  } else if (missing < 0) {
    shrink(*set, static_cast<std::size_t>(-missing));
  }
  report(*set, pods);
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

void ReplicaSets::shrink(const k8s::Workload& set, std::size_t count) {
  const std::vector<PodPtr> pods = controlled_pods(client_.mirror(), set);
  std::vector<std::pair<std::tuple<int, k8s::TimeNs, std::string_view>, const k8s::Pod*>> active;
  for (const PodPtr& pod : pods) {
    if (is_active(*pod)) {
      active.emplace_back(turn_of(*pod), pod.get());
    }
  }
  std::ranges::partial_sort(active, active.begin() + static_cast<std::ptrdiff_t>(count));
  for (std::size_t i = 0; i < count; ++i) {
    queue_.write(key_of(set), delete_request(*active[i].second));
  }
}

void ReplicaSets::report(const k8s::Workload& set, const PodCounts& pods) {
  statuses_.write(queue_,
                  set,
                  status_body({.counts = {{"replicas", pods.active},
                                          {"fullyLabeledReplicas", pods.active},
                                          {"readyReplicas", pods.healthy},
                                          {"availableReplicas", pods.healthy},
                                          {"observedGeneration", set.meta.generation}},
                               .conditions = {},
                               .texts = {}}));
}

}  // namespace sim

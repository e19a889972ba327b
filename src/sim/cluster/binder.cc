#include "sim/cluster/binder.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "k8s/conditions.h"
#include "sim/cluster/bodies.h"
#include "sim/cluster/pod_facts.h"

namespace sim {

namespace {

bool is_ours(const k8s::Pod& pod) {
  return pod.spec.scheduler_name.empty() || pod.spec.scheduler_name == "default-scheduler";
}

bool is_gated(const k8s::Pod& pod) {
  const k8s::Condition* scheduled = k8s::find_condition(pod.status.conditions, "PodScheduled");
  return scheduled != nullptr && scheduled->reason == "SchedulingGated";
}

bool is_waiting(const k8s::Pod& pod) {
  return pod.spec.node_name.empty() && !pod.meta.is_deleting() && !is_terminal(pod) &&
         is_ours(pod) && !is_gated(pod);
}

std::int64_t preference_of(const k8s::Pod& pod, const k8s::Node& node) {
  std::int64_t weight = 0;
  for (const k8s::PreferredNodeTerm& term : pod.spec.node_affinity.preferred) {
    weight += matches(term.preference, node.meta.labels, node.meta.name) ? term.weight : 0;
  }
  return weight;
}

// 0 (idle) to 1 (full), the mean of cpu and memory with the pod on it.
double fullness(const NodeView& view, const k8s::Resources& requests) {
  double sum = 0;
  for (const char* name : {"cpu", "memory"}) {
    const double all = view.node->status.allocatable.get(name).as_double();
    sum += all > 0 ? (view.used.get(name) + requests.get(name)).as_double() / all : 1;
  }
  return sum / 2;
}

// Better nodes first: fewer soft taints, more preferences, emptier, then by name.
auto score(const k8s::Pod& pod, const NodeView& view, const k8s::Resources& requests) {
  const bool is_disliked =
      find_untolerated(pod.spec.tolerations, view.node->taints, {"PreferNoSchedule"}) != nullptr;
  return std::tuple(is_disliked, -preference_of(pod, *view.node), fullness(view, requests));
}

std::string cluster_refusal(const std::map<std::string, std::int64_t>& refusals,
                            std::size_t nodes) {
  if (nodes == 0) {
    return "no nodes available to schedule pods";
  }
  std::vector<std::string> parts;
  for (const auto& [reason, count] : refusals) {
    parts.push_back(fmt::format("{} {}", count, reason));
  }
  std::ranges::sort(parts);
  return fmt::format("0/{} nodes are available: {}.", nodes, fmt::join(parts, ", "));
}

}  // namespace

Binder::Binder(Client& client) : client_(client), queue_(client, [this](const auto&) { wake(); }) {
  Mirror& mirror = client_.mirror();
  mirror.listen(k8s::Kind::kPod, [this](const auto& key, const auto& before, const auto& now) {
    if (now == nullptr || (before != nullptr && before->meta.uid != now->meta.uid)) {
      assumed_.erase(before->meta.uid);
      unplace(before->meta.uid);
    }
    observe(key, now);
    wake();
  });
  mirror.listen(k8s::Kind::kNode, [this](const auto&, const auto&, const auto&) { wake(); });
  mirror.on_synced([this] { wake(); });
}

void Binder::observe(const k8s::ObjectKey& key, const k8s::ObjectPtr& now) {
  if (now == nullptr) {
    waiting_.erase(key);
    return;
  }
  const PodPtr pod = std::static_pointer_cast<const k8s::Pod>(now);
  const std::string& uid = pod->meta.uid;
  if (!pod->spec.node_name.empty()) {
    assumed_.erase(uid);
  }
  if (is_terminal(*pod)) {
    unplace(uid);
  } else if (!pod->spec.node_name.empty()) {
    place(uid, {.node = pod->spec.node_name, .pod = pod, .requests = pod_requests(*pod)});
  }
  if (is_waiting(*pod) && !assumed_.contains(uid)) {
    waiting_.insert(key);
  } else {
    waiting_.erase(key);
  }
}

void Binder::place(const std::string& uid, Placement placement) {
  unplace(uid);
  used_[placement.node].add(placement.requests);
  placements_on_[placement.node].insert(uid);
  placements_.emplace(uid, std::move(placement));
}

void Binder::unplace(const std::string& uid) {
  const auto found = placements_.find(uid);
  if (found == placements_.end()) {
    return;
  }
  const std::string& node = found->second.node;
  used_[node].subtract(found->second.requests);
  const auto on_node = placements_on_.find(node);
  on_node->second.erase(uid);
  if (on_node->second.empty()) {
    placements_on_.erase(on_node);
    used_.erase(node);
  }
  placements_.erase(found);
}

void Binder::wake() {
  if (!is_awake_ && !waiting_.empty() && client_.mirror().is_synced()) {
    is_awake_ = true;
    client_.env().after(50 * kMillisecond, [this] {
      is_awake_ = false;
      pass();
    });
  }
}

void Binder::pass() {
  ClusterView cluster = view_cluster();
  const NamespaceLabels namespaces = view_namespaces();
  // Pods of one controller are equal; when one found no place, its siblings need not look.
  std::map<std::string, std::string> refused;
  for (const PodPtr& pod : waiting_in_order()) {
    const k8s::OwnerReference* owner = pod->meta.controller();
    const bool has_siblings =
        owner != nullptr && owner->kind != "DaemonSet" && !PodFit::depends_on_others(*pod);
    const auto known = has_siblings ? refused.find(owner->uid) : refused.end();
    const std::string message =
        known != refused.end() ? known->second : schedule(pod, cluster, namespaces);
    if (!message.empty()) {
      refuse(*pod, message);
      if (has_siblings) {
        refused.emplace(owner->uid, message);
      }
    }
  }
}

ClusterView Binder::view_cluster() const {
  ClusterView cluster;
  for (const auto& [key, object] : client_.mirror().of(k8s::Kind::kNode)) {
    NodeView view{
        .node = std::static_pointer_cast<const k8s::Node>(object), .used = {}, .pods = {}};
    if (const auto used = used_.find(key.name); used != used_.end()) {
      view.used = used->second;
    }
    if (const auto uids = placements_on_.find(key.name); uids != placements_on_.end()) {
      for (const std::string& uid : uids->second) {
        view.pods.push_back(placements_.at(uid).pod);
      }
    }
    cluster.emplace(key.name, std::move(view));
  }
  return cluster;
}

NamespaceLabels Binder::view_namespaces() const {
  NamespaceLabels namespaces;
  for (const auto& [key, object] : client_.mirror().of(k8s::Kind::kNamespace)) {
    namespaces.emplace(key.name, object->meta.labels);
  }
  return namespaces;
}

std::vector<Binder::PodPtr> Binder::waiting_in_order() const {
  std::vector<PodPtr> pods;
  for (const k8s::ObjectKey& key : waiting_) {
    if (PodPtr pod = client_.mirror().find_as<k8s::Pod>(key); pod != nullptr) {
      pods.push_back(std::move(pod));
    }
  }
  std::ranges::stable_sort(pods, [this](const PodPtr& a, const PodPtr& b) {
    return std::pair(-std::int64_t{priority_of(*a)}, a->meta.creation_time) <
           std::pair(-std::int64_t{priority_of(*b)}, b->meta.creation_time);
  });
  return pods;
}

std::int32_t Binder::priority_of(const k8s::Pod& pod) const {
  if (pod.spec.priority) {
    return *pod.spec.priority;
  }
  const auto priority = client_.mirror().find_as<k8s::PriorityClass>(
      {.kind = k8s::Kind::kPriorityClass, .namespace_ = {}, .name = pod.spec.priority_class_name});
  return priority == nullptr ? 0 : priority->value;
}

std::string Binder::schedule(const PodPtr& pod,
                             ClusterView& cluster,
                             const NamespaceLabels& namespaces) {
  k8s::Resources requests = pod_requests(*pod);
  const PodFit fit(*pod, requests, cluster, namespaces);
  std::map<std::string, std::int64_t> refusals;
  NodeView* best = nullptr;
  for (auto& [name, view] : cluster) {
    const std::string why = fit.refusal(view);
    if (!why.empty()) {
      ++refusals[why];
    } else if (best == nullptr || score(*pod, view, requests) < score(*pod, *best, requests)) {
      best = &view;
    }
  }
  if (best == nullptr) {
    return cluster_refusal(refusals, cluster.size());
  }
  bind(pod, *best, std::move(requests));
  return {};
}

void Binder::bind(const PodPtr& pod, NodeView& view, k8s::Resources requests) {
  const std::string& uid = pod->meta.uid;
  const std::string node = view.node->meta.name;
  view.used.add(requests);
  view.pods.push_back(pod);
  assumed_.insert(uid);
  waiting_.erase(key_of(*pod));
  place(uid, {.node = node, .pod = pod, .requests = std::move(requests)});
  k8s::WriteRequest request = create_request(key_of(*pod), node);
  request.verb = k8s::Verb::kBind;
  request.uid = uid;
  client_.write(std::move(request), [this, key = key_of(*pod), uid](const auto& answer) {
    if (answer) {
      return;
    }
    // Not bound after all: forget the assumption and look again a little later.
    assumed_.erase(uid);
    if (const auto now = client_.mirror().find_as<k8s::Pod>(key);
        now != nullptr && now->meta.uid == uid && now->spec.node_name.empty()) {
      unplace(uid);
      client_.env().after(kSecond, [this, key] {
        observe(key, client_.mirror().find(key));
        wake();
      });
    }
  });
}

void Binder::refuse(const k8s::Pod& pod, const std::string& message) {
  const k8s::Condition* known = k8s::find_condition(pod.status.conditions, "PodScheduled");
  if (queue_.is_busy(key_of(pod)) ||
      (known != nullptr && known->status == "False" && known->message == message)) {
    return;
  }
  std::vector<k8s::Condition> conditions = pod.status.conditions;
  k8s::upsert_condition(
      conditions,
      {.type = "PodScheduled", .status = "False", .reason = "Unschedulable", .message = message},
      client_.env().now());
  StatusCounts status{.counts = {}, .conditions = std::move(conditions), .texts = {}};
  if (pod.status.phase.empty()) {
    status.texts.emplace_back("phase", "Pending");
  }
  queue_.write(key_of(pod), status_patch(key_of(pod), status_body(status)));
}

}  // namespace sim

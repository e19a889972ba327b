#include "sim/cluster/binder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "k8s/conditions.h"
#include "sim/cluster/bodies.h"
#include "sim/cluster/pod_facts.h"

namespace sim {

namespace {

// More are kept only for those who have pods that wait.
constexpr std::size_t kMostRankings = 512;
// The longest pause before the default scheduler looks at an unschedulable pod again.
constexpr k8s::DurationNs kRetry = 10 * kSecond;

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

const std::string* crowd_of(const k8s::Pod& pod) {
  const k8s::OwnerReference* owner = pod.meta.controller();
  const bool is_in_crowd =
      owner != nullptr && owner->kind != "DaemonSet" && !PodFit::depends_on_others(pod);
  return is_in_crowd ? &owner->uid : nullptr;
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
      told_.erase(before->meta.uid);
      cluster_.unplace(before->meta.uid);
    }
    observe(key, now);
    wake();
  });
  mirror.listen(k8s::Kind::kNode, [this](const auto& key, const auto&, const auto& now) {
    if (now == nullptr) {
      cluster_.remove(key.name);
    } else {
      cluster_.put(std::static_pointer_cast<const k8s::Node>(now));
    }
    wake();
  });
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
    told_.erase(uid);
  }
  if (is_terminal(*pod)) {
    cluster_.unplace(uid);
  } else if (!pod->spec.node_name.empty()) {
    cluster_.place(uid, {.node = pod->spec.node_name, .pod = pod, .requests = pod_requests(*pod)});
  }
  if (is_waiting(*pod) && !assumed_.contains(uid)) {
    waiting_.insert_or_assign(key,
                              Waiting{.pod = pod,
                                      .crowd = crowd_of(*pod),
                                      .priority = priority_of(*pod),
                                      .since = pod->meta.creation_time});
  } else {
    waiting_.erase(key);
  }
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
  const NamespaceLabels namespaces = view_namespaces();
  std::unordered_set<std::string> served;
  // Pods of one controller are equal; when one found no place, its siblings need not look.
  std::unordered_map<std::string, std::string> refused;
  for (const auto& [pod, crowd, priority, since] : waiting_in_order()) {
    const auto known = crowd != nullptr ? refused.find(*crowd) : refused.end();
    if (known != refused.end()) {
      refuse(*pod, known->second);
      continue;
    }
    const bool is_ranked = crowd != nullptr && !cluster_.has_repelling_pods();
    const std::string message =
        is_ranked ? schedule(pod, rankings_[*crowd], namespaces) : schedule(pod, namespaces);
    if (is_ranked) {
      served.insert(*crowd);
    }
    if (!message.empty()) {
      refuse(*pod, message);
      if (crowd != nullptr) {
        refused.emplace(*crowd, message);
      }
    }
  }
  if (rankings_.size() > kMostRankings) {
    std::erase_if(rankings_, [&](const auto& one) { return !served.contains(one.first); });
  }
}

NamespaceLabels Binder::view_namespaces() const {
  NamespaceLabels namespaces;
  for (const auto& [key, object] : client_.mirror().of(k8s::Kind::kNamespace)) {
    namespaces.emplace(key.name, object->meta.labels);
  }
  return namespaces;
}

std::vector<Binder::Waiting> Binder::waiting_in_order() const {
  std::vector<Waiting> pods;
  pods.reserve(waiting_.size());
  for (const auto& [key, waiting] : waiting_) {
    pods.push_back(waiting);
  }
  std::ranges::stable_sort(pods, [](const Waiting& a, const Waiting& b) {
    return std::pair(-std::int64_t{a.priority}, a.since) <
           std::pair(-std::int64_t{b.priority}, b.since);
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

std::string Binder::schedule(const PodPtr& pod, const NamespaceLabels& namespaces) {
  k8s::Resources requests = pod_requests(*pod);
  const PodFit fit(*pod, requests, cluster_, namespaces);
  std::map<std::string, std::int64_t> refusals;
  std::optional<std::pair<Score, std::string>> best;
  for (const auto& [name, view] : cluster_.nodes()) {
    const std::string why = fit.refusal(view);
    if (!why.empty()) {
      ++refusals[why];
    } else if (auto one = std::pair(score(*pod, requests, view), name); !best || one < *best) {
      best = std::move(one);
    }
  }
  if (!best) {
    return cluster_refusal(refusals, cluster_.nodes().size());
  }
  bind(pod, best->second, std::move(requests));
  return {};
}

std::string Binder::schedule(const PodPtr& pod,
                             Ranking& ranking,
                             const NamespaceLabels& namespaces) {
  k8s::Resources requests = pod_requests(*pod);
  ranking.catch_up(PodFit(*pod, requests, cluster_, namespaces), cluster_);
  if (ranking.best() == nullptr) {
    return cluster_refusal(ranking.refusals(), cluster_.nodes().size());
  }
  bind(pod, std::string(*ranking.best()), std::move(requests));
  return {};
}

void Binder::bind(const PodPtr& pod, const std::string& node, k8s::Resources requests) {
  const std::string& uid = pod->meta.uid;
  assumed_.insert(uid);
  waiting_.erase(key_of(*pod));
  cluster_.place(uid, {.node = node, .pod = pod, .requests = std::move(requests)});
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
      cluster_.unplace(uid);
      client_.env().after(kSecond, [this, key] {
        observe(key, client_.mirror().find(key));
        wake();
      });
    }
  });
}

bool Binder::is_told_too_often(const std::string& uid) {
  const k8s::TimeNs now = client_.env().now();
  const auto [last, is_new] = told_.try_emplace(uid, now);
  if (is_new || now - last->second >= kRetry) {
    last->second = now;
    return false;
  }
  if (!std::exchange(is_retelling_, true)) {
    client_.env().after(kRetry, [this] {
      is_retelling_ = false;
      wake();
    });
  }
  return true;
}

void Binder::refuse(const k8s::Pod& pod, const std::string& message) {
  const k8s::Condition* known = k8s::find_condition(pod.status.conditions, "PodScheduled");
  if ((known != nullptr && known->status == "False" && known->message == message) ||
      queue_.is_busy(key_of(pod)) || is_told_too_often(pod.meta.uid)) {
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

#include "sim/cluster/stateful.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "k8s/codec.h"
#include "k8s/conditions.h"
#include "k8s/kinds.h"
#include "k8s/time.h"
#include "sim/cluster/pod_facts.h"

namespace sim {

namespace {

using PodPtr = std::shared_ptr<const k8s::Pod>;

// The ordinal of "web-12"; -1 for names of another shape.
std::int64_t ordinal_of(const k8s::Pod& pod) {
  const std::string& name = pod.meta.name;
  const std::size_t dash = name.rfind('-');
  std::int64_t ordinal = -1;
  if (dash != std::string::npos) {
    std::from_chars(name.data() + dash + 1, name.data() + name.size(), ordinal);
  }
  return ordinal;
}

// The node that a daemon's pod is meant for: where it runs, or where its affinity pins it.
std::string target_node(const k8s::Pod& pod) {
  if (!pod.spec.node_name.empty()) {
    return pod.spec.node_name;
  }
  for (const k8s::NodeSelectorTerm& term : pod.spec.node_affinity.required) {
    for (const k8s::SelectorTerm& field : term.match_fields) {
      if (field.key == "metadata.name" && field.values.size() == 1) {
        return field.values.front();
      }
    }
  }
  return {};
}

// What the DaemonSet controller adds, so that daemons stay on nodes in trouble.
std::vector<k8s::Toleration> daemon_tolerations(bool host_network) {
  const auto exists = [](std::string key, std::string effect) {
    return k8s::Toleration{.key = std::move(key),
                           .op = "Exists",
                           .value = {},
                           .effect = std::move(effect),
                           .seconds = {}};
  };
  std::vector<k8s::Toleration> tolerations{
      exists("node.kubernetes.io/not-ready", "NoExecute"),
      exists("node.kubernetes.io/unreachable", "NoExecute"),
      exists("node.kubernetes.io/disk-pressure", "NoSchedule"),
      exists("node.kubernetes.io/memory-pressure", "NoSchedule"),
      exists("node.kubernetes.io/pid-pressure", "NoSchedule"),
      exists("node.kubernetes.io/unschedulable", "NoSchedule"),
  };
  if (host_network) {
    tolerations.push_back(exists("node.kubernetes.io/network-unavailable", "NoSchedule"));
  }
  return tolerations;
}

struct DaemonFit {
  bool should_run = false;    // A missing pod is made.
  bool may_continue = false;  // A present pod is kept.
};

DaemonFit fit_daemon(const k8s::PodSpec& spec, const k8s::Node& node) {
  std::vector<k8s::Toleration> tolerations = daemon_tolerations(spec.host_network);
  tolerations.insert(tolerations.end(), spec.tolerations.begin(), spec.tolerations.end());
  // A node that is not ready yet gets its daemons: they may be what makes it ready.
  tolerations.push_back({.key = "node.kubernetes.io/not-ready",
                         .op = "Exists",
                         .value = {},
                         .effect = "NoSchedule",
                         .seconds = {}});
  const bool selected = selects_node(spec, node);
  return {.should_run =
              selected &&
              find_untolerated(tolerations, node.taints, {"NoSchedule", "NoExecute"}) == nullptr,
          .may_continue =
              selected && find_untolerated(tolerations, node.taints, {"NoExecute"}) == nullptr};
}

}  // namespace

StatefulSets::StatefulSets(Client& client, RawTemplate raw)
    : client_(client),
      raw_(std::move(raw)),
      queue_(client, [this](const auto& key) { reconcile(key); }, WorkQueue::Start::kWhenSynced) {
  client_.mirror().listen(k8s::Kind::kStatefulSet,
                          [this](const auto& key, const auto&, const auto&) { queue_.add(key); });
  listen_to_pods(client_.mirror(), k8s::Kind::kStatefulSet, queue_);
}

void StatefulSets::reconcile(const k8s::ObjectKey& key) {
  const auto set = client_.mirror().find_as<k8s::Workload>(key);
  if (set == nullptr || set->meta.is_deleting()) {
    return;
  }
  std::map<std::int64_t, PodPtr> pods;
  for (PodPtr& pod : controlled_pods(client_.mirror(), *set)) {
    pods[ordinal_of(*pod)] = std::move(pod);
  }
  const auto ready =
      std::ranges::count_if(pods, [](const auto& entry) { return is_healthy(*entry.second); });
  statuses_.write(queue_,
                  *set,
                  status_body({.counts = {{"replicas", static_cast<std::int64_t>(pods.size())},
                                          {"readyReplicas", ready},
                                          {"availableReplicas", ready},
                                          {"currentReplicas", ready},
                                          {"updatedReplicas", ready},
                                          {"observedGeneration", set->meta.generation}},
                               .conditions = {},
                               .texts = {}}));
  // In order: the next pod is made when all before it are ready, and the last goes first.
  for (std::int64_t ordinal = 0; ordinal < set->replicas; ++ordinal) {
    const auto found = pods.find(ordinal);
    if (found == pods.end()) {
      make_pod(*set, ordinal, template_json(*set, raw_));
      return;
    }
    if (is_terminal(*found->second) && !found->second->meta.is_deleting()) {
      queue_.write(key, delete_request(*found->second));
      return;
    }
    if (!is_healthy(*found->second)) {
      return;
    }
  }
  if (!pods.empty() && pods.rbegin()->first >= set->replicas &&
      !pods.rbegin()->second->meta.is_deleting()) {
    queue_.write(key, delete_request(*pods.rbegin()->second));
  }
}

void StatefulSets::make_pod(const k8s::Workload& set, std::int64_t ordinal, std::string_view text) {
  const std::string name = fmt::format("{}-{}", set.meta.name, ordinal);
  PodIdentity identity{.name = name,
                       .labels = {{"apps.kubernetes.io/pod-index", std::to_string(ordinal)},
                                  {"statefulset.kubernetes.io/pod-name", name}},
                       .pinned_node = {},
                       .hostname = name,
                       .tolerations = {},
                       .claims = {}};
  make_claims(set, ordinal, identity.claims);
  queue_.write(
      key_of(set),
      create_request({.kind = k8s::Kind::kPod, .namespace_ = set.meta.namespace_, .name = name},
                     pod_body(set, text, identity)));
}

void StatefulSets::make_claims(const k8s::Workload& set,
                               std::int64_t ordinal,
                               k8s::StringMap& claims) {
  for (const k8s::PersistentVolumeClaim& wanted : set.claim_templates) {
    k8s::PersistentVolumeClaim claim = wanted;
    claim.meta.name = fmt::format("{}-{}-{}", wanted.meta.name, set.meta.name, ordinal);
    claim.meta.namespace_ = set.meta.namespace_;
    claims.emplace(wanted.meta.name, claim.meta.name);
    if (client_.mirror().find(key_of(claim)) == nullptr) {
      queue_.write(key_of(set), create_request(key_of(claim), k8s::encode_object(claim)));
    }
  }
}

DaemonSets::DaemonSets(Client& client, RawTemplate raw)
    : client_(client),
      raw_(std::move(raw)),
      queue_(client, [this](const auto& key) { reconcile(key); }, WorkQueue::Start::kWhenSynced) {
  Mirror& mirror = client_.mirror();
  mirror.listen(k8s::Kind::kDaemonSet,
                [this](const auto& key, const auto&, const auto&) { queue_.add(key); });
  mirror.listen(k8s::Kind::kNode, [this](const auto&, const auto&, const auto&) {
    for (const auto& [key, set] : client_.mirror().of(k8s::Kind::kDaemonSet)) {
      queue_.add_soon(key);
    }
  });
  listen_to_pods(mirror, k8s::Kind::kDaemonSet, queue_);
}

void DaemonSets::reconcile(const k8s::ObjectKey& key) {
  const Mirror& mirror = client_.mirror();
  const auto set = mirror.find_as<k8s::Workload>(key);
  if (set == nullptr || set->meta.is_deleting()) {
    return;
  }
  std::map<std::string, std::vector<PodPtr>> by_node;
  for (PodPtr& pod : controlled_pods(mirror, *set)) {
    by_node[target_node(*pod)].push_back(std::move(pod));
  }
  const std::string text = template_json(*set, raw_);
  std::int64_t wanted = 0;
  for (const auto& [node_key, object] : mirror.of(k8s::Kind::kNode)) {
    const DaemonFit fit = fit_daemon(set->pod_template.spec, k8s::as<k8s::Node>(*object));
    wanted += fit.should_run ? 1 : 0;
    const auto found = by_node.find(node_key.name);
    const bool is_missing = found == by_node.end();
    // Nodes that are going away do not get daemons any more.
    if (is_missing && fit.should_run && !object->meta.is_deleting()) {
      make_pod(*set, node_key.name, text);
    }
    bool is_first = true;
    for (const PodPtr& pod : is_missing ? std::vector<PodPtr>{} : found->second) {
      const bool is_kept = fit.may_continue && is_first && !is_terminal(*pod);
      is_first = false;
      if (!is_kept && !pod->meta.is_deleting()) {
        queue_.write(key, delete_request(*pod));
      }
    }
  }
  // Pods of nodes that are gone: the unbound have nobody else to remove them.
  for (const auto& [node, pods] : by_node) {
    const bool is_gone =
        mirror.find({.kind = k8s::Kind::kNode, .namespace_ = {}, .name = node}) == nullptr;
    for (const PodPtr& pod : pods) {
      if (is_gone && pod->spec.node_name.empty() && !pod->meta.is_deleting()) {
        queue_.write(key, delete_request(*pod));
      }
    }
  }
  report(*set, by_node, wanted);
}

void DaemonSets::make_pod(const k8s::Workload& set,
                          const std::string& node,
                          std::string_view text) {
  const std::string name = fmt::format("{}-{}", set.meta.name, client_.env().suffix(5));
  const PodIdentity identity{
      .name = name,
      .labels = {{"controller-revision-hash", hash_suffix(text)},
                 {"pod-template-generation", std::to_string(set.meta.generation)}},
      .pinned_node = node,
      .hostname = {},
      .tolerations = daemon_tolerations(set.pod_template.spec.host_network),
      .claims = {}};
  queue_.write(
      key_of(set),
      create_request({.kind = k8s::Kind::kPod, .namespace_ = set.meta.namespace_, .name = name},
                     pod_body(set, text, identity)));
}

void DaemonSets::report(const k8s::Workload& set,
                        const std::map<std::string, std::vector<PodPtr>>& by_node,
                        std::int64_t wanted) {
  std::int64_t current = 0;
  std::int64_t ready = 0;
  for (const auto& [node, pods] : by_node) {
    current += std::ranges::any_of(pods, [](const auto& pod) { return !is_terminal(*pod); });
    ready += std::ranges::any_of(pods, [](const auto& pod) { return is_healthy(*pod); });
  }
  statuses_.write(queue_,
                  set,
                  status_body({.counts = {{"desiredNumberScheduled", wanted},
                                          {"currentNumberScheduled", current},
                                          {"updatedNumberScheduled", current},
                                          {"numberReady", ready},
                                          {"numberAvailable", ready},
                                          {"numberMisscheduled", 0},
                                          {"observedGeneration", set.meta.generation}},
                               .conditions = {},
                               .texts = {}}));
}

Jobs::Jobs(Client& client, RawTemplate raw)
    : client_(client),
      raw_(std::move(raw)),
      queue_(client, [this](const auto& key) { reconcile(key); }, WorkQueue::Start::kWhenSynced) {
  client_.mirror().listen(k8s::Kind::kJob,
                          [this](const auto& key, const auto&, const auto&) { queue_.add(key); });
  listen_to_pods(client_.mirror(), k8s::Kind::kJob, queue_);
}

void Jobs::reconcile(const k8s::ObjectKey& key) {
  const auto job = client_.mirror().find_as<k8s::Workload>(key);
  if (job == nullptr || job->meta.is_deleting()) {
    return;
  }
  std::int64_t active = 0;
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  for (const PodPtr& pod : controlled_pods(client_.mirror(), *job)) {
    succeeded += pod->status.phase == "Succeeded";
    failed += pod->status.phase == "Failed";
    active += !is_terminal(*pod) && !pod->meta.is_deleting();
  }
  const bool is_complete = succeeded >= job->completions;
  const std::int64_t wanted = std::min(job->parallelism, job->completions - succeeded);
  std::vector<k8s::Condition>& conditions = conditions_[job->meta.uid];
  const auto started = started_.try_emplace(job->meta.uid, client_.env().now()).first;
  StatusCounts status{.counts = {{"active", active}, {"succeeded", succeeded}, {"failed", failed}},
                      .conditions = {},
                      .texts = {{"startTime", k8s::format_time(started->second)}}};
  if (is_complete) {
    k8s::upsert_condition(conditions,
                          {.type = "Complete",
                           .status = "True",
                           .reason = "CompletionsReached",
                           .message = "Reached expected number of succeeded pods"},
                          client_.env().now());
    status.texts.emplace_back("completionTime",
                              k8s::format_time(conditions.front().last_transition));
  } else if (wanted > active) {
    start(*job, wanted - active);
  }
  status.conditions = conditions;
  statuses_.write(queue_, *job, status_body(status));
}

void Jobs::start(const k8s::Workload& job, std::int64_t count) {
  const std::string text = template_json(job, raw_);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string name = fmt::format("{}-{}", job.meta.name, client_.env().suffix(5));
    const PodIdentity identity{.name = name,
                               .labels = {{"batch.kubernetes.io/job-name", job.meta.name},
                                          {"batch.kubernetes.io/controller-uid", job.meta.uid},
                                          {"job-name", job.meta.name},
                                          {"controller-uid", job.meta.uid}},
                               .pinned_node = {},
                               .hostname = {},
                               .tolerations = {},
                               .claims = {}};
    queue_.write(
        key_of(job),
        create_request({.kind = k8s::Kind::kPod, .namespace_ = job.meta.namespace_, .name = name},
                       pod_body(job, text, identity)));
  }
}

}  // namespace sim

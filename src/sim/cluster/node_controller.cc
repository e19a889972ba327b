#include "sim/cluster/node_controller.h"

#include <algorithm>

#include "k8s/conditions.h"
#include "sim/cluster/pod_facts.h"
#include "sim/cluster/status_bodies.h"

namespace sim {

namespace {

// The taint that a node must have, or must not have, because of its state.
struct StateTaint {
  std::string_view key;
  std::string_view effect;
  bool is_wanted;
};

bool is_same(const k8s::Taint& taint, const StateTaint& state) {
  return taint.key == state.key && taint.effect == state.effect;
}

}  // namespace

NodeController::NodeController(Client& client, Machines& machines, NodeDelays delays)
    : client_(client),
      machines_(machines),
      delays_(delays),
      queue_(client, [this](const auto& key) { reconcile(key); }) {
  client_.mirror().listen(k8s::Kind::kNode,
                          [this](const auto& key, const auto&, const auto&) { queue_.add(key); });
  machines_.listen([this](const Machines::Entry& entry) {
    queue_.add({.kind = k8s::Kind::kNode, .namespace_ = {}, .name = entry.machine.node_name});
  });
}

void NodeController::reconcile(const k8s::ObjectKey& key) {
  const auto node = client_.mirror().find_as<k8s::Node>(key);
  if (node == nullptr || write_taints(key, *node)) {
    return;
  }
  const Machines::Entry* entry = machines_.find(node->provider_id);
  if (entry == nullptr || entry->down_since == 0) {
    return;
  }
  const k8s::DurationNs left = entry->down_since + delays_.unreachable - client_.env().now();
  if (left > 0) {
    queue_.add_after(key, left);
    return;
  }
  const k8s::Condition* ready = k8s::find_condition(node->status.conditions, "Ready");
  if (ready == nullptr || ready->status != "Unknown") {
    mark_unreachable(key, *node);
  } else if (entry->machine.state == MachineState::kTerminated && !node->meta.is_deleting()) {
    queue_.write(key, delete_request(*node));
  }
}

// True when a write was needed; the node's event brings the key back.
bool NodeController::write_taints(const k8s::ObjectKey& key, const k8s::Node& node) {
  const k8s::Condition* ready = k8s::find_condition(node.status.conditions, "Ready");
  // A node that has not reported yet keeps what it was registered with.
  if (ready == nullptr) {
    return false;
  }
  const StateTaint states[] = {
      {"node.kubernetes.io/not-ready", "NoSchedule", ready->status == "False"},
      {"node.kubernetes.io/unreachable", "NoSchedule", ready->status == "Unknown"},
      {"node.kubernetes.io/unreachable", "NoExecute", ready->status == "Unknown"},
      {"node.kubernetes.io/unschedulable", "NoSchedule", node.unschedulable},
  };
  std::vector<k8s::Taint> taints = node.taints;
  bool has_changed = false;
  for (const StateTaint& state : states) {
    const bool is_there =
        std::ranges::any_of(taints, [&](const k8s::Taint& taint) { return is_same(taint, state); });
    if (is_there == state.is_wanted) {
      continue;
    }
    has_changed = true;
    if (state.is_wanted) {
      taints.push_back({.key = std::string(state.key),
                        .value = {},
                        .effect = std::string(state.effect),
                        .time_added = client_.env().now()});
    } else {
      std::erase_if(taints, [&](const k8s::Taint& taint) { return is_same(taint, state); });
    }
  }
  if (has_changed) {
    // Others write taints too: the version makes sure that none of theirs is lost.
    k8s::WriteRequest request = merge_patch(key, taints_body(taints));
    request.resource_version = node.meta.resource_version;
    queue_.write(key, std::move(request));
  }
  return has_changed;
}

void NodeController::mark_unreachable(const k8s::ObjectKey& key, const k8s::Node& node) {
  const k8s::TimeNs now = client_.env().now();
  std::vector<k8s::Condition> conditions = node.status.conditions;
  for (const char* type : {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"}) {
    k8s::upsert_condition(conditions,
                          {.type = type,
                           .status = "Unknown",
                           .reason = "NodeStatusUnknown",
                           .message = "Kubelet stopped posting node status."},
                          now);
  }
  queue_.write(key, status_patch(key, conditions_body(conditions)));
  for (const auto& [pod_key, object] : client_.mirror().pods_on(key.name)) {
    const auto& pod = k8s::as<k8s::Pod>(*object);
    if (!is_healthy(pod)) {
      continue;
    }
    std::vector<k8s::Condition> pod_conditions = pod.status.conditions;
    k8s::upsert_condition(
        pod_conditions,
        {.type = "Ready", .status = "False", .reason = "NodeNotReady", .message = {}},
        now);
    queue_.write(key, status_patch(pod_key, conditions_body(pod_conditions)));
  }
}

PodCollector::PodCollector(Client& client, NodeDelays delays)
    : client_(client),
      delays_(delays),
      queue_(client, [this](const auto& key) { reconcile(key); }, WorkQueue::Start::kWhenSynced) {
  Mirror& mirror = client_.mirror();
  mirror.listen(k8s::Kind::kPod, [this](const auto& key, const auto&, const auto& now) {
    if (now == nullptr) {
      return;
    }
    const std::string& node = k8s::as<k8s::Pod>(*now).spec.node_name;
    const bool is_homeless =
        !node.empty() && client_.mirror().find(
                             {.kind = k8s::Kind::kNode, .namespace_ = {}, .name = node}) == nullptr;
    if (is_homeless || (node.empty() && now->meta.is_deleting())) {
      queue_.add_after(key, delays_.orphan);
    }
  });
  mirror.listen(k8s::Kind::kNode, [this](const auto& key, const auto&, const auto& now) {
    if (now == nullptr) {
      for (const auto& [pod, object] : client_.mirror().pods_on(key.name)) {
        queue_.add_after(pod, delays_.orphan);
      }
    }
  });
}

void PodCollector::reconcile(const k8s::ObjectKey& key) {
  const Mirror& mirror = client_.mirror();
  const auto pod = mirror.find_as<k8s::Pod>(key);
  if (pod == nullptr) {
    return;
  }
  const std::string& name = pod->spec.node_name;
  if (name.empty()) {
    if (pod->meta.is_deleting()) {
      queue_.write(key, delete_request(*pod, 0));
    }
    return;
  }
  const k8s::ObjectKey node{.kind = k8s::Kind::kNode, .namespace_ = {}, .name = name};
  if (mirror.find(node) != nullptr) {
    return;
  }
  // Ask once more: our view of nodes may lag behind our view of pods.
  client_.get(node, [this, key, uid = pod->meta.uid](const auto& answer) {
    const k8s::ObjectPtr now = client_.mirror().find(key);
    const bool is_gone = !answer && answer.error().code == base::ErrorCode::kNotFound;
    if (is_gone && now != nullptr && now->meta.uid == uid) {
      queue_.write(key, delete_request(*now, 0));
    }
  });
}

}  // namespace sim

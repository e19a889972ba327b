#include "sim/harness/scene.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "k8s/conditions.h"
#include "k8s/time.h"
#include "sim/cluster/pod_facts.h"

namespace sim {
namespace {

// What lives give as durations: a whole number and a unit; 0: anything else.
k8s::DurationNs plain_duration(std::string_view text) {
  const k8s::DurationNs unit = text.ends_with('m')   ? k8s::kMinute
                               : text.ends_with('s') ? k8s::kSecond
                                                     : 0;
  if (unit == 0) {
    return 0;
  }
  text.remove_suffix(1);
  return base::parse_int(text).value_or(0) * unit;
}

}  // namespace

std::string SeenMachine::pool() const {
  const std::string* pool = claim->meta.label("karpenter.sh/nodepool");
  return pool == nullptr ? std::string{} : *pool;
}

bool SeenMachine::is_initialized() const {
  // The label is written first, and the condition may fail.
  const std::string* label =
      node == nullptr ? nullptr : node->meta.label("karpenter.sh/initialized");
  return (label != nullptr && *label == "true") ||
         k8s::is_true(claim->status.conditions, "Initialized");
}

bool SeenMachine::is_leaving() const {
  return claim->meta.is_deleting() ||
         k8s::is_true(claim->status.conditions, "InstanceTerminating") ||
         (node != nullptr && node->meta.is_deleting());
}

bool SeenMachine::is_marked() const {
  return k8s::is_true(claim->status.conditions, "DisruptionReason") ||
         (has_disrupted_taint() && !is_leaving());
}

bool SeenMachine::has_disrupted_taint() const {
  return node != nullptr && std::ranges::any_of(node->taints, [](const k8s::Taint& taint) {
           return taint.key == "karpenter.sh/disrupted" && taint.effect == "NoSchedule";
         });
}

std::vector<SeenMachine> machines_without_pods(const api::Store& store) {
  std::vector<SeenMachine> machines;
  for (const auto& claim : all_of<k8s::NodeClaim>(store, k8s::Kind::kNodeClaim)) {
    SeenMachine machine{.claim = claim, .node = nullptr, .pods = {}};
    const auto node = store.find(api::type_of(k8s::Kind::kNode), "", claim->status.node_name);
    if (node != nullptr) {
      machine.node = std::static_pointer_cast<const k8s::Node>(node->typed());
    }
    machines.push_back(std::move(machine));
  }
  return machines;
}

std::vector<SeenMachine> machines_of(const api::Store& store) {
  std::vector<SeenMachine> machines = machines_without_pods(store);
  std::map<std::string, std::size_t> by_node;
  for (std::size_t i = 0; i < machines.size(); ++i) {
    if (machines[i].node != nullptr) {
      by_node.emplace(machines[i].node->meta.name, i);
    }
  }
  for (const auto& pod : all_of<k8s::Pod>(store, k8s::Kind::kPod)) {
    const auto found = by_node.find(pod->spec.node_name);
    if (found != by_node.end() && !is_terminal(*pod)) {
      machines[found->second].pods.push_back(pod);
    }
  }
  return machines;
}

bool forbids_disruption(const k8s::Pod& pod, k8s::TimeNs now) {
  const std::string* guard = pod.meta.annotation(kDoNotDisruptAnnotation);
  if (guard == nullptr || !is_alive(pod)) {
    return false;
  }
  if (*guard == "true") {
    return true;
  }
  const k8s::DurationNs duration = plain_duration(*guard);
  return duration > 0 && (pod.status.start_time == 0 || now - pod.status.start_time < duration);
}

bool is_alive(const k8s::Pod& pod) {
  return !is_terminal(pod) && !pod.meta.is_deleting();
}

}  // namespace sim

#include "sim/harness/disruption_checks.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "k8s/conditions.h"
#include "sim/cluster/pod_facts.h"
#include "world/names.h"
#include "world/pods.h"

namespace sim {

namespace {

constexpr std::string_view kCpu = "cpu";
constexpr std::string_view kMemory = "memory";

// What every machine that stays and every replacement could take together, and the largest of them.
struct Room {
  k8s::Quantity sum;
  k8s::Quantity largest;

  void add(const k8s::Quantity& free) {
    if (free > k8s::Quantity{}) {
      sum += free;
      largest = std::max(largest, free);
    }
  }
};

bool is_candidate(const disrupt::Command& command, world::NodeId node) {
  return std::ranges::any_of(command.candidates,
                             [&](const auto& candidate) { return candidate.node == node; });
}

Room room_for(const disrupt::Command& command,
              const world::Snapshot& snapshot,
              std::string_view name) {
  Room room;
  snapshot.nodes.for_each([&](world::NodeId id, const world::NodeRow& row) {
    if (row.node == nullptr || row.is_deleting() || is_candidate(command, id)) {
      return;
    }
    k8s::Quantity free = row.node->status.allocatable.get(name);
    free -= row.pod_requests.get(name);
    room.add(free);
  });
  for (const plan::PlannedClaim& planned : command.replacements) {
    room.add(planned.claim().spec.requests.get(name));
  }
  return room;
}

// Necessary, not sufficient: whether the pods can be packed is the planner's own proof, which its
// differential tests check.
bool has_room(const disrupt::Command& command,
              const world::Snapshot& snapshot,
              std::string_view name) {
  const Room room = room_for(command, snapshot, name);
  k8s::Quantity needed;
  for (const disrupt::Candidate& candidate : command.candidates) {
    for (const world::PodId pod : candidate.reschedulable) {
      const k8s::Quantity one = pod_requests(*snapshot.pods[pod].pod).get(name);
      needed += one;
      if (one > room.largest) {
        return false;
      }
    }
  }
  return needed <= room.sum;
}

}  // namespace

void DisruptionChecks::on_command(const disrupt::Command& command,
                                  const world::Snapshot& snapshot) {
  if (!snapshot.is_synced) {
    problem_("a disruption was decided on a picture that is not complete");
  }
  for (const std::string_view name : {kCpu, kMemory}) {
    if (!has_room(command, snapshot, name)) {
      problem_(base::concat("pods of ",
                            command.candidates.front().node_name(),
                            " have nowhere to go: not enough ",
                            name));
    }
  }
}

bool DisruptionChecks::holds_guarded_pod(const std::string& node, k8s::TimeNs since) const {
  for (const auto& [name, document] : sandbox_.store().collection(api::type_of(k8s::Kind::kPod))) {
    const auto& pod = k8s::as<k8s::Pod>(*document->typed());
    const std::string* guard = pod.meta.annotation(world::kDoNotDisruptAnnotation);
    if (pod.spec.node_name == node && guard != nullptr && *guard == "true" &&
        world::is_active(pod) && pod.status.start_time != 0 && pod.status.start_time < since) {
      return true;
    }
  }
  return false;
}

void DisruptionChecks::look(k8s::TimeNs now) {
  std::size_t initialized = 0;
  std::size_t marked = 0;
  std::set<std::string> fresh;
  for (const auto& [name, document] :
       sandbox_.store().collection(api::type_of(k8s::Kind::kNodeClaim))) {
    const auto& claim = k8s::as<k8s::NodeClaim>(*document->typed());
    initialized += k8s::is_true(claim.status.conditions, "Initialized") ? 1U : 0U;
    if (!k8s::is_true(claim.status.conditions, "DisruptionReason")) {
      continue;
    }
    // DIS-56: a machine that the cloud takes down counts no more.
    marked += k8s::is_true(claim.status.conditions, "InstanceTerminating") ? 0U : 1U;
    if (marked_.insert(claim.meta.name).second) {
      fresh.insert(claim.status.node_name);
    }
  }
  most_nodes_ = std::max(most_nodes_, initialized);
  const auto allowed =
      static_cast<std::size_t>(std::ceil(most_share_ * static_cast<double>(most_nodes_)));
  if (!fresh.empty() && marked > allowed) {
    problem_(base::concat(
        marked, " of at most ", most_nodes_, " nodes are disrupted at once, allowed: ", allowed));
  }
  for (const std::string& node : fresh) {
    // A pod that has come since the decision does not count.
    if (holds_guarded_pod(node, now - k8s::kMinute)) {
      problem_("node " + node + " is disrupted although a pod forbids it");
    }
  }
}

void DisruptionChecks::on_effect(std::string_view line) {
  if (line.contains(": delete Pod ")) {
    problem_("a pod is deleted, not evicted: " + std::string(line));
  }
}

std::vector<std::string> DisruptionChecks::left_taints() const {
  std::vector<std::string> found;
  for (const auto& [name, document] : sandbox_.store().collection(api::type_of(k8s::Kind::kNode))) {
    const auto& node = k8s::as<k8s::Node>(*document->typed());
    if (std::ranges::any_of(node.taints, [](const k8s::Taint& taint) {
          return world::same_taint(taint, world::disrupted_taint());
        })) {
      found.push_back("node " + name + " still carries the taint of a disruption");
    }
  }
  return found;
}

}  // namespace sim

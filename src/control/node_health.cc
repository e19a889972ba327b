#include "control/node_health.h"

#include <algorithm>

#include "control/changes.h"
#include "control/disruption_metrics.h"
#include "control/metrics.h"
#include "k8s/time.h"
#include "world/names.h"

namespace control {

namespace {

constexpr std::string_view kNodeHealthCause = "node.health";
constexpr std::int64_t kSickPercent = 20;  // LIF-155

struct Diagnosis {
  std::string condition = {};
  k8s::TimeNs due = 0;  // 0: healthy.
};

// LIF-153: of all that ails the node, what becomes unbearable first.
Diagnosis diagnose(const View& view, const k8s::Node& node) {
  Diagnosis worst;
  for (const cloud::RepairPolicy& policy : view.config.repair_policies) {
    const k8s::Condition* found = k8s::find_condition(node.status.conditions, policy.condition);
    if (found == nullptr || found->status != policy.status) {
      continue;
    }
    const k8s::TimeNs due = found->last_transition + policy.toleration;
    if (worst.due == 0 || due < worst.due) {
      worst = {.condition = policy.condition, .due = due};
    }
  }
  return worst;
}

// LIF-155: of the pool's nodes, or of all nodes when the machine has no pool.
bool are_too_many_sick(const View& view, const std::string* pool) {
  std::int64_t all = 0;
  std::int64_t sick = 0;
  view.snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (row.node == nullptr) {
      return;
    }
    const std::string* label = row.node->meta.label(world::kPoolLabel);
    if (pool == nullptr || (label != nullptr && *label == *pool)) {
      ++all;
      sick += diagnose(view, *row.node).due != 0 ? 1 : 0;
    }
  });
  return sick > (all * kSickPercent + 99) / 100;
}

void publish_block(const View& view, const world::NodeRow& row, Step& step) {
  const std::string* pool_name = row.claim->meta.label(world::kPoolLabel);
  const auto publish = [&](const k8s::Object& object, k8s::DurationNs dedupe_for) {
    step.effects.push_back(
        event(kNodeHealthCause,
              object,
              {.type = "Warning",
               .reason = "NodeRepairBlocked",
               .message = pool_name != nullptr ? "more than 20% nodes are unhealthy in the nodepool"
                                               : "more then 20% nodes are unhealthy in the cluster",
               .dedupe_for = dedupe_for},
              {object.meta.uid}));
  };
  constexpr k8s::DurationNs kUsual = 2 * k8s::kMinute;
  constexpr k8s::DurationNs kLong = 15 * k8s::kMinute;
  if (pool_name != nullptr) {
    const auto pool = view.world.pools().find(*pool_name);
    if (pool == view.world.pools().end()) {
      return;  // LIF-156
    }
    publish(*pool->second, kLong);
  }
  publish(*row.node, kUsual);
  publish(*row.claim, kUsual);
}

// LIF-157: nothing holds a sick node. True when the deadline had to be written first.
bool pull_deadline(const View& view, const k8s::NodeClaim& claim, Step& step) {
  if (const auto* text = claim.meta.annotation(world::kTerminationTimestampAnnotation)) {
    const auto deadline = k8s::parse_time(*text);
    if (deadline && *deadline <= view.now) {
      return false;
    }
  }
  k8s::NodeClaim next = claim;
  next.meta.annotations[std::string(world::kTerminationTimestampAnnotation)] =
      k8s::format_time(view.now);
  return write_main(step, kNodeHealthCause, claim, next, Lock::kNo);
}

}  // namespace

Step reconcile_health(const View& view, const std::string& node_name) {
  Step step;
  const auto id = view.world.find_node(node_name);
  if (!id) {
    return step;
  }
  const world::NodeRow& row = view.snapshot.nodes[*id];
  if (row.claim == nullptr || row.is_duplicated) {
    return step;  // LIF-152
  }
  const Diagnosis diagnosis = diagnose(view, *row.node);
  if (diagnosis.due == 0) {
    return step;
  }
  if (view.now < diagnosis.due) {
    step.wake(diagnosis.due);
    return step;
  }
  if (are_too_many_sick(view, row.claim->meta.label(world::kPoolLabel))) {
    publish_block(view, row, step);
    step.wake(view.now + view.config.repair_retry);
    return step;
  }
  if (pull_deadline(view, *row.claim, step) || row.claim->meta.is_deleting()) {
    return step;
  }
  step.log(runtime::LogLevel::kInfo,
           "deleting unhealthy node",
           {{"Node", runtime::object_reference(row.node->meta.name)},
            {"NodeClaim", runtime::object_reference(row.claim->meta.name)},
            {"condition", diagnosis.condition}});
  delete_object(step, kNodeHealthCause, *row.claim);
  act::Effect& deletion = step.effects.back();
  count_disruption(deletion,
                   *row.claim,
                   {.reason = "unhealthy", .pods = reschedulable_pods(view.snapshot, row)});
  const auto label = [&](std::string_view key) {
    const std::string* value = row.claim->meta.label(key);
    return value != nullptr ? *value : std::string();
  };
  deletion.metrics.emplace_back(metric::kNodeClaimsUnhealthyDisrupted,
                                runtime::LabelValues{snake_case(diagnosis.condition),
                                                     label(world::kPoolLabel),
                                                     label(world::kCapacityTypeLabel),
                                                     row.claim->status.image_id});
  return step;
}

}  // namespace control

#include <array>

#include "base/text.h"
#include "control/changes.h"
#include "control/metrics.h"
#include "control/node_termination.h"
#include "k8s/time.h"
#include "world/pods.h"

namespace control {

namespace {

constexpr std::string_view kEvictionQueue = "eviction-queue";
constexpr k8s::DurationNs kFirstEvictionRetry = 100 * k8s::kMillisecond;
constexpr k8s::DurationNs kLongestEvictionRetry = 10 * k8s::kSecond;

std::size_t tier_of(const k8s::Pod& pod) {
  return (world::is_critical(pod) ? 2U : 0U) + (world::is_daemon_pod(pod) ? 1U : 0U);
}

// LIF-150
std::string reason_of(const world::NodeRow& row) {
  if (row.claim == nullptr) {
    return {};
  }
  const auto* condition = k8s::find_condition(row.claim->status.conditions, "DisruptionReason");
  return condition != nullptr && condition->status == "True" ? condition->reason
                                                             : "Forceful Termination";
}

// LIF-149. A pod that goes as soon as that already is left alone: its grace cannot be cut further.
void force_delete(const View& view, const k8s::Pod& pod, k8s::TimeNs deadline, Step& step) {
  const std::int64_t grace = std::max<std::int64_t>(1, (deadline - view.now) / k8s::kSecond);
  if (world::is_terminating(pod) && pod.meta.deletion_grace_seconds &&
      *pod.meta.deletion_grace_seconds <= grace) {
    return;
  }
  step.effects.push_back(event(
      kEvictionQueue,
      pod,
      {.type = "Normal",
       .reason = "Disrupted",
       .message =
           base::concat("Deleting the pod to accommodate the terminationTime ",
                        k8s::format_time(deadline),
                        " of the node. The pod was granted ",
                        grace,
                        " seconds of grace-period of its ",
                        pod.spec.termination_grace_seconds.value_or(30),
                        " terminationGracePeriodSeconds. This bypasses the PDB of the pod and the "
                        "do-not-disrupt annotation.")},
      {pod.meta.name}));
  delete_object(step, kEvictionQueue, pod);
  std::get<act::WriteObject>(step.effects.back().action).request.grace_seconds = grace;
}

// Gone, or another pod under that name.
bool is_over(const Memory::Eviction& eviction) {
  return eviction.error && (eviction.error->code == base::ErrorCode::kNotFound ||
                            eviction.error->code == base::ErrorCode::kConflict);
}

// LIF-148: of all the refusals that the server words as its own failure, this one is told by its
// text, which is part of the API in practice.
bool has_several_budgets(const base::Error& error) {
  return error.detail.find(
             "This pod has more than one PodDisruptionBudget, which the eviction "
             "subresource does not support.") != std::string::npos;
}

// LIF-148
void report_refusal(const world::NodeRow& row,
                    const k8s::Pod& pod,
                    const base::Error& error,
                    Step& step) {
  const bool is_ambiguous = has_several_budgets(error);
  if (row.node == nullptr || (!is_ambiguous && error.code != base::ErrorCode::kThrottled)) {
    return;
  }
  const std::string_view what =
      is_ambiguous ? "eviction does not support multiple PDBs" : "evicting pod violates a PDB";
  step.effects.push_back(event(
      kEvictionQueue,
      *row.node,
      {.type = "Warning",
       .reason = "FailedDraining",
       .message = base::concat(
           "Failed to drain node, ", what, " (Pod=", pod.meta.namespace_, "/", pod.meta.name, ")")},
      {row.node->meta.name}));
}

}  // namespace

bool needs_force_delete(const k8s::Pod& pod, std::optional<k8s::TimeNs> deadline, k8s::TimeNs now) {
  if (!deadline) {
    return false;
  }
  if (world::is_terminating(pod)) {
    return pod.meta.deletion_time > *deadline;
  }
  return pod.spec.termination_grace_seconds.has_value() &&
         now > *deadline - *pod.spec.termination_grace_seconds * k8s::kSecond;
}

Drain plan_drain(const world::Snapshot& snapshot,
                 const world::NodeRow& row,
                 std::optional<k8s::TimeNs> deadline) {
  Drain drain;
  std::array<std::vector<world::PodId>, 4> tiers;
  for (const world::PodId id : row.pods) {
    const k8s::Pod& pod = *snapshot.pods[id].pod;
    if (!world::is_waiting_eviction(pod, snapshot.now)) {
      continue;
    }
    ++drain.waiting;
    if (needs_force_delete(pod, deadline, snapshot.now)) {
      drain.evict.push_back(id);
    } else {
      tiers[tier_of(pod)].push_back(id);
    }
  }
  for (const auto& tier : tiers) {
    if (!tier.empty()) {
      drain.evict.insert(drain.evict.end(), tier.begin(), tier.end());
      break;
    }
  }
  return drain;
}

Step reconcile_eviction(const View& view, const std::string& pod_key) {
  Step step;
  const auto parts = base::split_once(pod_key, '/');
  const auto id = view.world.find_pod(parts.before, parts.after.value_or(""));
  if (!id) {
    return step;
  }
  const k8s::Pod& pod = *view.snapshot.pods[*id].pod;
  const auto entry = view.memory.evictions.find(pod.meta.uid);
  const auto node = view.world.find_node(pod.spec.node_name);
  if (entry == view.memory.evictions.end() || !node) {
    return step;  // LIF-146: never asked for, or another pod of that name.
  }
  const Memory::Eviction& eviction = entry->second;
  const world::NodeRow& row = view.snapshot.nodes[*node];
  if (needs_force_delete(pod, eviction.deadline, view.now)) {
    force_delete(view, pod, *eviction.deadline, step);
    return step;
  }
  if (!world::is_active(pod) || is_over(eviction)) {
    step.evicted.push_back(pod.meta.uid);
    return step;
  }
  if (eviction.is_done) {  // On its way; the watch will tell.
    step.effects.push_back(
        event(kEvictionQueue,
              pod,
              {.type = "Normal", .reason = "Evicted", .message = "Evicted pod: " + reason_of(row)},
              {pod.meta.name}));
    return step;
  }
  if (eviction.error) {
    report_refusal(row, pod, *eviction.error, step);
  }
  const k8s::TimeNs retry_at =
      eviction.last == 0
          ? view.now
          : eviction.last + backoff(eviction.attempts, kFirstEvictionRetry, kLongestEvictionRetry);
  if (!world::is_evictable(pod, view.now)) {
    // LIF-146: looked at again when the grace of do-not-disrupt ends, and now and then.
    const auto until = world::do_not_disrupt(pod, view.now).until.value_or(0);
    step.wake(view.now + kLongestEvictionRetry);
    if (until > view.now) {
      step.wake(until);
    }
    return step;
  }
  if (view.now < retry_at) {
    step.wake(retry_at);
    return step;
  }
  k8s::WriteRequest request{};
  request.verb = k8s::Verb::kEvict;
  request.key.kind = k8s::Kind::kPod;
  request.key.namespace_ = pod.meta.namespace_;
  request.key.name = pod.meta.name;
  request.uid = pod.meta.uid;
  const std::string reason = reason_of(row);
  step.effects.push_back({act::WriteObject{std::move(request)},
                          base::concat(kEvictionQueue, " ", reason),
                          {{metric::kPodsDrained, {reason}}}});
  return step;
}

}  // namespace control

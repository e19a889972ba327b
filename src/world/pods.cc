#include "world/pods.h"

#include <algorithm>
#include <charconv>

#include "k8s/node.h"
#include "k8s/time.h"
#include "world/names.h"

namespace world {

namespace {

bool is_owned_by(const k8s::Pod& pod, std::string_view api_version, std::string_view kind) {
  return std::ranges::any_of(pod.meta.owners, [&](const k8s::OwnerReference& owner) {
    return owner.kind == kind && owner.api_version == api_version;
  });
}

bool matches(const k8s::Toleration& toleration, const k8s::Taint& taint) {
  if (!toleration.effect.empty() && toleration.effect != taint.effect) {
    return false;
  }
  if (!toleration.key.empty() && toleration.key != taint.key) {
    return false;
  }
  if (toleration.op == "Exists") {
    return true;
  }
  return (toleration.op.empty() || toleration.op == "Equal") && !toleration.key.empty() &&
         toleration.value == taint.value;
}

std::uint64_t head_of(std::string_view text) {
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < sizeof head; ++i) {
    head = head << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0u);
  }
  return head;
}

bool is_movable(const k8s::Pod& pod) {
  return is_active(pod) && !tolerates_disruption(pod) && !is_mirror_pod(pod);
}

}  // namespace

bool is_terminal(const k8s::Pod& pod) {
  const std::string_view phase = pod.status.phase;  // Compared by length first.
  return phase == "Failed" || phase == "Succeeded";
}

bool is_terminating(const k8s::Pod& pod) {
  return pod.meta.is_deleting();
}

bool is_active(const k8s::Pod& pod) {
  return !is_terminal(pod) && !is_terminating(pod);
}

bool is_daemon_pod(const k8s::Pod& pod) {
  return is_owned_by(pod, "apps/v1", "DaemonSet");
}

bool is_mirror_pod(const k8s::Pod& pod) {
  return is_owned_by(pod, "v1", "Node");
}

bool is_stateful_pod(const k8s::Pod& pod) {
  return is_owned_by(pod, "apps/v1", "StatefulSet");
}

bool is_critical(const k8s::Pod& pod) {
  return pod.spec.priority_class_name == "system-cluster-critical" ||
         pod.spec.priority_class_name == "system-node-critical";
}

bool is_stuck_terminating(const k8s::Pod& pod, k8s::TimeNs now) {
  return is_terminating(pod) && now - pod.meta.deletion_time > k8s::kMinute;
}

bool is_reschedulable(const k8s::Pod& pod) {
  return (is_active(pod) || (is_stateful_pod(pod) && is_terminating(pod))) && !is_daemon_pod(pod) &&
         !is_mirror_pod(pod);
}

bool tolerates(const k8s::Pod& pod, const k8s::Taint& taint) {
  return std::ranges::any_of(pod.spec.tolerations,
                             [&](const k8s::Toleration& t) { return matches(t, taint); });
}

bool tolerates_disruption(const k8s::Pod& pod) {
  return !pod.spec.tolerations.empty() && tolerates(pod, disrupted_taint());
}

// DIS-34
DoNotDisrupt do_not_disrupt(const k8s::Pod& pod, k8s::TimeNs now) {
  const std::string* value = pod.meta.annotation(kDoNotDisruptAnnotation);
  if (value == nullptr) {
    return {};
  }
  if (*value == "true") {
    return {.is_active = true};
  }
  const base::Result<k8s::DurationNs> duration = k8s::parse_duration(*value);
  if (!duration) {
    return {.error =
                "failed to parse \"" + *value + "\" as a duration: " + duration.error().detail};
  }
  if (*duration <= 0) {
    return {.error = "duration \"" + *value + "\" must be positive"};
  }
  if (pod.status.start_time == 0) {
    return {.is_active = true, .until = 0};
  }
  const k8s::TimeNs until = pod.status.start_time + *duration;
  return {.is_active = now < until, .until = until};
}

bool is_drainable(const k8s::Pod& pod, k8s::TimeNs now) {
  return !tolerates_disruption(pod) && !is_stuck_terminating(pod, now) && !is_mirror_pod(pod);
}

bool is_waiting_eviction(const k8s::Pod& pod, k8s::TimeNs now) {
  return !is_terminal(pod) && is_drainable(pod, now);
}

bool is_evictable(const k8s::Pod& pod, k8s::TimeNs now) {
  return is_movable(pod) && !do_not_disrupt(pod, now).is_active;
}

PodTraits traits_of(const k8s::Pod& pod) {
  return {.is_active = is_active(pod),
          .is_bound = !pod.spec.node_name.empty(),
          .is_pending = pod.status.phase == "Pending",
          .is_reschedulable = is_reschedulable(pod),
          .is_movable = is_movable(pod),
          .has_do_not_disrupt = pod.meta.annotation(kDoNotDisruptAnnotation) != nullptr,
          .eviction_cost = eviction_cost(pod),
          .created = pod.meta.creation_time,
          .uid_head = head_of(pod.meta.uid)};
}

double eviction_cost(const k8s::Pod& pod) {
  constexpr double kDeletionCostScale = 1 << 27;
  constexpr double kPriorityScale = 1 << 25;
  double cost = 1.0;
  if (const std::string* text = pod.meta.annotation("controller.kubernetes.io/pod-deletion-cost")) {
    double value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error == std::errc{} && end == text->data() + text->size()) {
      cost += value / kDeletionCostScale;
    }
  }
  cost += static_cast<double>(pod.spec.priority.value_or(0)) / kPriorityScale;
  return std::clamp(cost, -10.0, 10.0);
}

bool same_taint(const k8s::Taint& a, const k8s::Taint& b) {
  return a.key == b.key && a.effect == b.effect;
}

k8s::Taint disrupted_taint() {
  return {.key = std::string(kDisruptedTaint), .value = "", .effect = std::string(kNoSchedule)};
}

bool is_disrupted(const k8s::Node& node) {
  return std::ranges::any_of(node.taints, [](const k8s::Taint& taint) {
    return taint.key == kDisruptedTaint && taint.effect == kNoSchedule;
  });
}

k8s::Taint unregistered_taint() {
  return {.key = std::string(kUnregisteredTaint), .value = "", .effect = std::string(kNoExecute)};
}

bool is_ephemeral_taint(const k8s::Taint& taint) {
  if (taint.key == "node.kubernetes.io/not-ready") {
    return taint.effect == kNoSchedule || taint.effect == kNoExecute;
  }
  if (taint.key == "node.kubernetes.io/unreachable" ||
      taint.key == "node.cloudprovider.kubernetes.io/uninitialized") {
    return taint.effect == kNoSchedule;
  }
  return (taint.key == kUnregisteredTaint && taint.effect == kNoExecute) ||
         taint.key.starts_with("readiness.k8s.io/");
}

}  // namespace world

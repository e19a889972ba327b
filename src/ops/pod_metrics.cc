#include "ops/pod_metrics.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "control/metrics.h"
#include "k8s/codec.h"
#include "k8s/time.h"
#include "plan/provisionable.h"
#include "world/pods.h"

namespace ops {

namespace {

using namespace std::string_view_literals;
using runtime::MetricFacts;
using enum runtime::MetricType;

constexpr std::array kPodLabels{"name"sv, "namespace"sv};

constexpr MetricFacts kUnstarted{"karpenter_pods_unstarted_time_seconds",
                                 kGauge,
                                 "Age of pods that are not ready yet.",
                                 kPodLabels};
constexpr MetricFacts kUnbound{"karpenter_pods_unbound_time_seconds",
                               kGauge,
                               "Age of pods that have no node yet.",
                               kPodLabels};
constexpr MetricFacts kProvisioningUnstarted{
    "karpenter_pods_provisioning_unstarted_time_seconds",
    kGauge,
    "Time since a plan had room for pods that are not ready yet.",
    kPodLabels};
constexpr MetricFacts kProvisioningUnbound{
    "karpenter_pods_provisioning_unbound_time_seconds",
    kGauge,
    "Time since a plan had room for pods that have no node yet.",
    kPodLabels};
constexpr MetricFacts kUndecided{"karpenter_pods_provisioning_scheduling_undecided_time_seconds",
                                 kGauge,
                                 "Time since pods were seen that no plan has decided about yet.",
                                 kPodLabels};

k8s::TimeNs transition_of(const k8s::Condition* condition, k8s::TimeNs now) {
  return condition != nullptr && condition->last_transition != 0 ? condition->last_transition : now;
}

}  // namespace

void PodMetrics::on_event(const k8s::ObjectEvent& event, k8s::TimeNs now, base::Instant instant) {
  if (event.object == nullptr || event.kind != k8s::Kind::kPod) {
    return;
  }
  const auto& pod = k8s::as<k8s::Pod>(*event.object);
  if (event.op == k8s::EventOp::kDeleted || world::is_terminal(pod)) {
    waits_.erase(pod.meta.uid);  // OPR-67: nothing is observed.
    return;
  }
  auto found = waits_.find(pod.meta.uid);
  if (found == waits_.end()) {
    if (pod.status.phase != "Pending") {
      return;
    }
    found = waits_
                .emplace(pod.meta.uid,
                         Wait{.name = pod.meta.name,
                              .namespace_ = pod.meta.namespace_,
                              .created = pod.meta.creation_time})
                .first;
  }
  Wait& wait = found->second;
  if (!wait.acknowledged && plan::is_provisionable(pod)) {
    wait.acknowledged = now;
  }
  const k8s::Condition* scheduled = k8s::find_condition(pod.status.conditions, "PodScheduled");
  const bool is_scheduled = scheduled != nullptr && scheduled->status == "True";
  if (!wait.is_bound && (is_scheduled || !pod.spec.node_name.empty())) {
    on_bound(wait, transition_of(is_scheduled ? scheduled : nullptr, now));
  }
  const k8s::Condition* ready = k8s::find_condition(pod.status.conditions, "Ready");
  if (ready != nullptr && ready->status == "True") {
    on_ready(wait, transition_of(ready, now), instant);
    waits_.erase(found);
  }
}

void PodMetrics::on_bound(Wait& wait, k8s::TimeNs at) {
  using namespace control::metric;
  wait.is_bound = true;
  if (!is_observing_) {
    return;
  }
  metrics_.at(kPodsBoundDuration).observe(k8s::to_seconds(at - wait.created));
  if (wait.schedulable) {
    metrics_.at(kPodsProvisioningBoundDuration).observe(k8s::to_seconds(at - *wait.schedulable));
  }
}

void PodMetrics::on_ready(const Wait& wait, k8s::TimeNs at, base::Instant instant) {
  using namespace control::metric;
  if (!is_observing_) {
    return;
  }
  metrics_.at(kPodsStartupDuration).observe(k8s::to_seconds(at - wait.created), instant);
  if (wait.schedulable) {
    metrics_.at(kPodsProvisioningStartupDuration).observe(k8s::to_seconds(at - *wait.schedulable));
  }
}

void PodMetrics::on_plan(const world::Snapshot& planned, const plan::Plan& plan, k8s::TimeNs now) {
  const auto decide_all = [&](const std::vector<world::PodId>& pods) {
    for (const world::PodId id : pods) {
      decide(*planned.pods[id].pod, true, now);
    }
  };
  for (const plan::PlannedClaim& claim : plan.claims) {
    decide_all(claim.pods);
  }
  for (const plan::ExistingPlacement& placement : plan.existing) {
    decide_all(placement.pods);
  }
  for (const plan::Unplaced& unplaced : plan.unplaced) {
    decide(*planned.pods[unplaced.pod].pod, false, now);
  }
}

void PodMetrics::decide(const k8s::Pod& pod, bool has_room, k8s::TimeNs now) {
  const auto found = waits_.find(pod.meta.uid);
  if (found == waits_.end()) {
    return;
  }
  Wait& wait = found->second;
  if (!wait.is_decided && wait.acknowledged) {
    metrics_.at(control::metric::kPodsDecisionDuration)
        .observe(k8s::to_seconds(now - *wait.acknowledged));
  }
  wait.is_decided = true;
  if (has_room && !wait.schedulable) {
    wait.schedulable = now;
  }
}

void PodMetrics::write(runtime::MetricWriter& out, k8s::TimeNs now) const {
  if (!is_observing_) {
    return;
  }
  std::vector<const Wait*> waits;
  waits.reserve(waits_.size());
  for (const auto& [uid, wait] : waits_) {
    waits.push_back(&wait);
  }
  std::ranges::sort(waits, [](const Wait* a, const Wait* b) {
    return std::tie(a->namespace_, a->name, a->created) <
           std::tie(b->namespace_, b->name, b->created);
  });
  const auto family = [&](const MetricFacts& facts, auto since) {
    out.begin(facts);
    for (const Wait* wait : waits) {
      const std::optional<k8s::TimeNs> begin = since(*wait);
      if (begin) {
        out.sample(std::array{std::string_view(wait->name), std::string_view(wait->namespace_)},
                   k8s::to_seconds(now - *begin));
      }
    }
  };
  const auto unless = [](bool is_over, std::optional<k8s::TimeNs> time) {
    return is_over ? std::nullopt : time;
  };
  family(kUnstarted, [&](const Wait& wait) { return std::optional(wait.created); });
  family(kUnbound, [&](const Wait& wait) { return unless(wait.is_bound, wait.created); });
  family(kProvisioningUnstarted, [&](const Wait& wait) { return wait.schedulable; });
  family(kProvisioningUnbound,
         [&](const Wait& wait) { return unless(wait.is_bound, wait.schedulable); });
  family(kUndecided, [&](const Wait& wait) {
    return unless(wait.is_bound || wait.is_decided, wait.acknowledged);
  });
}

}  // namespace ops

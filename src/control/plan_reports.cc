#include "control/plan_reports.h"

#include "base/text.h"
#include "control/changes.h"
#include "control/log_text.h"
#include "k8s/codec.h"
#include "k8s/conditions.h"
#include "plan/buffers.h"

namespace control {

void PlanReports::announce(const world::Snapshot& planned,
                           const plan::Plan& plan,
                           k8s::TimeNs now) {
  preferences(planned, plan, now);
  filtered_pools(planned, plan);
  if (plan.claims.empty()) {
    return;
  }
  std::vector<std::string> names;
  for (const auto& claim : plan.claims) {
    for (const world::PodId id : claim.pods) {
      const k8s::ObjectMeta& meta = planned.pods[id].pod->meta;
      names.push_back(base::concat(meta.namespace_, "/", meta.name));
    }
  }
  log_.info("found provisionable pod(s)", {{"Pods", some_of(names, 5)}});
  log_.info("computed new nodeclaim(s) to fit pod(s)",
            {{"nodeclaims", static_cast<std::int64_t>(plan.claims.size())},
             {"pods", static_cast<std::int64_t>(names.size())}});
}

// SCH-89
void PlanReports::preferences(const world::Snapshot& planned,
                              const plan::Plan& plan,
                              k8s::TimeNs now) {
  if (config_.plan.preference_policy == plan::PreferencePolicy::kIgnore) {
    return;
  }
  std::vector<world::PodId> pods;
  for (const auto& claim : plan.claims) {
    pods.insert(pods.end(), claim.pods.begin(), claim.pods.end());
  }
  for (const auto& placement : plan.existing) {
    pods.insert(pods.end(), placement.pods.begin(), placement.pods.end());
  }
  for (const auto& unplaced : plan.unplaced) {
    pods.push_back(unplaced.pod);
  }
  for (const PreferenceLog::Line& line : preferences_.due(planned, pods, now)) {
    log_.info(line.message, {{"pods", some_of(line.pods, 10)}});
  }
}

// SCH-130
void PlanReports::filtered_pools(const world::Snapshot& planned, const plan::Plan& plan) {
  for (const std::string& warning : plan.warnings) {
    log_.error("ignoring nodepool", {{"error", warning}});
  }
  for (const auto& [name, text] : plan.filtered_pools) {
    if (const auto row = world::find_pool(planned, name)) {
      actor_.perform(event(kProvisionerCause,
                           *row->pool,
                           {.type = "Warning",
                            .reason = "NoCompatibleInstanceTypes",
                            .message = text,
                            .dedupe_for = k8s::kMinute},
                           {row->pool->meta.uid}));
    }
  }
}

void PlanReports::buffers(const world::Snapshot& planned, const plan::Plan& plan, k8s::TimeNs now) {
  for (const plan::BufferOutcome& outcome : plan::buffer_outcomes(planned, plan)) {
    if (!outcome.provisioning) {
      continue;
    }
    k8s::CapacityBuffer after = *outcome.buffer;
    k8s::upsert_condition(after.conditions, *outcome.provisioning, now);
    Step step;
    write_status(step, kProvisionerCause, *outcome.buffer, after, Lock::kYes);
    for (act::Effect& effect : step.effects) {
      actor_.perform(std::move(effect));
    }
  }
}

void PlanReports::created(const k8s::NodeClaim& claim, const plan::PlannedClaim& planned) {
  log_.info("created nodeclaim",
            {{"NodePool", runtime::object_reference(planned.pool()->meta.name)},
             {"NodeClaim", runtime::object_reference(claim.meta.name)},
             {"requests", runtime::json(k8s::encode_resources(claim.spec.requests))},
             {"instance-types", some_of(planned.instance_types(), 5)}});
}

void PlanReports::not_created(const std::string& claim, const base::Error& error) {
  log_.error("creating nodeclaim", {{"NodeClaim", claim}, {"error", error}});
}

void PlanReports::over_limits(const std::string& pool) {
  log_.error(
      "creating nodeclaim",
      {{"NodePool", runtime::object_reference(pool)}, {"error", "resource usage exceeds limit"}});
}

void PlanReports::nominated(const k8s::Pod& pod, const std::string& where) {
  act::Effect effect = event(
      kProvisionerCause,
      pod,
      {.type = "Normal", .reason = "Nominated", .message = "Pod should schedule on: " + where},
      {pod.meta.uid});
  std::get<act::PublishEvent>(effect.action).is_rate_limited = true;
  actor_.perform(std::move(effect));
}

void PlanReports::failed(const k8s::Pod& pod, const std::string& reason) {
  log_.error(
      "could not schedule pod",
      {{"Pod", runtime::object_reference(pod.meta.name, pod.meta.namespace_)}, {"error", reason}});
  actor_.perform(event(kProvisionerCause,
                       pod,
                       {.type = "Warning",
                        .reason = "FailedScheduling",
                        .message = "Failed to schedule pod, " + reason,
                        .dedupe_for = 5 * k8s::kMinute},
                       {pod.meta.uid}));
}

}  // namespace control

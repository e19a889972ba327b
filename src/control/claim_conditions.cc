#include "control/claim_conditions.h"

#include "control/changes.h"
#include "control/drift.h"
#include "k8s/conditions.h"

namespace control {

namespace {

constexpr std::string_view kConditionsCause = "nodeclaim.disruption";

void set_drifted(const View& view,
                 const world::PoolRow& pool,
                 const k8s::NodeClaim& claim,
                 std::vector<k8s::Condition>& next,
                 Step& step) {
  constexpr k8s::DurationNs kPeriod = 5 * k8s::kMinute;
  k8s::ConditionSet set(next, k8s::Kind::kNodeClaim, claim.meta);
  if (!k8s::is_true(claim.status.conditions, "Launched")) {
    set.clear("Drifted");
    return;
  }
  const std::string reason = find_drift(view, pool, claim);
  if (reason.empty()) {
    set.clear("Drifted");
  } else {
    k8s::Condition condition;
    condition.type = "Drifted";
    condition.status = k8s::kTrue;
    condition.reason = reason;
    condition.message = reason;
    set.set(std::move(condition), view.now);
  }
  step.wake(view.now + kPeriod);
}

// DIS-187
void set_consolidatable(const View& view,
                        const k8s::NodePool& pool,
                        const k8s::NodeClaim& claim,
                        std::vector<k8s::Condition>& next,
                        Step& step) {
  k8s::ConditionSet set(next, k8s::Kind::kNodeClaim, claim.meta);
  const k8s::Condition* initialized = k8s::find_condition(claim.status.conditions, "Initialized");
  if (!pool.disruption.consolidate_after || initialized == nullptr ||
      initialized->status != k8s::kTrue) {
    set.clear("Consolidatable");
    return;
  }
  const k8s::TimeNs start =
      claim.status.last_pod_event != 0 ? claim.status.last_pod_event : initialized->last_transition;
  const k8s::TimeNs due = start + *pool.disruption.consolidate_after;
  if (*pool.disruption.consolidate_after > 0 && view.now < due) {
    set.clear("Consolidatable");
    step.wake(due);
    return;
  }
  set.set_true("Consolidatable", view.now);
}

}  // namespace

Step reconcile_claim_conditions(const View& view, const std::string& claim_name) {
  Step step;
  const auto id = view.world.find_claim(claim_name);
  if (!id) {
    return step;
  }
  const world::NodeRow& row = view.snapshot.nodes[*id];
  const k8s::NodeClaim& claim = *row.claim;
  const std::string* name = row.claim.labels().pool;
  const auto pool = name == nullptr ? nullptr : world::find_pool(view.snapshot, *name);
  // The first conditions are written together with what was launched.
  if (claim.meta.is_deleting() || pool == nullptr || claim.status.conditions.empty()) {
    return step;
  }
  std::vector<k8s::Condition> next = claim.status.conditions;
  set_drifted(view, *pool, claim, next, step);
  if (!pool->pool->replicas) {
    set_consolidatable(view, *pool->pool, claim, next, step);
  }
  write_conditions(step, kConditionsCause, claim, std::move(next), Lock::kYes);
  return step;
}

}  // namespace control

#include "control/pool_health.h"

#include <algorithm>

#include "base/text.h"
#include "control/changes.h"
#include "k8s/conditions.h"
#include "world/names.h"

namespace control {

namespace {

constexpr std::string_view kPoolHealthCause = "nodepool.registrationhealth";
constexpr std::string_view kHealthy = "NodeRegistrationHealthy";

// LIF-212: two failures among the last four.
bool is_unhealthy(const std::vector<bool>& results) {
  return std::ranges::count(results, false) >= 2;
}

// The results as they would be with one more; seeded by the condition (LIF-163 a, LIF-213).
std::vector<bool> results_with(const View& view, const k8s::NodePool& pool, bool is_success) {
  std::vector<bool> results;
  const auto found = view.memory.registrations.find(pool.meta.uid);
  if (found != view.memory.registrations.end()) {
    results = found->second;
  } else if (const auto* c = k8s::find_condition(pool.conditions, kHealthy)) {
    if (c->status == k8s::kTrue) {
      results = {true};
    } else if (c->status == k8s::kFalse) {
      results = {false, false};
    }
  }
  results.push_back(is_success);
  if (results.size() > 4) {
    results.erase(results.begin());
  }
  return results;
}

std::optional<std::int64_t> class_generation(const View& view, const k8s::NodeClassRef& ref) {
  for (const auto& node_class : view.snapshot.ec2_classes) {
    if (ref.kind == "EC2NodeClass" && node_class->meta.name == ref.name) {
      return node_class->meta.generation;
    }
  }
  for (const auto& node_class : view.snapshot.kwok_classes) {
    if (ref.kind == "KWOKNodeClass" && node_class->meta.name == ref.name) {
      return node_class->meta.generation;
    }
  }
  return std::nullopt;
}

}  // namespace

void record_registration(const View& view,
                         const k8s::NodeClaim& claim,
                         bool is_success,
                         Step& step) {
  const std::string* name = claim.meta.label(world::kPoolLabel);
  const auto row = name != nullptr ? world::find_pool(view.snapshot, *name) : nullptr;
  const k8s::NodePool* pool = row != nullptr ? row->pool.get() : nullptr;
  const bool is_owned =
      pool != nullptr && std::ranges::any_of(claim.meta.owners, [&](const auto& o) {
        return o.kind == "NodePool" && o.uid == pool->meta.uid;
      });
  if (!is_owned) {
    return;
  }
  k8s::NodePool next = *pool;
  k8s::ConditionSet set(next.conditions, k8s::Kind::kNodePool, pool->meta);
  const bool turns_bad = is_unhealthy(results_with(view, *pool, is_success));
  if (is_success && !turns_bad) {
    set.set_true(kHealthy, view.now);
  } else if (!is_success && turns_bad) {
    const k8s::Condition* launched = k8s::find_condition(claim.status.conditions, "Launched");
    if (launched == nullptr || launched->status == k8s::kTrue) {
      set.set_false(kHealthy, "RegistrationFailed", "Failed to register node", view.now);
    } else {
      set.set_false(kHealthy, launched->reason, launched->message, view.now);
    }
  }
  write_status(step, kPoolHealthCause, *pool, next, Lock::kYes);
  step.registrations.emplace_back(pool->meta.uid, is_success);
}

Step reconcile_registration_health(const View& view, const std::string& pool_name) {
  Step step;
  const auto row = world::find_pool(view.snapshot, pool_name);
  if (row == nullptr) {
    return step;
  }
  const auto& pool = row->pool;
  const auto generation = class_generation(view, pool->template_spec.node_class);
  if (!generation) {
    return step;
  }
  k8s::NodePool next = *pool;
  k8s::ConditionSet set(next.conditions, k8s::Kind::kNodePool, pool->meta);
  const k8s::Condition* condition = k8s::find_condition(pool->conditions, kHealthy);
  if (condition == nullptr || pool->node_class_observed_generation != *generation ||
      condition->observed_generation != pool->meta.generation) {
    set.set_unknown(
        kHealthy, "AwaitingReconciliation", "object is awaiting reconciliation", view.now);
    step.forgotten_registrations.push_back(pool->meta.uid);
  }
  next.node_class_observed_generation = *generation;
  write_status(step, kPoolHealthCause, *pool, next, Lock::kYes);
  return step;
}

}  // namespace control

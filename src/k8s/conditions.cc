#include "k8s/conditions.h"

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace k8s {
namespace {

constexpr std::array<std::string_view, 3> kNodeClaimDependents = {
    "Launched", "Registered", "Initialized"};
constexpr std::array<std::string_view, 2> kNodePoolDependents = {"ValidationSucceeded",
                                                                 "NodeClassReady"};
constexpr std::array<std::string_view, 1> kNodeOverlayDependents = {"ValidationSucceeded"};
// Of the gates, ReservedCapacity is on by default.
constexpr std::array<std::string_view, 7> kEC2NodeClassDependents = {"AMIsReady",
                                                                     "SubnetsReady",
                                                                     "SecurityGroupsReady",
                                                                     "InstanceProfileReady",
                                                                     "ValidationSucceeded",
                                                                     "PlacementGroupReady",
                                                                     "CapacityReservationsReady"};

Condition* find_mutable(std::vector<Condition>& conditions, std::string_view type) {
  const auto it = std::ranges::find(conditions, type, &Condition::type);
  return it == conditions.end() ? nullptr : &*it;
}

// LIF-12: by age of the status, the root last.
bool precedes(const Condition& a, const Condition& b) {
  const bool a_is_root = a.type == kReady;
  const bool b_is_root = b.type == kReady;
  return a_is_root != b_is_root ? b_is_root : a.last_transition < b.last_transition;
}

}  // namespace

const Condition* find_condition(const std::vector<Condition>& conditions, std::string_view type) {
  const auto it = std::ranges::find(conditions, type, &Condition::type);
  return it == conditions.end() ? nullptr : &*it;
}

bool is_true(const std::vector<Condition>& conditions, std::string_view type) {
  const Condition* found = find_condition(conditions, type);
  return found != nullptr && found->status == kTrue;
}

std::span<const std::string_view> dependent_conditions(Kind kind) {
  if (kind == Kind::kNodeClaim) {
    return kNodeClaimDependents;
  }
  if (kind == Kind::kNodePool) {
    return kNodePoolDependents;
  }
  if (kind == Kind::kNodeOverlay) {
    return kNodeOverlayDependents;
  }
  if (kind == Kind::kEC2NodeClass) {
    return kEC2NodeClassDependents;
  }
  return {};
}

bool upsert_condition(std::vector<Condition>& conditions, Condition condition, TimeNs now) {
  Condition* existing = find_mutable(conditions, condition.type);
  if (existing == nullptr) {
    condition.last_transition = now;
    conditions.push_back(std::move(condition));
    return true;
  }
  const bool same_status = existing->status == condition.status;
  const bool changed = !same_status || existing->reason != condition.reason ||
                       existing->message != condition.message ||
                       existing->observed_generation != condition.observed_generation;
  condition.last_transition = same_status ? existing->last_transition : now;
  *existing = std::move(condition);
  return changed;
}

bool is_in_order(const std::vector<Condition>& conditions) {
  return std::ranges::is_sorted(conditions, precedes);
}

ConditionSet::ConditionSet(std::vector<Condition>& conditions, Kind kind, const ObjectMeta& meta)
    : conditions_(conditions), dependents_(dependent_conditions(kind)), meta_(meta) {
  const auto add_missing = [&](std::string_view type) {
    if (find_condition(conditions_, type) != nullptr) {
      return;
    }
    Condition condition;
    condition.type = type;
    condition.status = kUnknown;
    condition.reason = "AwaitingReconciliation";
    condition.message = "object is awaiting reconciliation";
    condition.last_transition = meta_.creation_time;
    condition.observed_generation = meta_.generation;
    conditions_.push_back(std::move(condition));
  };
  add_missing(kReady);
  std::ranges::for_each(dependents_, add_missing);
  sort();
}

bool ConditionSet::set(Condition condition, TimeNs now) {
  const bool is_root = condition.type == kReady;
  bool changed = store(std::move(condition), now);
  if (!is_root) {
    changed = recompute_root(now) || changed;
  }
  return changed;
}

bool ConditionSet::set_true(std::string_view type, TimeNs now) {
  Condition condition;
  condition.type = type;
  condition.status = kTrue;
  condition.reason = type;
  return set(std::move(condition), now);
}

bool ConditionSet::set_false(std::string_view type,
                             std::string reason,
                             std::string message,
                             TimeNs now) {
  Condition condition;
  condition.type = type;
  condition.status = kFalse;
  condition.reason = std::move(reason);
  condition.message = std::move(message);
  return set(std::move(condition), now);
}

bool ConditionSet::set_unknown(std::string_view type,
                               std::string reason,
                               std::string message,
                               TimeNs now) {
  Condition condition;
  condition.type = type;
  condition.status = kUnknown;
  condition.reason = std::move(reason);
  condition.message = std::move(message);
  return set(std::move(condition), now);
}

bool ConditionSet::clear(std::string_view type) {
  ASSERT(type != kReady && !is_dependent(type));
  if (std::erase_if(conditions_, [&](const Condition& c) { return c.type == type; }) == 0) {
    return false;
  }
  std::ranges::stable_sort(conditions_, {}, &Condition::type);  // LIF-12
  return true;
}

bool ConditionSet::is_dependent(std::string_view type) const {
  return std::ranges::find(dependents_, type) != dependents_.end();
}

bool ConditionSet::store(Condition condition, TimeNs now) {
  condition.observed_generation = meta_.generation;
  bool changed = false;
  if (Condition* existing = find_mutable(conditions_, condition.type); existing != nullptr) {
    const bool same_status = existing->status == condition.status;
    condition.last_transition = same_status ? existing->last_transition : now;
    changed = !same_status || existing->reason != condition.reason ||
              existing->message != condition.message ||
              existing->observed_generation != condition.observed_generation;
    *existing = std::move(condition);
  } else {
    condition.last_transition = now;
    conditions_.push_back(std::move(condition));
    changed = true;
  }
  if (meta_.is_deleting()) {  // LIF-11
    for (Condition& other : conditions_) {
      changed = changed || other.observed_generation != meta_.generation;
      other.observed_generation = meta_.generation;
    }
  }
  sort();
  return changed;
}

bool ConditionSet::recompute_root(TimeNs now) {  // LIF-14
  std::vector<const Condition*> unhealthy;
  bool is_false = false;
  for (const std::string_view type : dependents_) {
    const Condition* c = find_condition(conditions_, type);
    const bool is_current = c->observed_generation == meta_.generation;
    if (c->status != kTrue || !is_current) {
      unhealthy.push_back(c);
      is_false = is_false || (c->status == kFalse && is_current);
    }
  }
  Condition root;
  root.type = kReady;
  root.status = unhealthy.empty() ? kTrue : is_false ? kFalse : kUnknown;
  root.reason = unhealthy.empty() ? "Ready"
                : is_false        ? "UnhealthyDependents"
                                  : "ReconcilingDependents";
  std::ranges::stable_sort(unhealthy, std::ranges::greater(), &Condition::last_transition);
  for (const Condition* c : unhealthy) {
    root.message += (root.message.empty() ? "" : ", ") + c->type + "=" + c->status;
  }
  return store(std::move(root), now);
}

void ConditionSet::sort() {
  if (!is_in_order(conditions_)) {
    std::ranges::stable_sort(conditions_, precedes);
  }
}

}  // namespace k8s

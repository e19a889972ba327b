#include "control/pools.h"

#include <algorithm>

#include "base/text.h"
#include "control/changes.h"
#include "k8s/conditions.h"
#include "k8s/schema/runtime_validation.h"
#include "world/names.h"
#include "world/pool_hash.h"

namespace control {

namespace {

struct ClassState {
  const k8s::ObjectMeta* meta = nullptr;
  const std::vector<k8s::Condition>* conditions = nullptr;
};

ClassState find_class(const View& view, const k8s::NodeClassRef& ref) {
  const auto search = [&](const auto& list) -> ClassState {
    for (const auto& item : list) {
      if (item->meta.name == ref.name) {
        return {&item->meta, &item->conditions};
      }
    }
    return {};
  };
  return ref.kind == "KWOKNodeClass" ? search(view.snapshot.kwok_classes)
                                     : search(view.snapshot.ec2_classes);
}

void set_class_ready(const ClassState& state, k8s::ConditionSet& set, k8s::TimeNs now) {
  constexpr std::string_view kType = "NodeClassReady";
  if (state.meta == nullptr) {
    set.set_false(kType, "NodeClassNotFound", "NodeClass not found on cluster", now);
    return;
  }
  if (state.meta->is_deleting()) {
    set.set_false(kType, "NodeClassTerminating", "NodeClass is Terminating", now);
    return;
  }
  const k8s::Condition* ready = k8s::find_condition(*state.conditions, k8s::kReady);
  if (ready == nullptr || ready->status == k8s::kUnknown) {
    set.set_false(kType, "NodeClassReadinessUnknown", "Node Class Readiness Unknown", now);
  } else if (ready->status == k8s::kFalse) {
    set.set_false(kType, ready->reason, ready->message, now);
  } else {
    set.set_true(kType, now);
  }
}

// API-190. True when a claim had to be brought to the current version first.
bool migrate_claims(const View& view, const k8s::NodePool& pool, Step& step) {
  view.snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (row.claim == nullptr) {
      return;
    }
    const std::string* owner = row.claim.labels().pool;
    if (owner == nullptr || *owner != pool.meta.name) {
      return;
    }
    const std::string* version = row.claim->meta.annotation(world::kPoolHashVersionAnnotation);
    if (version != nullptr && *version == world::kPoolHashVersion) {
      return;
    }
    k8s::NodeClaim next = *row.claim;
    next.meta.annotations[std::string(world::kPoolHashVersionAnnotation)] = world::kPoolHashVersion;
    if (k8s::find_condition(row.claim->status.conditions, "Drifted") == nullptr) {
      next.meta.annotations[std::string(world::kPoolHashAnnotation)] = world::pool_hash(pool);
    }
    write_main(step, "nodepool.hash", *row.claim, next, Lock::kNo);
  });
  return !step.effects.empty();
}

}  // namespace

k8s::schema::Flavour flavour_of(const k8s::NodeClassRef& ref) {
  using enum k8s::schema::Flavour;
  return ref.kind == "EC2NodeClass" ? kAws : ref.kind == "KWOKNodeClass" ? kKwok : kCore;
}

Step reconcile_counter(const View& view, const std::string& pool_name) {
  constexpr k8s::DurationNs kPeriod = 5 * k8s::kSecond;
  Step step;
  const auto row = world::find_pool(view.snapshot, pool_name);
  if (row == nullptr) {
    return step;
  }
  if (!view.snapshot.is_synced) {
    step.wake(view.now + k8s::kSecond);
    return step;
  }
  k8s::NodePool next = *row->pool;
  next.status_resources = {};
  for (const char* name : {"cpu", "memory", "pods", "ephemeral-storage", "nodes"}) {
    next.status_resources.set(name, k8s::Quantity{});
  }
  for (const auto& [name, quantity] : row->usage) {
    next.status_resources.set(name, quantity);
  }
  next.status_nodes = next.status_resources.get("nodes").value();
  if (next.status_resources != row->pool->status_resources ||
      next.status_nodes != row->pool->status_nodes) {
    write_status(step, "nodepool.counter", *row->pool, next, Lock::kNo);
  }
  step.wake(view.now + kPeriod);
  return step;
}

Step reconcile_hash(const View& view, const std::string& pool_name) {
  Step step;
  const auto row = world::find_pool(view.snapshot, pool_name);
  if (row == nullptr) {
    return step;
  }
  const k8s::NodePool& pool = *row->pool;
  // API-189, and whatever the pool says already: the watch of claims may be behind that of pools.
  if (migrate_claims(view, pool, step)) {
    step.wake(view.now + k8s::kSecond);
    return step;
  }
  k8s::NodePool next = pool;
  next.meta.annotations[std::string(world::kPoolHashAnnotation)] = world::pool_hash(pool);
  next.meta.annotations[std::string(world::kPoolHashVersionAnnotation)] = world::kPoolHashVersion;
  write_main(step, "nodepool.hash", pool, next, Lock::kNo);
  return step;
}

Step reconcile_readiness(const View& view, const std::string& pool_name) {
  Step step;
  const auto row = world::find_pool(view.snapshot, pool_name);
  if (row == nullptr) {
    return step;
  }
  k8s::NodePool next = *row->pool;
  k8s::ConditionSet set(next.conditions, k8s::Kind::kNodePool, row->pool->meta);
  set_class_ready(find_class(view, row->pool->template_spec.node_class), set, view.now);
  write_status(step, "nodepool.readiness", *row->pool, next, Lock::kYes);
  return step;
}

Step reconcile_validation(const View& view, const std::string& pool_name) {
  Step step;
  const auto row = world::find_pool(view.snapshot, pool_name);
  if (row == nullptr) {
    return step;
  }
  k8s::NodePool next = *row->pool;
  k8s::ConditionSet set(next.conditions, k8s::Kind::kNodePool, row->pool->meta);
  const auto problems =
      k8s::schema::validate_node_pool(*row->pool, flavour_of(row->pool->template_spec.node_class));
  if (problems.empty()) {
    set.set_true("ValidationSucceeded", view.now);
  } else {
    set.set_false(
        "ValidationSucceeded", "NodePoolValidationFailed", k8s::schema::joined(problems), view.now);
  }
  write_status(step, "nodepool.validation", *row->pool, next, Lock::kYes);
  return step;
}

}  // namespace control

// Initialization: a registered node becomes usable when it is Ready, its startup and ephemeral
// taints are gone and every requested resource is there (spec 04 s4.3).
#include <algorithm>
#include <map>

#include "base/text.h"
#include "control/changes.h"
#include "control/claim_lifecycle.h"
#include "world/names.h"
#include "world/pods.h"

namespace control {

namespace {

struct Obstacle {
  std::string reason = {};
  std::string message = {};
};

std::string text_of(const k8s::Taint& taint) {
  return taint.value.empty() ? base::concat(taint.key, ":", taint.effect)
                             : base::concat(taint.key, "=", taint.value, ":", taint.effect);
}

// LIF-92: published for this node, not for all of them.
bool is_local(const k8s::ResourceSlice& slice, const std::string& node) {
  return slice.reach.node_name == node ||
         std::ranges::any_of(slice.meta.owners, [&](const k8s::OwnerReference& owner) {
           return owner.kind == "Node" && owner.name == node;
         });
}

// LIF-92: has the driver a pool whose newest generation is there in full?
bool has_complete_pool(const world::Snapshot& snapshot,
                       const std::string& node,
                       std::string_view driver) {
  struct Newest {
    std::int64_t generation = -1;
    std::int64_t declared = 0;
    std::int64_t seen = 0;
  };

  std::map<std::string, Newest, std::less<>> pools;
  for (const auto& slice : snapshot.resource_slices) {
    if (slice->driver != driver || !is_local(*slice, node)) {
      continue;
    }
    Newest& pool = pools[slice->pool];
    if (slice->generation > pool.generation) {
      pool = {.generation = slice->generation, .declared = slice->slice_count, .seen = 0};
    }
    pool.seen += slice->generation == pool.generation ? 1 : 0;
  }
  return std::ranges::any_of(pools, [](const auto& entry) {
    return entry.second.declared > 0 && entry.second.seen == entry.second.declared;
  });
}

// LIF-92: the first driver, in the order of the annotation, that is not ready; empty: all are.
std::string missing_driver(const View& view, const world::NodeRow& row) {
  const std::string* wanted = row.claim->meta.annotation(world::kRequestedDriversAnnotation);
  if (wanted == nullptr || view.config.plan.ignore_dra_requests) {
    return {};
  }
  for (const std::string_view item : base::split(*wanted, ',')) {
    const std::string_view driver = base::trim(item);
    if (!driver.empty() && !has_complete_pool(view.snapshot, row.node->meta.name, driver)) {
      return std::string(driver);
    }
  }
  return {};
}

// LIF-91, in its order; an empty reason: nothing stands in the way.
Obstacle find_obstacle(const View& view, const world::NodeRow& row) {
  if (row.node == nullptr || row.is_duplicated) {
    return {"NodeNotFound", "Node not registered with cluster"};
  }
  if (!k8s::is_true(row.node->status.conditions, "Ready")) {
    return {"NodeNotReady", "Node status is NotReady"};
  }
  for (const k8s::Taint& startup : row.claim->spec.startup_taints) {
    for (const k8s::Taint& taint : row.node->taints) {
      if (world::same_taint(startup, taint)) {
        return {"StartupTaintsExist",
                base::concat("StartupTaint \"", text_of(taint), "\" still exists")};
      }
    }
  }
  for (const k8s::Taint& taint : row.node->taints) {
    if (world::is_ephemeral_taint(taint)) {
      return {"KnownEphemeralTaintsExist",
              base::concat("KnownEphemeralTaint \"", text_of(taint), "\" still exists")};
    }
  }
  for (const auto& [name, quantity] : row.claim->spec.requests) {
    if (!quantity.is_zero() && row.node->status.allocatable.get(name).is_zero()) {
      return {"ResourceNotRegistered",
              base::concat("Resource \"", name, "\" was requested but not registered")};
    }
  }
  if (const std::string driver = missing_driver(view, row); !driver.empty()) {
    return {"DRADriverPoolsNotPublished",
            base::concat("DRA driver \"", driver, "\" has not published a complete resource pool")};
  }
  return {};
}

}  // namespace

void initialize_claim(ClaimPass& pass) {
  if (pass.is_settled("Initialized") || !pass.is_true("Registered")) {
    return;
  }
  const Obstacle obstacle = find_obstacle(pass.view, pass.row);
  if (!obstacle.reason.empty()) {
    pass.conditions().set_unknown("Initialized", obstacle.reason, obstacle.message, pass.view.now);
    return;
  }
  k8s::Node next = *pass.row.node;
  next.meta.labels[std::string(world::kInitializedLabel)] = "true";
  if (write_main(pass.step, kLifecycle, *pass.row.node, next, Lock::kNo)) {
    return;  // LIF-93: the condition follows when the node shows the label.
  }
  pass.conditions().set_true("Initialized", pass.view.now);
  pass.step.log(runtime::LogLevel::kInfo,
                "initialized nodeclaim",
                {{"NodeClaim", runtime::object_reference(pass.claim.meta.name)},
                 {"Node", runtime::object_reference(pass.row.node->meta.name)}});
}

}  // namespace control

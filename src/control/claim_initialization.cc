// Initialization: a registered node becomes usable when it is Ready, its startup and ephemeral
// taints are gone and every requested resource is there (spec 04 s4.3).
#include <algorithm>

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

// LIF-91, in its order; an empty reason: nothing stands in the way.
Obstacle find_obstacle(const world::NodeRow& row) {
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
  return {};
}

}  // namespace

void initialize_claim(ClaimPass& pass) {
  if (pass.is_settled("Initialized") || !pass.is_true("Registered")) {
    return;
  }
  const Obstacle obstacle = find_obstacle(pass.row);
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

// Registration: the Node of a launched claim is found by provider id, given the claim's metadata
// and taints, and released to the scheduler (spec 04 s4.2).
#include <algorithm>

#include "base/text.h"
#include "control/changes.h"
#include "control/claim_lifecycle.h"
#include "control/pool_health.h"
#include "world/names.h"
#include "world/pods.h"

namespace control {

namespace {

bool has_taint(const std::vector<k8s::Taint>& taints, const k8s::Taint& taint) {
  return std::ranges::any_of(taints, [&](const auto& t) { return world::same_taint(t, taint); });
}

// LIF-18
void merge_taints(std::vector<k8s::Taint>& into, const std::vector<k8s::Taint>& added) {
  for (const k8s::Taint& taint : added) {
    if (!has_taint(into, taint)) {
      into.push_back(taint);
    }
  }
}

void add_owner(k8s::Node& node, const k8s::NodeClaim& claim) {
  const bool is_present = std::ranges::any_of(node.meta.owners, [&](const auto& owner) {
    return owner.api_version == "karpenter.sh/v1" && owner.kind == "NodeClaim" &&
           owner.uid == claim.meta.uid;
  });
  if (!is_present) {
    node.meta.owners.push_back({.api_version = "karpenter.sh/v1",
                                .kind = "NodeClaim",
                                .name = claim.meta.name,
                                .uid = claim.meta.uid,
                                .controller = false,
                                .block_owner_deletion = true});
  }
}

// What only we write, and all at once: from then on a startup taint that is missing was taken away
// by whoever had to (LIF-90).
bool was_synced(const k8s::Node& node, const k8s::NodeClaim& claim) {
  const std::string* label = node.meta.label(world::kRegisteredLabel);
  return label != nullptr && *label == "true" &&
         node.meta.has_finalizer(world::kTerminationFinalizer) &&
         std::ranges::any_of(node.meta.owners,
                             [&](const auto& owner) { return owner.uid == claim.meta.uid; });
}

// LIF-83, LIF-86
k8s::Node synced(const k8s::Node& node, const k8s::NodeClaim& claim) {
  k8s::Node next = node;
  if (!next.meta.has_finalizer(world::kTerminationFinalizer)) {
    next.meta.finalizers.emplace_back(world::kTerminationFinalizer);
  }
  add_owner(next, claim);
  const std::string* opt_out = node.meta.label(world::kDoNotSyncTaintsLabel);
  if ((opt_out == nullptr || *opt_out != "true") && !was_synced(node, claim)) {
    merge_taints(next.taints, claim.spec.taints);
    merge_taints(next.taints, claim.spec.startup_taints);
  }
  for (const auto& [key, value] : claim.meta.annotations) {
    next.meta.annotations[key] = value;
  }
  for (const auto& [key, value] : claim.meta.labels) {
    next.meta.labels[key] = value;
  }
  std::erase_if(next.taints, [](const k8s::Taint& taint) {
    return world::same_taint(taint, world::unregistered_taint());
  });
  next.meta.labels[std::string(world::kRegisteredLabel)] = "true";
  return next;
}

}  // namespace

void register_claim(ClaimPass& pass) {
  if (pass.is_settled("Registered")) {
    return;
  }
  const auto& node = pass.row.node;
  // The row was joined by the provider id of the persisted claim (LIF-80).
  if (node == nullptr || pass.claim.status.provider_id.empty()) {
    pass.conditions().set_unknown(
        "Registered", "NodeNotFound", "Node not registered with cluster", pass.view.now);
    return;
  }
  if (pass.row.is_duplicated) {
    pass.conditions().set_false("Registered",
                                "MultipleNodesFound",
                                "Invariant violated, matched multiple nodes",
                                pass.view.now);
    return;
  }
  const bool is_labelled = node->meta.label(world::kRegisteredLabel) != nullptr;
  if (!is_labelled && !has_taint(node->taints, world::unregistered_taint())) {
    pass.step.effects.push_back(
        event(kLifecycle,
              pass.claim,
              {.type = "Warning",
               .reason = "UnregisteredTaintMissing",
               .message = "Missing karpenter.sh/unregistered taint which prevents registration "
                          "related race conditions on Karpenter-managed nodes"},
              {pass.claim.meta.uid}));
  }
  if (write_main(pass.step, kLifecycle, *node, synced(*node, pass.claim), Lock::kYes)) {
    return;  // Registered once the node shows it (LIF-87, LIF-88).
  }
  pass.conditions().set_true("Registered", pass.view.now);
  pass.next.status.node_name = node->meta.name;
  pass.step.log(runtime::LogLevel::kInfo,
                "registered nodeclaim",
                {{"NodeClaim", runtime::object_reference(pass.claim.meta.name)},
                 {"Node", runtime::object_reference(node->meta.name)}});
  record_registration(pass.view, pass.claim, true, pass.step);
}

}  // namespace control

// The end of a claim: its Node first, then its instance, then its finalizer (spec 04 s4.6).
#include <algorithm>

#include "base/text.h"
#include "control/changes.h"
#include "control/claim_lifecycle.h"
#include "world/names.h"

namespace control {

namespace {

constexpr k8s::DurationNs kAskAgain = 5 * k8s::kSecond;

// LIF-102. True when it was written just now.
bool set_deadline(const world::NodeRow& row, Step& step) {
  const k8s::NodeClaim& claim = *row.claim;
  if (!claim.spec.termination_grace_period ||
      claim.meta.annotation(world::kTerminationTimestampAnnotation) != nullptr) {
    return false;
  }
  k8s::NodeClaim next = claim;
  const std::string deadline =
      k8s::format_time(claim.meta.deletion_time + *claim.spec.termination_grace_period);
  next.meta.annotations[std::string(world::kTerminationTimestampAnnotation)] = deadline;
  write_main(step, kLifecycle, claim, next, Lock::kYes);
  step.log(runtime::LogLevel::kInfo,
           "annotated nodeclaim",
           {{"NodeClaim", runtime::object_reference(claim.meta.name)},
            {std::string(world::kTerminationTimestampAnnotation), deadline}});
  step.effects.push_back(event(kLifecycle,
                               claim,
                               {.type = "Warning",
                                .reason = "TerminationGracePeriodExpiring",
                                .message = base::concat("All pods will be deleted by ", deadline)},
                               {claim.meta.name}));
  return true;
}

// LIF-104. True when the cloud says that the instance is gone.
bool terminate_instance(const View& view, const world::NodeRow& row, Step& step) {
  const k8s::NodeClaim& claim = *row.claim;
  const std::string& provider_id = claim.status.provider_id;
  const auto found = view.memory.instances.find(provider_id);
  const Memory::InstanceState state =
      found == view.memory.instances.end() ? Memory::InstanceState{} : found->second;
  const bool is_known = state.is_terminating || state.is_gone;
  if (is_known && !k8s::is_true(claim.status.conditions, "InstanceTerminating")) {
    std::vector<k8s::Condition> next = claim.status.conditions;
    k8s::ConditionSet(next, k8s::Kind::kNodeClaim, claim.meta)
        .set_true("InstanceTerminating", view.now);
    write_conditions(step, kLifecycle, claim, std::move(next), Lock::kYes);
    return false;
  }
  if (state.is_gone) {
    return true;
  }
  const k8s::TimeNs ask_at =
      state.at == 0 ? view.now
                    : state.at + (state.failures > 0
                                      ? backoff(state.failures, k8s::kSecond, 60 * k8s::kSecond)
                                      : kAskAgain);
  if (view.now >= ask_at) {
    step.effects.push_back({act::Terminate{provider_id}, std::string(kLifecycle)});
  } else {
    step.wake(ask_at);
  }
  return false;
}

// LIF-103: whatever registered under this provider id goes first. True while any node is there.
bool delete_nodes(const View& view, const world::NodeRow& row, Step& step) {
  const auto remove = [&](const k8s::Node& node) {
    if (!node.meta.is_deleting()) {
      delete_object(step, kLifecycle, node);
    }
  };
  if (row.node == nullptr) {
    return false;
  }
  remove(*row.node);
  if (row.is_duplicated) {
    view.snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& other) {
      if (other.claim == nullptr && other.node != nullptr &&
          other.node->provider_id == row.claim->status.provider_id) {
        remove(*other.node);
      }
    });
  }
  return true;
}

}  // namespace

Step finalize_claim(const View& view, const world::NodeRow& row) {
  Step step;
  const k8s::NodeClaim& claim = *row.claim;
  if (!claim.meta.has_finalizer(world::kTerminationFinalizer) || set_deadline(row, step)) {
    return step;
  }
  // LIF-103: an unregistered node is left to the cloud controller manager.
  if (k8s::is_true(claim.status.conditions, "Registered") && delete_nodes(view, row, step)) {
    return step;
  }
  // A launch whose answer was not written down yet still has an instance.
  const auto launch = view.memory.launches.find(claim.meta.uid);
  if (claim.status.provider_id.empty() && launch != view.memory.launches.end() &&
      launch->second.result) {
    k8s::NodeClaim next = claim;
    next.status.provider_id = launch->second.result->provider_id;
    write_status(step, kLifecycle, claim, next, Lock::kYes);
    return step;
  }
  if (!claim.status.provider_id.empty() && !terminate_instance(view, row, step)) {
    return step;
  }
  k8s::NodeClaim next = claim;
  std::erase(next.meta.finalizers, world::kTerminationFinalizer);
  write_main(step, kLifecycle, claim, next, Lock::kYes);
  step.log(runtime::LogLevel::kInfo,
           "deleted nodeclaim",
           {{"NodeClaim", runtime::object_reference(claim.meta.name)},
            {"provider-id", claim.status.provider_id}});
  return step;
}

}  // namespace control

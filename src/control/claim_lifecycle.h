// nodeclaim.lifecycle: finalizer, launch, registration, initialization, liveness, and the end
// (spec 04 s4). Each stage is a function from the claim and the picture to the claim as it should
// be; the differences are written by reconcile_lifecycle.
#pragma once

#include "control/view.h"
#include "k8s/conditions.h"

namespace control {

inline constexpr std::string_view kLifecycle = "nodeclaim.lifecycle";

// What the stages share: the claim as it is, and as it should be.
struct ClaimPass {
  const View& view;
  const world::NodeRow& row;
  const k8s::NodeClaim& claim;
  k8s::NodeClaim next;
  Step step = {};
  bool is_over = false;  // The claim is being deleted: nothing else is written.

  k8s::ConditionSet conditions() {
    return {next.status.conditions, k8s::Kind::kNodeClaim, claim.meta};
  }

  // LIF-73: a condition that is True or False stays; it only follows the generation.
  bool is_settled(std::string_view type);

  bool is_true(std::string_view type) const { return k8s::is_true(next.status.conditions, type); }
};

Step reconcile_lifecycle(const View& view, const std::string& claim_name);

void launch_claim(ClaimPass& pass);
void register_claim(ClaimPass& pass);
void initialize_claim(ClaimPass& pass);
void check_liveness(ClaimPass& pass);
Step finalize_claim(const View& view, const world::NodeRow& row);

// LIF-77
std::string truncated(std::string_view text);

}  // namespace control

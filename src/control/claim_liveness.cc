// Liveness: a claim that does not launch or register in time is deleted, so that its pods get
// another chance (spec 04 s4.4).
#include "control/changes.h"
#include "control/claim_lifecycle.h"
#include "control/disruption_metrics.h"
#include "control/pool_health.h"

namespace control {

namespace {

// True when the claim is given up.
bool give_up_after(ClaimPass& pass,
                   std::string_view type,
                   k8s::DurationNs timeout,
                   std::string_view reason) {
  const k8s::Condition* condition = k8s::find_condition(pass.next.status.conditions, type);
  if (condition == nullptr) {
    return false;
  }
  const k8s::TimeNs deadline = condition->last_transition + timeout;
  if (pass.view.now < deadline) {
    pass.step.wake(deadline);
    return false;
  }
  pass.step.log(runtime::LogLevel::kDebug,
                "terminating due to timeout",
                {{"NodeClaim", runtime::object_reference(pass.claim.meta.name)},
                 {"timeout", runtime::Duration(timeout)},
                 {"reason", reason}});
  record_registration(pass.view, pass.claim, false, pass.step);
  delete_object(pass.step, kLifecycle, pass.claim);
  count_disruption(
      pass.step.effects.back(), pass.claim, {.reason = std::string(reason), .counts_pods = false});
  pass.is_over = true;
  return true;
}

}  // namespace

void check_liveness(ClaimPass& pass) {
  if (pass.is_true("Registered")) {
    return;
  }
  if (!pass.is_true("Launched")) {  // LIF-96
    give_up_after(pass, "Launched", pass.view.config.launch_timeout, "launch_timeout");
    return;
  }
  give_up_after(
      pass, "Registered", pass.view.config.registration_timeout, "registration_timeout");  // LIF-97
}

}  // namespace control

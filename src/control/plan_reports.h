// What the provisioner tells people about a plan: log lines and events (spec 02 s12), and the
// status of capacity buffers. Thread rule: the loop.
#pragma once

#include <string>
#include <vector>

#include "act/actor.h"
#include "control/preference_log.h"
#include "control/view.h"
#include "plan/plan.h"
#include "runtime/log.h"

namespace control {

inline constexpr std::string_view kProvisionerCause = "provisioner";

class PlanReports {
 public:
  PlanReports(act::Actor& actor, const Config& config, runtime::Logger log)
      : actor_(actor), config_(config), log_(std::move(log)) {}

  // The plan as a whole, before it is carried out.
  void announce(const world::Snapshot& planned, const plan::Plan& plan, k8s::TimeNs now);
  // SCH-120, SCH-284.
  void buffers(const world::Snapshot& planned, const plan::Plan& plan, k8s::TimeNs now);
  void created(const k8s::NodeClaim& claim, const plan::PlannedClaim& planned);
  void not_created(const std::string& claim, const base::Error& error);
  void over_limits(const std::string& pool);
  void nominated(const k8s::Pod& pod, const std::string& where);  // SCH-262
  void failed(const k8s::Pod& pod, const std::string& reason);    // SCH-260

 private:
  void preferences(const world::Snapshot& planned, const plan::Plan& plan, k8s::TimeNs now);
  void filtered_pools(const world::Snapshot& planned, const plan::Plan& plan);

  act::Actor& actor_;
  const Config& config_;
  runtime::Logger log_;
  PreferenceLog preferences_;
};

}  // namespace control

// The API faults of a FaultPlan, as the in-process API server asks for them: writes that lose a
// race or whose answer is lost, events that travel slowly, watches that break, lists that take
// long. Given to the controller's SimKube; the cluster's own controllers get one without faults.
// Thread rule: loop thread.
#pragma once

#include <cstdint>

#include "runtime/rng.h"
#include "sim/apiserver/sim_kube.h"
#include "sim/cloud/faults.h"

namespace sim {

class PlannedKubeFaults final : public api::KubeFaults {
 public:
  // The plan is borrowed.
  PlannedKubeFaults(const FaultPlan& plan, std::uint64_t seed) : plan_(plan), rng_(seed) {}

  api::CallFault on_write(const k8s::WriteRequest& request) override;
  api::CallFault on_read(k8s::Kind kind) override;
  runtime::Duration watch_delay(k8s::Kind kind) override;
  std::optional<runtime::Duration> drop_watch(k8s::Kind kind) override;
  runtime::Duration list_delay(k8s::Kind kind) override;

 private:
  const FaultPlan& plan_;
  runtime::Rng rng_;
};

}  // namespace sim

// Everything that tunes the controllers, as data. Defaults are upstream's (spec 02 s4, 03 s1, 04).
// Flags and environment are read elsewhere; a test or a simulation changes a field.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cloud/provider.h"
#include "k8s/meta.h"
#include "k8s/time.h"
#include "plan/plan.h"

namespace control {

struct Config {
  k8s::DurationNs batch_idle = 1 * k8s::kSecond;
  k8s::DurationNs batch_max = 10 * k8s::kSecond;
  plan::Options plan = {};    // Policies and gates of the planner.
  bool spot_to_spot = false;  // The gate SpotToSpotConsolidation.

  // Feature gates (spec 05 A.4); CapacityBuffer is plan.capacity_buffers.
  bool static_capacity = false;
  bool node_repair = false;
  bool node_overlay = false;

  std::vector<cloud::RepairPolicy> repair_policies = {};  // The provider's (spec 04 s7).

  k8s::DurationNs launch_timeout = 5 * k8s::kMinute;
  k8s::DurationNs registration_timeout = 15 * k8s::kMinute;
  k8s::DurationNs garbage_collection_period = 2 * k8s::kMinute;
  k8s::DurationNs min_drain_time = 5 * k8s::kSecond;
  k8s::DurationNs disruption_period = 10 * k8s::kSecond;
  k8s::DurationNs validation_wait = 15 * k8s::kSecond;
  k8s::DurationNs pod_event_period = 10 * k8s::kSecond;
  k8s::DurationNs consistency_period = 10 * k8s::kMinute;
  k8s::DurationNs pod_retry = 10 * k8s::kSecond;           // SCH-100
  k8s::DurationNs static_period = 1 * k8s::kMinute;        // LIF-169, LIF-173
  k8s::DurationNs static_limit_retry = 30 * k8s::kSecond;  // LIF-170
  k8s::DurationNs buffer_period = 30 * k8s::kSecond;       // LIF-184
  k8s::DurationNs repair_retry = 5 * k8s::kMinute;         // LIF-156

  std::string ca_bundle = {};  // Of the cluster, as nodes get it; part of node classes' hashes.

  // LIF-38
  k8s::DurationNs nomination_window() const {
    return 2 * batch_max > 10 * k8s::kSecond ? 2 * batch_max : 10 * k8s::kSecond;
  }
};

}  // namespace control

// The planner's question and answer: place these pods on what exists and on new claims (spec 02).
//
// compute_plan is pure: same snapshot and options, same plan, byte for byte. It runs on the planner
// thread and borrows the snapshot for the call. No strings are formatted unless asked for (explain/
// renders reasons).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "cloud/label_schema.h"
#include "k8s/node.h"
#include "world/snapshot.h"

namespace plan {

enum class PreferencePolicy : std::uint8_t { kRespect, kIgnore };
enum class MinValuesPolicy : std::uint8_t { kStrict, kBestEffort };

struct Options {
  PreferencePolicy preference_policy = PreferencePolicy::kRespect;
  MinValuesPolicy min_values_policy = MinValuesPolicy::kStrict;
  bool reserved_capacity = true;
  bool ignore_dra_requests = true;
  std::size_t max_instance_types = 600;  // Per claim (SCH-230).
  std::string launch_label_domain;       // Provider group for the node-class label; from the pool's
                                         // nodeClassRef.
  // Well-known labels, aliases, restricted domains. Null: the core's, and every label that a
  // catalogue's types carry.
  std::shared_ptr<const cloud::LabelSchema> schema;
  // Disruption's simulations fall back to other capacity where provisioning waits for a
  // reservation (SCH-195).
  bool reserved_fallback = false;
  // Constraints for pods that have none of their own (SCH-360); parse_scheduler_config makes them.
  std::vector<k8s::TopologySpreadConstraint> default_spread;
};

class PlanMemory;

struct Problem {
  const world::Snapshot& snapshot;
  std::span<const world::PodId>
      pods;  // To be placed; provisionable already (plan/provisionable.h).
  std::span<const world::NodeId> removed = {};  // Nodes that do not count (what-if of disruption).
  Options options = {};
};

struct CheapestOffering {
  std::string instance_type;
  std::string zone;
  std::string capacity_type;
  double price = 0;  // USD per hour.
};

// A NodeClaim to create, in the exact contents of spec 02 s11, and who goes there.
struct PlannedClaim {
  std::shared_ptr<const k8s::NodePool> pool;
  std::vector<world::PodId> pods;  // In order of placement.
  k8s::NodeClaim claim;            // generateName "<pool>-"; everything but server-set fields.
  std::vector<std::string> instance_types;  // By price (SCH-68), at most max_instance_types.
  CheapestOffering cheapest;
};

struct ExistingPlacement {
  world::NodeId node;
  std::vector<world::PodId> pods;
};

struct Unplaced {
  world::PodId pod;
  std::string reason;  // The upstream-compatible message (SCH-149, spec 02 s7.2).
  // Waits for reserved capacity: no event, not counted as unschedulable (SCH-194).
  bool is_deferred = false;
  bool is_silent = false;  // Opted out of karpenter: no event (SCH-86).
};

struct Plan {
  std::vector<PlannedClaim> claims;
  std::vector<ExistingPlacement> existing;
  std::vector<Unplaced> unplaced;
  std::vector<std::string> warnings;  // E.g. pools skipped, with the reason.
};

Plan compute_plan(const Problem& problem);
// The same plan, sooner, when rounds of one cluster follow each other (plan/plan_memory.h).
Plan compute_plan(const Problem& problem, PlanMemory& memory);

}  // namespace plan

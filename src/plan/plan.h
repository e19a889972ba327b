// The planner's question and answer: place these pods on what exists and on new claims (spec 02).
//
// compute_plan is pure: same snapshot and options, same plan, byte for byte. It runs on the planner
// thread and borrows the snapshot for the call. No strings are formatted unless asked for (explain/
// renders reasons).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "cloud/label_schema.h"
#include "k8s/node.h"
#include "plan/obstacle.h"
#include "world/snapshot.h"

namespace plan {

enum class PreferencePolicy : std::uint8_t { kRespect, kIgnore };
enum class MinValuesPolicy : std::uint8_t { kStrict, kBestEffort };
// How freedom is used that the rules leave: as documented, or for the least price (plan/packing.h).
// Simulations of disruption stay with kClassic: one replacement is worth more there than two cheap
// ones.
enum class Packing : std::uint8_t { kClassic, kCost };

struct Options {
  PreferencePolicy preference_policy = PreferencePolicy::kRespect;
  MinValuesPolicy min_values_policy = MinValuesPolicy::kStrict;
  Packing packing = Packing::kClassic;
  bool reserved_capacity = true;
  bool ignore_dra_requests = true;
  bool capacity_buffers = false;         // plan/buffers.h
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
  // CSI drivers and topology keys of storage classes that the provider's nodes cannot serve
  // (SCH-56, SCH-57).
  std::vector<std::string> unsupported_provisioners = {};
  std::vector<std::string> unsupported_topology_keys = {};
  bool count_effective_zones = false;  // SCH-350.
  // Consolidation moves no pod to a node whose consolidateAfter has not passed (SCH-148).
  bool enforce_consolidate_after = false;
  bool explain_nodes = false;  // Obstructions of existing nodes as well as of pools.
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

// What claims have in common that have equal requirements and equal instance types: made once.
struct ClaimForm {
  std::shared_ptr<const k8s::NodePool> pool;
  k8s::NodeClaim claim;                     // Without requests.
  std::vector<std::string> instance_types;  // By price (SCH-68), at most max_instance_types.
  CheapestOffering cheapest;
  k8s::Resources overhead;  // Of daemons (SCH-214).
};

// A NodeClaim to create, and who goes there.
struct PlannedClaim {
  std::shared_ptr<const ClaimForm> form;
  std::vector<world::PodId> pods;  // In order of placement.
  k8s::Resources requests;

  const std::shared_ptr<const k8s::NodePool>& pool() const { return form->pool; }

  const std::vector<std::string>& instance_types() const { return form->instance_types; }

  const CheapestOffering& cheapest() const { return form->cheapest; }

  // The exact contents of spec 02 s11: generateName "<pool>-"; everything but server-set fields.
  k8s::NodeClaim claim() const;
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
  // What stood in the way, pool by pool; shared by equal pods. Null: nothing was tried.
  std::shared_ptr<const Obstructions> obstructions = nullptr;
};

// By name of a NodePool.
using PoolTexts = std::map<std::string, std::string, std::less<>>;

struct Plan {
  std::vector<PlannedClaim> claims;
  std::vector<ExistingPlacement> existing;
  std::vector<Unplaced> unplaced;
  std::vector<std::string> warnings;  // E.g. pools skipped, with the reason.
  // Pools whose requirements no instance type meets, with the event that says so (SCH-130).
  PoolTexts filtered_pools;
  // Pending pods by the zone they wait for (plan/effective_zone.h), when asked for.
  std::map<std::string, std::int64_t, std::less<>> effective_zones;
  // Dollars per hour that packing by cost took off the classic plan.
  double saving = 0;
};

Plan compute_plan(const Problem& problem);
// The same plan, sooner, when rounds of one cluster follow each other (plan/plan_memory.h).
Plan compute_plan(const Problem& problem, PlanMemory& memory);

}  // namespace plan

// Capacity buffers as pods that do not exist (spec 02 s14, spec 04 s10): room is kept by planning
// for them as for any other pod.
//
// The virtual pods live in a copy of the snapshot, which shares all of its pages but those that
// they are in; the World never sees them. Everything here is a pure function.
//
//   const BufferedSnapshot with = add_virtual_pods(snapshot);
//   const Candidates candidates = find_candidates(*with.snapshot, options);   // they are in there
//   const Plan plan = compute_plan({.snapshot = *with.snapshot, .pods = candidates.pods, ...});
//   for (const BufferOutcome& outcome : buffer_outcomes(*with.snapshot, plan)) { ... }
//
// Cost: O(buffers + virtual pods + rows of the pages that these land in).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plan/plan.h"
#include "world/snapshot.h"

namespace plan {

// SCH-281, API-73.
inline constexpr std::int32_t kVirtualPriority = -2'147'483'647 - 1;

bool is_virtual(const model::PodShape& shape);
bool is_virtual(const k8s::Pod& pod);

// LIF-179..183: what a buffer comes to.
struct BufferResolution {
  const k8s::PodTemplate* pod_template = nullptr;  // Null: see the condition. Of the snapshot.
  std::optional<std::int64_t> generation;          // Of a PodTemplate.
  std::int32_t replicas = 0;
  k8s::Condition ready;     // ReadyForProvisioning, without times.
  bool is_missing = false;  // The reference leads nowhere: to be looked at again, no failure.
};

BufferResolution resolve_buffer(const world::Snapshot& snapshot, const k8s::CapacityBuffer& buffer);
// How many times `request` fits in `limits`; nullopt: no limit bears on it (LIF-183).
std::optional<std::int64_t> replicas_within(const k8s::Resources& limits,
                                            const k8s::Resources& request);

struct BufferedSnapshot {
  world::SnapshotPtr snapshot;
  std::vector<world::PodId> pods;  // The virtual ones.
};

// Of all buffers that are ready (SCH-280). Without any: the snapshot itself.
BufferedSnapshot add_virtual_pods(const world::SnapshotPtr& snapshot);

// Where a buffer's pods went.
struct BufferOutcome {
  std::shared_ptr<const k8s::CapacityBuffer> buffer;
  std::int64_t existing = 0;
  std::int64_t fresh = 0;  // On claims that are to be made.
  std::int64_t failed = 0;
  // SCH-284: the condition Provisioning, without times; nullopt: as it is.
  std::optional<k8s::Condition> provisioning;
};

// Every buffer of the snapshot, by name.
std::vector<BufferOutcome> buffer_outcomes(const world::Snapshot& snapshot, const Plan& plan);

// SCH-283: virtual pods by the provider id of the machine that has room for them; such a machine is
// not empty.
std::map<std::string, std::int64_t> buffered_machines(const world::Snapshot& snapshot,
                                                      const Plan& plan);

}  // namespace plan

// Which pods a round should place, and which must be ignored and why (spec 02 s3).
//
//   Candidates candidates = find_candidates(snapshot, options);
//   Plan plan = compute_plan({.snapshot = snapshot, .pods = candidates.pods, .options = options});
//
// Thread rule: pure functions of a snapshot.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace plan {

// SCH-80: a scheduler has given up on it, and nobody else will run it.
bool is_provisionable(const k8s::Pod& pod);

// Why the pod cannot be provisioned for although it waits (SCH-87).
struct Refusal {
  std::string text;        // Without the prefix "ignoring pod, ".
  bool is_silent = false;  // No event: the pod opted out (SCH-86).
};

// What a pod asks of labels, checked without looking at pools (SCH-87 a to d).
std::optional<Refusal> refuse(const model::PodShape& shape, const cloud::LabelSchema& schema);

// SCH-82: would this pod of a node that goes away need, and be allowed, another place now?
bool is_currently_reschedulable(const world::Snapshot& snapshot, const k8s::Pod& pod);

struct Candidates {
  std::vector<world::PodId> pods;  // By id: pending ones and those on nodes that are going away.
  std::vector<Unplaced> refused;   // reason starts with "ignoring pod, ".
};

Candidates find_candidates(const world::Snapshot& snapshot, const Options& options);

// options.schema, or what is known without one: the core's labels and every label of a catalogue.
std::shared_ptr<const cloud::LabelSchema> schema_of(const world::Snapshot& snapshot,
                                                    const Options& options);

}  // namespace plan

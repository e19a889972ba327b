// What one pod asks, as a copy of its spec that relaxation may edit (SCH-140), and what its volumes
// ask (spec 02 s2.3, s2.4). Part of the reference scheduler.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "plan/plan.h"
#include "plan/reference/algebra_testing.h"

namespace plan::reference {

struct Port {
  std::string ip;
  std::int32_t number = 0;
  std::string protocol;
};

struct Wish {
  world::PodId id = 0;
  std::string name;
  std::string namespace_;
  k8s::StringMap labels;
  k8s::PodSpec spec;
  k8s::Resources requests;
  std::vector<Port> ports;
  Reqs reqs;    // SCH-28..30
  Reqs strict;  // SCH-31
};

Wish make_wish(world::PodId id, const k8s::Pod& pod);
void add_default_spread(Wish& wish, const Problem& problem, const k8s::Pod& pod);
// After the spec has changed.
void refresh(Wish& wish, const cloud::LabelSchema& schema, PreferencePolicy policy);
// One step of SCH-140; false: nothing left.
bool relax(Wish& wish, bool may_tolerate);

// SCH-58, from the spec alone.
k8s::Resources effective_requests(const k8s::PodSpec& spec);
std::vector<Port> ports_of(const k8s::PodSpec& spec);
bool conflicts(const std::vector<Port>& a, const std::vector<Port>& b);  // SCH-39
// SCH-33.
bool tolerates(const std::vector<k8s::Toleration>& tolerations,
               const std::vector<k8s::Taint>& taints);
// SCH-61.
bool fits(const k8s::Resources& requests, const k8s::Resources& total);
// One set per required term, each with the node selector; without terms the selector alone.
std::vector<Reqs> required_terms(const k8s::PodSpec& spec, const cloud::LabelSchema& schema);

// SCH-49..50. nullopt: a look-up failed.
std::optional<std::vector<Reqs>> volume_alternatives(const world::Snapshot& snapshot,
                                                     const cloud::LabelSchema& schema,
                                                     const k8s::Pod& pod);
// SCH-43: driver -> claims. nullopt: a look-up failed (SCH-44).
using DriverVolumes = std::map<std::string, std::set<std::string>>;
std::optional<DriverVolumes> driver_volumes(const world::Snapshot& snapshot, const k8s::Pod& pod);

}  // namespace plan::reference

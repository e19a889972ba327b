// NodeClaims as their pool makes them (spec 02 s11.4): labels, annotations, owner, specification
// and requirements. What the planner knows beyond that (types, overlays, devices, requests) is
// added by plan/convert.cc; a static pool's claim is all of it.
//
//   k8s::NodeClaim claim = static_claim(pool, schema);
//   claim.meta.name = pool.meta.name + "-" + suffix;
//
// Thread rule: pure functions; a SetTable has one owner.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cloud/label_schema.h"
#include "k8s/node.h"
#include "model/requirement_set.h"

namespace plan {

struct ClaimSource {
  const k8s::NodePool& pool;
  const std::string& hash;  // SCH-246: of the pool as it was when the pass began.
  bool is_min_values_relaxed = false;
  // Does a daemon set ask for the label? Empty: none does.
  std::function<bool(model::Symbol)> is_daemon_key = {};
};

// SCH-241..244, without overlays and requests. `types` replaces whatever the set says of instance
// types.
k8s::NodeClaim make_claim(const model::SetTable& sets,
                          const ClaimSource& source,
                          model::SetId set,
                          std::optional<k8s::SelectorTerm> types);

// SCH-131: what every claim of the pool requires, the two keys of the simulation included.
model::SetId template_set(model::SetTable& sets, const k8s::NodePool& pool);

// The claim of a static pool: the cloud chooses the instance type (SCH-245, LIF-171). Null schema:
// the core's.
k8s::NodeClaim static_claim(const k8s::NodePool& pool, const cloud::LabelSchema* schema);

}  // namespace plan

// What a pod, a volume or a daemon asks of a node's labels, as requirement sets (spec 02 s1.6).
//
// The hostname is kept apart from the set: it is the one label that differs on every node and
// claim, and leaving it out lets thousands of claims share one set.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "k8s/pod.h"
#include "model/requirement_set.h"

namespace plan {

struct NodeConstraint {
  model::SetId set;
  model::ReqId host;  // Invalid: any hostname.
  friend bool operator==(const NodeConstraint&, const NodeConstraint&) = default;
};

// Key and values normalised (SCH-2, SCH-3). An unknown operator is met by nothing.
model::Requirement requirement_of(model::SetTable& sets, const k8s::SelectorTerm& term);

class ConstraintBuilder {
 public:
  explicit ConstraintBuilder(model::SetTable& sets) : sets_(sets), set_(sets.empty()) {}

  ConstraintBuilder& add(const model::Requirement& requirement);
  ConstraintBuilder& add(std::span<const k8s::SelectorTerm> terms);
  ConstraintBuilder& add(const k8s::StringMap& labels);

  NodeConstraint build() const { return {.set = set_, .host = host_}; }

 private:
  model::SetTable& sets_;
  model::SetId set_;
  model::ReqId host_;
};

// Does a machine of this hostname satisfy the constraint's hostname part?
bool allows_host(model::SetTable& sets, const NodeConstraint& constraint, model::Symbol host);

// "key kubernetes.io/hostname, ... not in ..." (SCH-24). REQUIRES: allows_host() said no.
std::string host_text(const model::SetTable& sets,
                      const NodeConstraint& constraint,
                      model::Symbol host);

// Both, by key.
NodeConstraint merge(model::SetTable& sets, const NodeConstraint& a, const NodeConstraint& b);

}  // namespace plan

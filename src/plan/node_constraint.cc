#include "plan/node_constraint.h"

#include <string>

#include "base/text.h"

namespace plan {

model::Requirement requirement_of(model::SetTable& sets, const k8s::SelectorTerm& term) {
  const std::string_view key = sets.schema().canonical_key(term.key);
  const auto op = model::parse_operator(term.op);
  if (!op) {
    return {.key = sets.words().intern(key)};
  }
  std::vector<std::string> values;
  values.reserve(term.values.size());
  for (const std::string& value : term.values) {
    values.emplace_back(sets.schema().canonical_value(key, value));
  }
  return model::make_requirement(sets.words(), key, *op, values, term.min_values);
}

ConstraintBuilder& ConstraintBuilder::add(const model::Requirement& requirement) {
  if (sets_.words().text(requirement.key) == cloud::label::kHostname) {
    const model::ReqId id = sets_.requirements().intern(requirement);
    host_ = host_.is_valid() ? sets_.requirements().intersect(id, host_) : id;
  } else {
    set_ = sets_.add(set_, requirement);
  }
  return *this;
}

ConstraintBuilder& ConstraintBuilder::add(std::span<const k8s::SelectorTerm> terms) {
  for (const k8s::SelectorTerm& term : terms) {
    add(requirement_of(sets_, term));
  }
  return *this;
}

ConstraintBuilder& ConstraintBuilder::add(const k8s::StringMap& labels) {
  for (const auto& [key, value] : labels) {
    add(requirement_of(sets_, {.key = key, .op = "In", .values = {value}, .min_values = {}}));
  }
  return *this;
}

bool allows_host(model::SetTable& sets, const NodeConstraint& constraint, model::Symbol host) {
  return !constraint.host.is_valid() ||
         model::has(sets.words(), sets.requirement(constraint.host), host);
}

std::string host_text(const model::SetTable& sets,
                      const NodeConstraint& constraint,
                      model::Symbol host) {
  return base::concat("key kubernetes.io/hostname, ",
                      model::text(sets.words(), sets.requirement(constraint.host)),
                      " not in kubernetes.io/hostname In [",
                      sets.words().text(host),
                      "]");
}

NodeConstraint merge(model::SetTable& sets, const NodeConstraint& a, const NodeConstraint& b) {
  const model::ReqId host = !a.host.is_valid()   ? b.host
                            : !b.host.is_valid() ? a.host
                                                 : sets.requirements().intersect(a.host, b.host);
  return {.set = sets.merge(a.set, b.set), .host = host};
}

}  // namespace plan

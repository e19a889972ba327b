// Label and field selectors as query parameters carry them: "app=web,tier in (a,b),!canary" and
// "spec.nodeName=n1,status.phase!=Failed".
//
// Thread rule: plain values. Matching costs a few map lookups per requirement.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "k8s/meta.h"

namespace sim::api {

enum class SelectorOp : std::uint8_t {
  kIn,
  kNotIn,
  kExists,
  kDoesNotExist,
  kGreater,
  kLess,
};

struct Requirement {
  std::string key;
  SelectorOp op;
  std::vector<std::string> values;
};

struct ListSelector {
  std::vector<Requirement> labels;
  std::vector<Requirement> fields;  // kIn and kNotIn with one value each; key is a field path.

  bool is_empty() const { return labels.empty() && fields.empty(); }

  bool matches(const boost::json::object& object) const;
};

// Errors: kInvalid with the position's text.
base::Result<std::vector<Requirement>> parse_label_selector(std::string_view text);
base::Result<std::vector<Requirement>> parse_field_selector(std::string_view text);

// A LabelSelector value of a spec (matchLabels, matchExpressions) against metadata.labels, which
// may be absent. An absent selector matches nothing, an empty one everything.
bool selector_matches(const boost::json::object* label_selector, const boost::json::object* labels);

}  // namespace sim::api

// Label and field selectors: matching, and the text that `kubectl -l` and `--field-selector` send.
//
//   matches(pdb.selector, pod.meta.labels)               // absent selects nothing, empty all
//   const auto terms = TRY(parse_label_selector("app in (a,b),!canary"));
//   matches(terms, pod.meta.labels)
//
// Thread rule: free functions.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "k8s/meta.h"

namespace k8s {

// In, NotIn, Exists, DoesNotExist; Gt, Lt, Gte, Lte compare integers. An absent label satisfies
// NotIn and DoesNotExist alone. An unknown operator matches nothing.
bool matches(const SelectorTerm& term, const StringMap& labels);
// All of them.
bool matches(const std::vector<SelectorTerm>& terms, const StringMap& labels);
bool matches(const LabelSelector& selector, const StringMap& labels);
bool matches(const std::optional<LabelSelector>& selector, const StringMap& labels);

// "a=b", "a==b", "a!=b", "a in (x,y)", "a notin (x)", "a", "!a", "a>1", "a<1", joined by commas.
// The empty text selects all. Errors: kInvalid with the place.
base::Result<std::vector<SelectorTerm>> parse_label_selector(std::string_view text);

struct FieldTerm {
  std::string path;  // "metadata.name"
  std::string value;
  bool is_negated = false;
  friend bool operator==(const FieldTerm&, const FieldTerm&) = default;
};

// "metadata.name=x,status.phase!=Running"; \, \= and \\ are escapes in values.
base::Result<std::vector<FieldTerm>> parse_field_selector(std::string_view text);

// field_of gives the text of a field, empty when it is absent.
bool matches(const std::vector<FieldTerm>& terms,
             const std::function<std::string(std::string_view path)>& field_of);

}  // namespace k8s

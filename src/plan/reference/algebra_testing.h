// The requirement algebra of spec 02 s1 once more, with strings and std::set: slow, obvious, and
// written from the rules alone, so that the planner's ids and bitsets can be held against it.
//
//   Reqs node = {}; add(node, make_req(schema, term));
//   if (auto why = incompatible(node, pod, schema.well_known())) { ... }
//
// Thread rule: values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cloud/label_schema.h"
#include "k8s/meta.h"

namespace plan::reference {

// SCH-1: what the operators become.
struct Req {
  std::string key;
  bool complement = false;
  std::set<std::string> values = {};
  std::optional<std::int64_t> gte = {};
  std::optional<std::int64_t> lte = {};
  std::optional<std::int64_t> min_values = {};
  // One of the demands that were merged wants the label present, whatever the others say. A
  // contradiction with such a demand is met by nothing, not even by absence.
  bool must_exist = false;

  bool is_none() const { return !complement && values.empty(); }

  bool is_impossible() const { return is_none() && must_exist; }

  // SCH-7: satisfied by an absent label (NotIn, DoesNotExist).
  bool allows_absence() const { return !must_exist && complement != values.empty(); }
};

using Reqs = std::map<std::string, Req>;
using KeySet = cloud::LabelSchema::KeySet;

Req make_req(const cloud::LabelSchema& schema, const k8s::SelectorTerm& term);
Req one_of(std::string key, std::set<std::string> values);

bool has(const Req& req, const std::string& value);     // SCH-9
Req intersection(const Req& receiver, const Req& arg);  // SCH-13
bool has_intersection(const Req& a, const Req& b);      // SCH-15, exact
std::string text(const Req& req);                       // SCH-12
std::string any_value(const Req& req);                  // SCH-11, deterministic
std::vector<k8s::SelectorTerm> to_api(const Req& req);  // SCH-17..19

void add(Reqs& reqs, const Req& req);  // SCH-20
void add(Reqs& reqs, const Reqs& more);
void add(Reqs& reqs, const cloud::LabelSchema& schema, const std::vector<k8s::SelectorTerm>& terms);
void add(Reqs& reqs, const cloud::LabelSchema& schema, const k8s::StringMap& labels);
// SCH-21: Exists when there is none.
Req get(const Reqs& reqs, const std::string& key);

// SCH-24, SCH-23: the error, or nullopt.
std::optional<std::string> conflict(const Reqs& reqs, const Reqs& incoming);
std::optional<std::string> incompatible(const Reqs& reqs,
                                        const Reqs& incoming,
                                        const KeySet& allow_undefined);
std::string text(const Reqs& reqs);  // SCH-22

}  // namespace plan::reference

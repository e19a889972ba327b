// Unique requirements and unique sets of them, as ids, with remembered algebra (spec 02 s1.5).
//
// The planner asks the same few questions millions of times: does this pod's set fit that claim's
// set, and what is the combination? Both sets are ids here, so the answer is computed once per pair
// of ids and then looked up. Nothing is ever removed; a table lives as long as one PlanMemory.
//
//   SetTable sets(words, schema);
//   SetId claim = sets.add(SetTable::kEmpty, zone_requirement);
//   SetId both = sets.combine(claim, pod, Undefined::kWellKnown);   // !is_valid(): incompatible
//   if (!both.is_valid()) { message = sets.why_incompatible(claim, pod, Undefined::kWellKnown); }
//
// Thread rule: one owner at a time (look-ups remember).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "cloud/label_schema.h"
#include "model/requirement.h"

namespace model {

struct ReqTag;
using ReqId = base::Id<ReqTag>;
struct SetTag;
using SetId = base::Id<SetTag>;

// Which keys the right-hand side may require although the left does not know them (SCH-23).
enum class Undefined : std::uint8_t { kNone, kWellKnown };

class RequirementTable {
 public:
  explicit RequirementTable(Vocabulary& words) : words_(words) {}

  ReqId intern(Requirement requirement);

  const Requirement& operator[](ReqId id) const { return requirements_[id.index()]; }

  std::size_t size() const { return requirements_.size(); }

  // Remembered per pair. REQUIRES: equal keys.
  ReqId intersect(ReqId a, ReqId b);
  // SCH-24: false when nothing is shared, except that two requirements that both allow the label's
  // absence always agree.
  bool agree(ReqId a, ReqId b);

  Vocabulary& words() { return words_; }

  const Vocabulary& words() const { return words_; }

 private:
  Vocabulary& words_;
  std::vector<Requirement> requirements_;
  boost::unordered_flat_map<std::string, ReqId> ids_;
  boost::unordered_flat_map<std::uint64_t, ReqId> intersections_;
};

class SetTable {
 public:
  SetTable(Vocabulary& words, const cloud::LabelSchema& schema);

  std::size_t size() const { return sets_.size(); }

  // The set that allows everything; always the first.
  SetId empty() const { return SetId(0); }

  // SCH-20: repeated keys are intersected.
  SetId make(std::span<const Requirement> requirements);
  SetId add(SetId set, const Requirement& requirement);
  // Replaces whatever the set says of the key.
  SetId replace(SetId set, const Requirement& requirement);
  SetId remove(SetId set, Symbol key);

  // One requirement per key, by key.
  std::span<const ReqId> members(SetId set) const { return sets_[set.index()]; }

  // Invalid id: the set says nothing of the key.
  ReqId find(SetId set, Symbol key) const;
  // nullptr: the set says nothing of the key.
  const Requirement* get(SetId set, Symbol key) const;

  const Requirement& requirement(ReqId id) const { return requirements_[id]; }

  // Both sets' requirements, intersected by key. Invalid id: incompatible (SCH-23, SCH-24).
  // Remembered per pair.
  SetId combine(SetId set, SetId incoming, Undefined undefined);
  // SCH-24 alone: keys that only one side has never matter.
  bool intersects(SetId a, SetId b);
  // Without asking whether it makes sense: requirements intersected by key (SCH-20).
  SetId merge(SetId a, SetId b);

  bool has_min_values(SetId set) const { return has_min_values_[set.index()]; }

  // Some requirement contradicts itself: nothing is compatible.
  bool is_impossible(SetId set) const { return is_impossible_[set.index()]; }

  // The message of SCH-23 (with the hint of SCH-25) or SCH-24. REQUIRES: combine() failed.
  std::string why_incompatible(SetId set, SetId incoming, Undefined undefined);
  // SCH-22.
  std::string text(SetId set) const;

  RequirementTable& requirements() { return requirements_; }

  Vocabulary& words() { return requirements_.words(); }

  const Vocabulary& words() const { return requirements_.words(); }

  bool is_well_known(Symbol key);

  const cloud::LabelSchema& schema() const { return schema_; }

 private:
  using Members = std::vector<ReqId>;

  SetId intern(Members members);
  bool is_compatible(SetId set, SetId incoming, Undefined undefined);
  // Key of `incoming` that the set does not know although it must.
  std::optional<Symbol> unknown_key(SetId set, SetId incoming, Undefined undefined);
  std::string typo_hint(SetId set, std::string_view key, Undefined undefined) const;

  const cloud::LabelSchema& schema_;
  RequirementTable requirements_;
  std::vector<Members> sets_;
  std::vector<bool> has_min_values_;
  std::vector<bool> is_impossible_;
  boost::unordered_flat_map<std::string, SetId> ids_;
  // By pair of ids, per Undefined.
  boost::unordered_flat_map<std::uint64_t, SetId> combinations_[2];
  boost::unordered_flat_map<std::uint64_t, SetId> merges_;
  boost::unordered_flat_map<std::uint64_t, bool> intersects_;
  std::vector<std::uint8_t> well_known_;  // By symbol: 0 unknown, 1 no, 2 yes.
};

}  // namespace model

// One constraint on one label: which values are allowed (spec 02 s1.1-1.4). A requirement is either
// a list of values or the complement of a list, possibly bounded as an integer.
//
// Keys and values are symbols of a Vocabulary; text appears only when a message or an API object is
// made. Requirements are plain values; the planner keeps them unique in a RequirementTable
// (model/requirement_set.h) and works with ids.
//
//   Vocabulary words;
//   auto fast = make_requirement(words, "size", Operator::kGt, {"4"});
//   auto big  = make_requirement(words, "size", Operator::kIn, {"2", "8"});
//   text(words, intersection(words, *fast, *big));      // "size In [8]"
//
// Thread rule: values; a Vocabulary has one writer.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/interner.h"
#include "k8s/meta.h"

namespace model {

struct SymbolTag;
using Symbol = base::Id<SymbolTag>;

// Label keys, label values and resource names as dense ids, with the integer that a value reads as.
class Vocabulary {
 public:
  Symbol intern(std::string_view text);

  std::optional<Symbol> find(std::string_view text) const { return words_.find(text); }

  std::string_view text(Symbol symbol) const { return words_.text(symbol); }

  // SCH-10: base 10, optional sign, nothing else.
  std::optional<std::int64_t> integer(Symbol symbol) const { return integers_[symbol.index()]; }

  std::size_t size() const { return words_.size(); }

 private:
  base::Interner<Symbol> words_;
  std::vector<std::optional<std::int64_t>> integers_;
};

enum class Operator : std::uint8_t { kIn, kNotIn, kExists, kDoesNotExist, kGt, kLt, kGte, kLte };

std::optional<Operator> parse_operator(std::string_view text);
std::string_view to_string(Operator op);

struct Requirement {
  Symbol key;
  bool complement = false;
  std::vector<Symbol> values = {};  // Sorted by id, no value twice. Complement: the excluded ones.
  std::optional<std::int64_t> gte = {};  // Complements only.
  std::optional<std::int64_t> lte = {};
  std::optional<std::int64_t> min_values = {};
  // Of a NotIn or of nothing at all: the label must be there all the same. So `Exists` and `NotIn`
  // together stay both, and what contradicts itself is not taken for DoesNotExist.
  bool must_exist = false;

  // SCH-7: never kGt and its like.
  Operator op() const;

  // NotIn or DoesNotExist: satisfied by a label that is absent.
  bool allows_absence() const { return !must_exist && complement != values.empty(); }

  bool is_none() const { return !complement && values.empty(); }

  // Not even the absence of the label meets it.
  bool is_impossible() const { return is_none() && must_exist; }

  friend bool operator==(const Requirement&, const Requirement&) = default;
};

// SCH-1..6. Operands of Gt, Lt, Gte, Lte that are no integer make a requirement that nothing meets.
Requirement make_requirement(Vocabulary& words,
                             std::string_view key,
                             Operator op,
                             std::span<const std::string> values,
                             std::optional<std::int64_t> min_values = std::nullopt);

// SCH-9.
bool has(const Vocabulary& words, const Requirement& requirement, Symbol value);
// SCH-13; empty means impossible unless both sides allow the label to be absent. REQUIRES: equal
// keys.
Requirement intersection(const Vocabulary& words, const Requirement& a, const Requirement& b);
// SCH-15, exact also for bounded complements.
bool has_intersection(const Vocabulary& words, const Requirement& a, const Requirement& b);
// SCH-11, deterministic: the smallest listed value by text, else the smallest admissible integer,
// else empty.
std::string any_value(const Vocabulary& words, const Requirement& requirement);
// SCH-12.
std::string text(const Vocabulary& words, const Requirement& requirement);
// SCH-17..19: one to three entries.
std::vector<k8s::SelectorTerm> to_api(const Vocabulary& words, const Requirement& requirement);

// The listed values as sorted text.
std::vector<std::string> sorted_values(const Vocabulary& words, const Requirement& requirement);

}  // namespace model

#include "model/requirement.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <utility>

#include "base/text.h"

namespace model {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::size_t kShownValues = 5;

std::optional<std::int64_t> parse_signed(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) {
      return std::nullopt;
    }
  }
  return base::parse_int(text);
}

bool is_within(std::optional<std::int64_t> gte,
               std::optional<std::int64_t> lte,
               std::optional<std::int64_t> value) {
  if (!gte && !lte) {
    return true;
  }
  return value && (!gte || *value >= *gte) && (!lte || *value <= *lte);
}

std::optional<std::int64_t> max_of(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  return a && b ? std::max(*a, *b) : a ? a : b;
}

std::optional<std::int64_t> min_of(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  return a && b ? std::min(*a, *b) : a ? a : b;
}

// Every integer of a bounded range is excluded (the exclusions lie within the bounds, distinct).
bool is_exhausted(const Vocabulary& words, const Requirement& r) {
  if (!r.complement || !r.gte || !r.lte) {
    return false;
  }
  const std::uint64_t span =
      static_cast<std::uint64_t>(*r.lte) - static_cast<std::uint64_t>(*r.gte);
  if (span >= r.values.size()) {
    return false;
  }
  std::vector<std::int64_t> numbers;
  for (const Symbol value : r.values) {
    if (const auto number = words.integer(value)) {
      numbers.push_back(*number);  // "1" and "+1" are two texts of one number.
    }
  }
  std::ranges::sort(numbers);
  const auto repeated = std::ranges::unique(numbers);
  numbers.erase(repeated.begin(), repeated.end());
  return numbers.size() > span;
}

std::vector<Symbol> merged_values(const Requirement& a, const Requirement& b) {
  std::vector<Symbol> values;
  const auto out = std::back_inserter(values);
  if (a.complement && b.complement) {
    std::ranges::set_union(a.values, b.values, out);
  } else if (a.complement) {
    std::ranges::set_difference(b.values, a.values, out);
  } else if (b.complement) {
    std::ranges::set_difference(a.values, b.values, out);
  } else {
    std::ranges::set_intersection(a.values, b.values, out);
  }
  return values;
}

Requirement none(Symbol key, std::optional<std::int64_t> min_values) {
  return {.key = key, .min_values = min_values};
}

void apply_bound(Requirement& requirement, Operator op, std::span<const std::string> values) {
  const auto number = values.size() == 1 ? parse_signed(values[0]) : std::nullopt;
  const bool is_empty = !number || (op == Operator::kGt && *number == kMax) ||
                        (op == Operator::kLt && *number == kMin);
  if (is_empty) {  // SCH-4, SCH-5
    requirement = none(requirement.key, std::nullopt);
    return;
  }
  requirement.complement = true;
  switch (op) {
    case Operator::kGt:
      requirement.gte = *number + 1;
      break;
    case Operator::kGte:
      requirement.gte = *number;
      break;
    case Operator::kLt:
      requirement.lte = *number - 1;
      break;
    case Operator::kLte:
      requirement.lte = *number;
      break;
    case Operator::kIn:
    case Operator::kNotIn:
    case Operator::kExists:
    case Operator::kDoesNotExist:
      break;
  }
}

constexpr std::array<std::pair<std::string_view, Operator>, 8> kOperators{{
    {"In", Operator::kIn},
    {"NotIn", Operator::kNotIn},
    {"Exists", Operator::kExists},
    {"DoesNotExist", Operator::kDoesNotExist},
    {"Gt", Operator::kGt},
    {"Lt", Operator::kLt},
    {"Gte", Operator::kGte},
    {"Lte", Operator::kLte},
}};

}  // namespace

Symbol Vocabulary::intern(std::string_view text) {
  const Symbol symbol = words_.intern(text);
  if (symbol.index() == integers_.size()) {
    integers_.push_back(parse_signed(text));
  }
  return symbol;
}

std::optional<Operator> parse_operator(std::string_view text) {
  for (const auto& [name, op] : kOperators) {
    if (name == text) {
      return op;
    }
  }
  return std::nullopt;
}

std::string_view to_string(Operator op) {
  for (const auto& [name, candidate] : kOperators) {
    if (candidate == op) {
      return name;
    }
  }
  return "";
}

Operator Requirement::op() const {
  if (complement) {
    return values.empty() ? Operator::kExists : Operator::kNotIn;
  }
  return values.empty() ? Operator::kDoesNotExist : Operator::kIn;
}

Requirement make_requirement(Vocabulary& words,
                             std::string_view key,
                             Operator op,
                             std::span<const std::string> values,
                             std::optional<std::int64_t> min_values) {
  Requirement requirement{.key = words.intern(key), .min_values = min_values};
  switch (op) {
    case Operator::kIn:
    case Operator::kNotIn:
      for (const std::string& value : values) {
        requirement.values.push_back(words.intern(value));
      }
      std::ranges::sort(requirement.values);
      requirement.values.erase(std::ranges::unique(requirement.values).begin(),
                               requirement.values.end());
      requirement.complement = op == Operator::kNotIn;
      break;
    case Operator::kExists:
      requirement.complement = true;
      break;
    case Operator::kDoesNotExist:
      break;
    case Operator::kGt:
    case Operator::kLt:
    case Operator::kGte:
    case Operator::kLte:
      apply_bound(requirement, op, values);
      break;
  }
  return requirement;
}

bool has(const Vocabulary& words, const Requirement& requirement, Symbol value) {
  const bool is_listed = std::ranges::binary_search(requirement.values, value);
  return is_listed != requirement.complement &&
         is_within(requirement.gte, requirement.lte, words.integer(value));
}

Requirement intersection(const Vocabulary& words, const Requirement& a, const Requirement& b) {
  Requirement result{.key = a.key,
                     .complement = a.complement && b.complement,
                     .values = {},
                     .gte = max_of(a.gte, b.gte),
                     .lte = min_of(a.lte, b.lte),
                     .min_values = max_of(a.min_values, b.min_values)};
  const bool must_exist = !a.allows_absence() || !b.allows_absence();
  const auto nothing = [&] {
    Requirement empty = none(a.key, result.min_values);
    empty.must_exist = must_exist;
    return empty;
  };
  if (result.gte && result.lte && *result.gte > *result.lte) {
    return nothing();
  }
  result.values = merged_values(a, b);
  std::erase_if(result.values, [&](Symbol value) {
    return !is_within(result.gte, result.lte, words.integer(value));
  });
  if (!result.complement) {
    result.gte.reset();
    result.lte.reset();
  } else if (is_exhausted(words, result)) {
    return nothing();
  }
  if (result.is_none()) {
    return nothing();
  }
  result.must_exist = result.complement && !result.values.empty() && must_exist;
  return result;
}

bool has_intersection(const Vocabulary& words, const Requirement& a, const Requirement& b) {
  if (a.complement && b.complement && a.values.empty() && b.values.empty()) {
    const auto gte = max_of(a.gte, b.gte);
    const auto lte = min_of(a.lte, b.lte);
    return !gte || !lte || *gte <= *lte;
  }
  return !intersection(words, a, b).is_none();
}

std::vector<std::string> sorted_values(const Vocabulary& words, const Requirement& requirement) {
  std::vector<std::string> values;
  values.reserve(requirement.values.size());
  for (const Symbol value : requirement.values) {
    values.emplace_back(words.text(value));
  }
  std::ranges::sort(values);
  return values;
}

std::string any_value(const Vocabulary& words, const Requirement& requirement) {
  if (requirement.is_none()) {
    return "";
  }
  if (!requirement.complement) {
    return sorted_values(words, requirement).front();
  }
  const std::int64_t first =
      requirement.gte.value_or(std::min<std::int64_t>(0, requirement.lte.value_or(0)));
  const std::int64_t last = requirement.lte.value_or(kMax);
  for (std::int64_t number = first; number <= last; ++number) {
    std::string candidate = base::to_text(number);
    const auto symbol = words.find(candidate);
    if (!symbol || !std::ranges::binary_search(requirement.values, *symbol)) {
      return candidate;
    }
    if (number == kMax) {
      break;
    }
  }
  return "";
}

std::string text(const Vocabulary& words, const Requirement& requirement) {
  std::string out = base::concat(words.text(requirement.key), " ", to_string(requirement.op()));
  if (!requirement.values.empty()) {
    std::vector<std::string> values = sorted_values(words, requirement);
    const std::size_t hidden = values.size() > kShownValues ? values.size() - kShownValues : 0;
    values.resize(values.size() - hidden);
    out += base::concat(" [", base::join(values, " "));
    out += hidden > 0 ? base::concat(" and ", hidden, " others]") : "]";
  }
  if (requirement.gte) {
    out += base::concat(" >=", *requirement.gte);
  }
  if (requirement.lte) {
    out += base::concat(" <=", *requirement.lte);
  }
  if (requirement.min_values) {
    out += base::concat(" minValues ", *requirement.min_values);
  }
  return out;
}

std::vector<k8s::SelectorTerm> to_api(const Vocabulary& words, const Requirement& requirement) {
  std::vector<k8s::SelectorTerm> entries;
  const auto add = [&](std::string_view op, std::vector<std::string> values) {
    entries.push_back({.key = std::string(words.text(requirement.key)),
                       .op = std::string(op),
                       .values = std::move(values),
                       .min_values = requirement.min_values});
  };
  if (requirement.gte) {
    add("Gte", {base::to_text(*requirement.gte)});
  }
  if (requirement.lte) {
    add("Lte", {base::to_text(*requirement.lte)});
  }
  if (entries.empty() || !requirement.values.empty()) {
    add(to_string(requirement.op()), sorted_values(words, requirement));
  }
  return entries;
}

}  // namespace model

#include "plan/amounts.h"

#include <algorithm>

#include "base/assert.h"

namespace plan {
namespace {

__extension__ using Wide = __int128;

// Nano units per unit of Amount.
Wide scale_of(std::string_view name) {
  return name == "cpu" ? 1 : 1'000'000;
}

Amount to_amount(std::string_view name, const k8s::Quantity& quantity, bool round_up) {
  const Wide scale = scale_of(name);
  const Wide nano = quantity.nano();
  Wide amount = nano / scale;
  const Wide rest = nano % scale;
  if (rest > 0 && round_up) {
    ++amount;
  } else if (rest < 0 && !round_up) {
    --amount;
  }
  return static_cast<Amount>(std::clamp<Wide>(amount, -kMaxAmount, kMaxAmount));
}

}  // namespace

std::size_t ResourceNames::intern(std::string_view name) {
  const auto found = std::ranges::find(names_, name);
  const auto dimension = static_cast<std::size_t>(found - names_.begin());
  if (found == names_.end()) {
    names_.emplace_back(name);
  }
  return dimension;
}

void ResourceNames::intern_all(const k8s::Resources& resources) {
  for (const auto& [name, quantity] : resources) {
    intern(name);
  }
}

Amounts ResourceNames::convert(const k8s::Resources& resources, bool round_up) const {
  Amounts amounts(names_.size(), 0);
  for (std::size_t d = 0; d < names_.size(); ++d) {
    if (const k8s::Quantity* quantity = resources.find(names_[d])) {
      amounts[d] = to_amount(names_[d], *quantity, round_up);
    }
  }
  return amounts;
}

// A negative request is none: it must not make room for others.
Amounts ResourceNames::demand(const k8s::Resources& resources) const {
  Amounts amounts = convert(resources, true);
  for (Amount& amount : amounts) {
    amount = std::max<Amount>(amount, 0);
  }
  return amounts;
}

Amounts ResourceNames::supply(const k8s::Resources& resources) const {
  return convert(resources, false);
}

void add(Amounts& into, const Amounts& other) {
  ASSERT(into.size() == other.size());
  for (std::size_t d = 0; d < into.size(); ++d) {
    into[d] = std::min(into[d] + other[d], kMaxAmount);
  }
}

void subtract(Amounts& from, const Amounts& other) {
  ASSERT(from.size() == other.size());
  for (std::size_t d = 0; d < from.size(); ++d) {
    from[d] = std::max(from[d] - other[d], -kMaxAmount);
  }
}

bool fits(const Amounts& demand, const Amounts& supply) {
  ASSERT(demand.size() == supply.size());
  for (std::size_t d = 0; d < demand.size(); ++d) {
    if (demand[d] > supply[d] && demand[d] > 0) {
      return false;
    }
  }
  return true;
}

bool has_negative(const k8s::Resources& resources) {
  return std::ranges::any_of(resources, [](const auto& entry) { return entry.second.nano() < 0; });
}

}  // namespace plan

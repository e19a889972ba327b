// Resource quantities as vectors of 64-bit integers, one entry per resource name that any pod of
// the problem asks for. CPU counts in nano-cores, everything else in thousandths of a unit, so that
// every quantity people write is exact; requests round up, supply rounds down, and what exceeds
// 2^61 saturates (sums too), so that absurd quantities fit nowhere instead of wrapping. SCH-60..62.
//
// Thread rule: values; ResourceNames has one writer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/quantity.h"

namespace plan {

using Amount = std::int64_t;
inline constexpr Amount kMaxAmount = Amount{1} << 61;

// By dimension (ResourceNames).
using Amounts = std::vector<Amount>;

class ResourceNames {
 public:
  // The dimension of a resource, made on first sight.
  std::size_t intern(std::string_view name);
  void intern_all(const k8s::Resources& resources);

  std::size_t size() const { return names_.size(); }

  const std::string& name(std::size_t dimension) const { return names_[dimension]; }

  // Names that have no dimension are left out: nobody asks for them.
  Amounts demand(const k8s::Resources& resources) const;
  Amounts supply(const k8s::Resources& resources) const;

 private:
  Amounts convert(const k8s::Resources& resources, bool round_up) const;

  std::vector<std::string> names_;
};

// Saturating; `into` and `other` have equal size.
void add(Amounts& into, const Amounts& other);
void subtract(Amounts& from, const Amounts& other);
// REQUIRES: no supply is negative (SCH-61 refuses those before).
bool fits(const Amounts& demand, const Amounts& supply);

// SCH-61, SCH-600, SCH-601.
bool has_negative(const k8s::Resources& resources);

}  // namespace plan

#include "plan/template.h"

#include <algorithm>

namespace plan {
namespace {

constexpr std::string_view kNodes = "nodes";

}  // namespace

const PoolLimit* PoolBudget::find(std::string_view resource) const {
  const auto found = std::ranges::find(limits, resource, &PoolLimit::resource);
  return found == limits.end() ? nullptr : &*found;
}

void PoolBudget::index(const Columns& columns) {
  for (PoolLimit& limit : limits) {
    for (std::uint32_t row = 0; row < columns.row_count(); ++row) {
      limit.capacity.push_back(columns.type_of_row(row).capacity.get(limit.resource));
      limit.by_capacity.push_back(row);
    }
    std::ranges::stable_sort(limit.by_capacity, std::ranges::greater{}, [&](std::uint32_t row) {
      return limit.capacity[row];
    });
  }
}

void PoolBudget::charge(const base::Bitset& rows) {
  for (PoolLimit& limit : limits) {
    if (limit.resource == kNodes) {
      limit.remaining -= k8s::Quantity::units(1);
      continue;
    }
    for (const std::uint32_t row : limit.by_capacity) {
      if (rows.test(row)) {
        limit.remaining -= limit.capacity[row];
        break;
      }
    }
  }
}

void PoolBudget::keep_affordable(base::Bitset& rows) const {
  for (const PoolLimit& limit : limits) {
    for (const std::uint32_t row : limit.by_capacity) {
      if (limit.capacity[row] <= limit.remaining) {
        break;
      }
      rows.reset(row);
    }
  }
}

bool PoolBudget::has_no_nodes_left() const {
  const PoolLimit* limit = find(kNodes);
  return limit != nullptr && limit->remaining.is_zero();
}

}  // namespace plan

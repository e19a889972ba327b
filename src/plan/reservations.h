// How many instances each capacity reservation still has in this round, and who holds them
// (SCH-190..196). A claim holds every reservation that it could still use, so that a later
// narrowing never finds it taken.
//
// Thread rule: one owner.
#pragma once

#include <cstdint>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "plan/columns.h"

namespace plan {

class Reservations {
 public:
  // SCH-191: the smallest capacity that any offering of a reservation states.
  void add(const Columns& columns);

  bool is_empty() const { return remaining_.empty(); }

  // `held` are the asker's own.
  bool can_reserve(const std::vector<model::Symbol>& held, model::Symbol id) const;
  // SCH-196: takes what is new in `wanted`, gives back what is no longer.
  void exchange(std::vector<model::Symbol>& held, const std::vector<model::Symbol>& wanted);

 private:
  boost::unordered_flat_map<std::uint32_t, std::int64_t> remaining_;
};

}  // namespace plan

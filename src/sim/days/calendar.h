// When things of a scenario happen: its first midnight, its days, its times of day. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/days/scenario.h"

namespace sim::days {

struct Calendar {
  k8s::TimeNs start = 0;  // Midnight of day 1.
  std::int64_t days = 1;

  k8s::TimeNs end() const { return start + days * k8s::kDay; }

  k8s::TimeNs midnight(std::int64_t day) const { return start + (day - 1) * k8s::kDay; }

  // Every moment that the time names, in order.
  std::vector<k8s::TimeNs> moments(const DayTime& time) const;

  struct Window {
    k8s::TimeNs from = 0;
    k8s::TimeNs to = 0;
  };

  std::vector<Window> windows(const Between& between) const;
};

// Since midnight, UTC.
k8s::DurationNs of_day(k8s::TimeNs time);
// Saturday or Sunday.
bool is_weekend(k8s::TimeNs time);
bool is_within(const Between& between, const Calendar& calendar, k8s::TimeNs time);

}  // namespace sim::days

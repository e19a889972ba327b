#include "sim/days/calendar.h"

#include <algorithm>

namespace sim::days {

std::vector<k8s::TimeNs> Calendar::moments(const DayTime& time) const {
  std::vector<k8s::TimeNs> out;
  for (std::int64_t day = 1; day <= days; ++day) {
    if (time.day == 0 || time.day == day) {
      out.push_back(midnight(day) + time.of_day);
    }
  }
  return out;
}

std::vector<Calendar::Window> Calendar::windows(const Between& between) const {
  std::vector<Window> out;
  for (const k8s::TimeNs from : moments(between.from)) {
    const k8s::TimeNs day = from - between.from.of_day;
    k8s::TimeNs to = between.to.day != 0 ? midnight(between.to.day) + between.to.of_day
                                         : day + between.to.of_day;
    if (to <= from) {
      to += between.to.day == 0 ? k8s::kDay : 0;
    }
    if (to > from) {
      out.push_back({.from = from, .to = to});
    }
  }
  return out;
}

k8s::DurationNs of_day(k8s::TimeNs time) {
  return ((time % k8s::kDay) + k8s::kDay) % k8s::kDay;
}

bool is_weekend(k8s::TimeNs time) {
  // 1970-01-01 was a Thursday.
  const std::int64_t weekday = (time / k8s::kDay + 4) % 7;
  return weekday == 0 || weekday == 6;
}

bool is_within(const Between& between, const Calendar& calendar, k8s::TimeNs time) {
  return std::ranges::any_of(calendar.windows(between), [&](const Calendar::Window& window) {
    return window.from <= time && time < window.to;
  });
}

}  // namespace sim::days

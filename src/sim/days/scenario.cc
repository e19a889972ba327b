#include "sim/days/scenario.h"

#include <algorithm>

namespace sim::days {

namespace {

bool is_any_of(const std::vector<std::string>& patterns, std::string_view text) {
  return patterns.empty() || std::ranges::any_of(patterns, [&](const std::string& pattern) {
           return matches_pattern(pattern, text);
         });
}

}  // namespace

double value_at(const std::vector<CurvePoint>& curve, k8s::DurationNs of_day) {
  const auto after = std::ranges::upper_bound(curve, of_day, {}, &CurvePoint::of_day);
  const CurvePoint& to = after == curve.end() ? curve.front() : *after;
  const CurvePoint& from = after == curve.begin() ? curve.back() : *(after - 1);
  const k8s::DurationNs length = (to.of_day - from.of_day + k8s::kDay) % k8s::kDay;
  const k8s::DurationNs passed = (of_day - from.of_day + k8s::kDay) % k8s::kDay;
  if (length == 0) {
    return from.value;
  }
  const double share = static_cast<double>(passed) / static_cast<double>(length);
  return from.value + (to.value - from.value) * share;
}

bool matches_pattern(std::string_view pattern, std::string_view text) {
  // Greedy, with one place to come back to: linear but for the tail behind the last star.
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool OfferFilter::allows(std::string_view zone,
                         std::string_view type,
                         std::string_view capacity_type) const {
  return is_any_of(zones, zone) && is_any_of(instance_types, type) &&
         is_any_of(capacity_types, capacity_type);
}

}  // namespace sim::days

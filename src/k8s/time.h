// The text forms of instants and durations that Kubernetes and Go use. Pure conversions: no clock
// is read here.
//
//   parse_time("2024-05-01T12:00:00Z")     format_time(t)        // seconds, always UTC
//   parse_duration("1h30m")                format_duration(d)    // "1h30m0s" (API-22)
//   parse_nillable_duration("Never")       // holds nullopt (API-23)
//
// Thread rule: free functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "k8s/meta.h"

namespace k8s {

inline constexpr DurationNs kNanosecond = 1;
inline constexpr DurationNs kMillisecond = 1'000'000;
inline constexpr DurationNs kSecond = 1'000'000'000;
inline constexpr DurationNs kMinute = 60 * kSecond;
inline constexpr DurationNs kHour = 60 * kMinute;
inline constexpr DurationNs kDay = 24 * kHour;

constexpr double to_seconds(DurationNs duration) {
  return static_cast<double>(duration) / 1e9;
}

// RFC 3339, any offset, fractions beyond nanoseconds cut off. Errors: kInvalid; also for years
// outside 1678 to 2261, which nanoseconds cannot hold.
base::Result<TimeNs> parse_time(std::string_view text);
std::string format_time(TimeNs time);
// Six fractional digits, as Lease and Event times have.
std::string format_micro_time(TimeNs time);

// What Go's time.ParseDuration accepts: a sign, and groups of a decimal number with a unit of ns,
// us, µs, ms, s, m or h; or "0". Errors: kInvalid, also beyond the range of 64-bit nanoseconds.
base::Result<DurationNs> parse_duration(std::string_view text);
// As Go prints: "0s", "300ms", "1m0s", "-1h30m0s".
std::string format_duration(DurationNs duration);

base::Result<std::optional<DurationNs>> parse_nillable_duration(std::string_view text);
std::string format_nillable_duration(std::optional<DurationNs> duration);

// Days since 1970-01-01 of a date of the proleptic Gregorian calendar, and back.
std::int64_t days_from_civil(std::int64_t year, int month, int day);

struct CivilDate {
  std::int64_t year;
  int month;
  int day;
};

CivilDate civil_from_days(std::int64_t days);

}  // namespace k8s

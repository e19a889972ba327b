#include "k8s/time.h"

#include <array>
#include <limits>

namespace k8s {
namespace {

using base::ErrorCode;
using base::fail;

// Reads fixed shapes from the front of a text; `ok` falls and stays fallen at the first mismatch.
struct Scanner {
  std::string_view rest;
  bool ok = true;

  bool next_is(char c) const { return !rest.empty() && rest[0] == c; }

  bool next_is_digit() const { return !rest.empty() && rest[0] >= '0' && rest[0] <= '9'; }

  char take() {
    if (rest.empty()) {
      ok = false;
      return '\0';
    }
    const char c = rest[0];
    rest.remove_prefix(1);
    return c;
  }

  void expect(std::string_view one_of) { ok = one_of.find(take()) != std::string_view::npos && ok; }

  int number(int width) {
    int value = 0;
    for (int i = 0; i < width; ++i) {
      ok = ok && next_is_digit();
      value = value * 10 + (take() - '0');
    }
    return value;
  }
};

bool is_leap(std::int64_t year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int days_in_month(std::int64_t year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

std::int64_t scan_fraction(Scanner& in) {
  std::int64_t nanos = 0;
  std::int64_t unit = kSecond;
  in.take();
  in.ok = in.ok && in.next_is_digit();
  while (in.next_is_digit()) {
    unit /= 10;
    nanos += (in.take() - '0') * unit;
  }
  return nanos;
}

std::int64_t scan_offset_seconds(Scanner& in) {
  if (in.next_is('Z') || in.next_is('z')) {
    in.take();
    return 0;
  }
  const int sign = in.next_is('-') ? -1 : 1;
  in.expect("+-");
  const int hours = in.number(2);
  in.expect(":");
  const int minutes = in.number(2);
  in.ok = in.ok && hours < 24 && minutes < 60;
  return sign * (hours * 3600 + minutes * 60);
}

void append_padded(std::string& out, std::int64_t value, std::size_t width) {
  const std::string digits = std::to_string(value);
  out.append(width > digits.size() ? width - digits.size() : 0, '0').append(digits);
}

// Up to the seconds, without zone; the rest below a second goes to *nanos.
std::string format_seconds(TimeNs time, std::int64_t* nanos) {
  std::int64_t seconds = time / kSecond;
  *nanos = time % kSecond;
  if (*nanos < 0) {
    *nanos += kSecond;
    --seconds;
  }
  std::int64_t days = seconds / 86400;
  std::int64_t second_of_day = seconds % 86400;
  if (second_of_day < 0) {
    second_of_day += 86400;
    --days;
  }
  const CivilDate date = civil_from_days(days);
  std::string out;
  append_padded(out, date.year, 4);
  append_padded(out.append("-"), date.month, 2);
  append_padded(out.append("-"), date.day, 2);
  append_padded(out.append("T"), second_of_day / 3600, 2);
  append_padded(out.append(":"), second_of_day / 60 % 60, 2);
  append_padded(out.append(":"), second_of_day % 60, 2);
  return out;
}

std::unexpected<base::Error> refuse(std::string_view text, std::string_view expected) {
  return fail(ErrorCode::kInvalid,
              std::string("\"").append(text.substr(0, 64)).append("\" is not ").append(expected));
}

constexpr std::string_view kDurationForm = "a duration (such as 30s, 1h30m, 720h)";

// The length of the unit's name, 0 when there is none; its nanoseconds in *unit.
std::size_t match_unit(std::string_view text, DurationNs* unit) {
  struct Unit {
    std::string_view name;
    DurationNs nanos;
  };

  // Longer names first where one begins another. Go takes both code points that look like a mu.
  constexpr std::array<Unit, 8> kUnits = {{{"ns", 1},
                                           {"us", 1000},
                                           {"\xC2\xB5s", 1000},
                                           {"\xCE\xBCs", 1000},
                                           {"ms", kMillisecond},
                                           {"s", kSecond},
                                           {"m", kMinute},
                                           {"h", kHour}}};
  for (const Unit& candidate : kUnits) {
    if (text.starts_with(candidate.name)) {
      *unit = candidate.nanos;
      return candidate.name.size();
    }
  }
  return 0;
}

// One "<number><unit>" group added to *total; false on bad form or overflow.
bool add_group(Scanner& in, Int128* total) {
  constexpr Int128 kLimit = static_cast<Int128>(1) << 63;
  Int128 whole = 0;
  Int128 fraction = 0;
  Int128 scale = 1;
  bool any = false;
  for (; in.next_is_digit(); any = true) {
    whole = whole * 10 + (in.take() - '0');
    if (whole > kLimit) {
      return false;
    }
  }
  if (in.next_is('.')) {
    in.take();
    for (; in.next_is_digit(); any = true) {
      const int digit = in.take() - '0';
      if (scale < 1'000'000'000'000'000'000) {  // Further digits are far below a nanosecond.
        scale *= 10;
        fraction = fraction * 10 + digit;
      }
    }
  }
  DurationNs unit = 0;
  const std::size_t length = match_unit(in.rest, &unit);
  if (!any || length == 0) {
    return false;
  }
  in.rest.remove_prefix(length);
  *total += whole * unit + fraction * unit / scale;
  return *total <= kLimit;
}

}  // namespace

// Howard Hinnant's algorithms for the civil calendar (public domain).
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

CivilDate civil_from_days(std::int64_t days) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1);
  const auto month = static_cast<int>(shifted + (shifted < 10 ? 3 : -9));
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

base::Result<TimeNs> parse_time(std::string_view text) {
  Scanner in{text};
  const int year = in.number(4);
  in.expect("-");
  const int month = in.number(2);
  in.expect("-");
  const int day = in.number(2);
  in.expect("Tt");
  const int hour = in.number(2);
  in.expect(":");
  const int minute = in.number(2);
  in.expect(":");
  const int second = in.number(2);
  const std::int64_t nanos = in.next_is('.') ? scan_fraction(in) : 0;
  const std::int64_t offset = scan_offset_seconds(in);
  const bool in_range = in.ok && year >= 1678 && year <= 2261 && month >= 1 && month <= 12 &&
                        day >= 1 && day <= days_in_month(year, month) && hour < 24 && minute < 60 &&
                        second < 60;
  if (!in_range || !in.rest.empty()) {
    return refuse(text, "a time (such as 2024-05-01T12:00:00Z)");
  }
  const std::int64_t seconds =
      days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset;
  return seconds * kSecond + nanos;
}

std::string format_time(TimeNs time) {
  std::int64_t nanos = 0;
  return format_seconds(time, &nanos) + "Z";
}

std::string format_micro_time(TimeNs time) {
  std::int64_t nanos = 0;
  std::string out = format_seconds(time, &nanos);
  append_padded(out.append("."), nanos / 1000, 6);
  return out + "Z";
}

base::Result<DurationNs> parse_duration(std::string_view text) {
  Scanner in{text};
  const bool negative = in.next_is('-');
  if (in.next_is('-') || in.next_is('+')) {
    in.take();
  }
  if (in.rest == "0") {
    return 0;
  }
  Int128 total = 0;
  bool ok = !in.rest.empty();
  while (ok && !in.rest.empty()) {
    ok = add_group(in, &total);
  }
  total = negative ? -total : total;
  if (!ok || total > std::numeric_limits<DurationNs>::max()) {
    return refuse(text, kDurationForm);
  }
  return static_cast<DurationNs>(total);
}

std::string format_duration(DurationNs duration) {
  if (duration == 0) {
    return "0s";
  }
  // Unsigned, because the magnitude of the least value has no signed form.
  std::uint64_t rest = duration < 0 ? ~static_cast<std::uint64_t>(duration) + 1
                                    : static_cast<std::uint64_t>(duration);
  const auto print_decimal = [](std::uint64_t value, std::uint64_t unit) {
    std::string out = std::to_string(value / unit);
    if (value % unit != 0) {
      std::string fraction = std::to_string(unit + value % unit).substr(1);
      fraction.erase(fraction.find_last_not_of('0') + 1);
      out.append(".").append(fraction);
    }
    return out;
  };
  std::string out = duration < 0 ? "-" : "";
  if (rest < 1000) {
    return out + std::to_string(rest) + "ns";
  }
  if (rest < 1'000'000) {
    return out + print_decimal(rest, 1000) + "\xC2\xB5s";
  }
  if (rest < 1'000'000'000) {
    return out + print_decimal(rest, 1'000'000) + "ms";
  }
  const auto hours = rest / static_cast<std::uint64_t>(kHour);
  const auto minutes = rest / static_cast<std::uint64_t>(kMinute) % 60;
  rest %= static_cast<std::uint64_t>(kMinute);
  if (hours > 0) {
    out.append(std::to_string(hours)).append("h");
  }
  if (hours > 0 || minutes > 0) {
    out.append(std::to_string(minutes)).append("m");
  }
  return out + print_decimal(rest, 1'000'000'000) + "s";
}

base::Result<std::optional<DurationNs>> parse_nillable_duration(std::string_view text) {
  if (text == "Never") {
    return std::optional<DurationNs>();
  }
  const base::Result<DurationNs> duration = parse_duration(text);
  if (!duration) {
    return refuse(text, "a duration (such as 30s, 1h30m, 720h) or \"Never\"");
  }
  return std::optional(*duration);
}

std::string format_nillable_duration(std::optional<DurationNs> duration) {
  return duration ? format_duration(*duration) : "Never";
}

}  // namespace k8s

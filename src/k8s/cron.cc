#include "k8s/cron.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <span>
#include <string>
#include <vector>

#include "k8s/time.h"

namespace k8s {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::array<std::string_view, 12> kMonths = {
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {
    "sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct FieldForm {
  std::string_view name;
  int low;
  int high;
  std::span<const std::string_view> words = {};
  int first_word = 0;
};

struct FieldBits {
  std::uint64_t bits = 0;
  bool is_any = false;
};

std::unexpected<base::Error> refuse(const FieldForm& form,
                                    std::string_view text,
                                    std::string_view reason) {
  return fail(ErrorCode::kInvalid,
              std::string(form.name)
                  .append(" \"")
                  .append(text.substr(0, 64))
                  .append("\": ")
                  .append(reason));
}

std::string range_text(const FieldForm& form) {
  return std::to_string(form.low) + " to " + std::to_string(form.high);
}

base::Result<int> parse_number(const FieldForm& form, std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) {
    return refuse(form, text, "a number expected");
  }
  return value;
}

base::Result<int> parse_value(const FieldForm& form, std::string_view text) {
  std::string lower(text);
  std::ranges::transform(
      lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (const auto it = std::ranges::find(form.words, lower); it != form.words.end()) {
    return static_cast<int>(it - form.words.begin()) + form.first_word;
  }
  const int value = TRY(parse_number(form, text));
  if (value < form.low || value > form.high) {
    return refuse(form, text, range_text(form) + " expected");
  }
  return value;
}

// "*", "?", "a", "a-b", each with "/n" perhaps.
base::Result<FieldBits> parse_range(const FieldForm& form, std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view range = text.substr(0, slash);
  const bool has_step = slash != std::string_view::npos;
  const int step = has_step ? TRY(parse_number(form, text.substr(slash + 1))) : 1;
  if (step == 0) {
    return refuse(form, text, "step of range should be a positive number");
  }
  const bool is_any = range == "*" || range == "?";
  int first = form.low;
  int last = form.high;
  if (!is_any) {
    const std::size_t dash = range.find('-');
    first = TRY(parse_value(form, range.substr(0, dash)));
    const bool is_range = dash != std::string_view::npos;
    last = is_range ? TRY(parse_value(form, range.substr(dash + 1))) : has_step ? form.high : first;
  }
  if (first > last) {
    return refuse(form,
                  text,
                  std::string("beginning of range (")
                      .append(std::to_string(first))
                      .append(") beyond end of range (")
                      .append(std::to_string(last))
                      .append(")"));
  }
  FieldBits out{0, is_any && step == 1};
  for (int value = first; value <= last; value += std::min(step, 64)) {
    out.bits |= std::uint64_t{1} << value;
  }
  return out;
}

base::Result<FieldBits> parse_field(const FieldForm& form, std::string_view text) {
  FieldBits out;
  bool any = false;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    // Empty parts ("1,,2") are passed over.
    if (comma > 0) {
      const FieldBits part = TRY(parse_range(form, text.substr(0, comma)));
      out = {out.bits | part.bits, out.is_any || part.is_any};
      any = true;
    }
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return any ? base::Result<FieldBits>(out) : refuse(form, text, "a value expected");
}

std::string_view expand_macro(std::string_view text) {
  struct Macro {
    std::string_view name;
    std::string_view fields;
  };

  constexpr std::array<Macro, 7> kMacros = {{{"@yearly", "0 0 1 1 *"},
                                             {"@annually", "0 0 1 1 *"},
                                             {"@monthly", "0 0 1 * *"},
                                             {"@weekly", "0 0 * * 0"},
                                             {"@daily", "0 0 * * *"},
                                             {"@midnight", "0 0 * * *"},
                                             {"@hourly", "0 * * * *"}}};
  const auto it = std::ranges::find(kMacros, text, &Macro::name);
  return it == kMacros.end() ? text : it->fields;
}

std::vector<std::string_view> split_fields(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  std::vector<std::string_view> fields;
  for (std::size_t at = text.find_first_not_of(kSpace); at != std::string_view::npos;
       at = text.find_first_not_of(kSpace, at)) {
    const std::size_t end = std::min(text.find_first_of(kSpace, at), text.size());
    fields.push_back(text.substr(at, end - at));
    at = end;
  }
  return fields;
}

bool has_bit(std::uint64_t bits, int at) {
  return (bits >> at & 1) != 0;
}

}  // namespace

base::Result<Cron> Cron::parse(std::string_view text) {
  const std::vector<std::string_view> fields = split_fields(expand_macro(text));
  if (fields.size() != 5) {
    return fail(ErrorCode::kInvalid,
                std::string("schedule \"")
                    .append(text.substr(0, 128))
                    .append("\": five fields (minute hour day month weekday) or a macro such as "
                            "@daily expected, found ")
                    .append(std::to_string(fields.size()))
                    .append(fields.size() == 1 ? " field" : " fields"));
  }
  Cron cron;
  cron.minutes_ = TRY(parse_field({"minute", 0, 59}, fields[0])).bits;
  cron.hours_ = TRY(parse_field({"hour", 0, 23}, fields[1])).bits;
  const FieldBits days = TRY(parse_field({"day of month", 1, 31}, fields[2]));
  cron.months_ = TRY(parse_field({"month", 1, 12, kMonths, 1}, fields[3])).bits;
  const FieldBits weekdays = TRY(parse_field({"day of week", 0, 6, kWeekdays, 0}, fields[4]));
  cron.days_ = days.bits;
  cron.any_day_ = days.is_any;
  cron.weekdays_ = weekdays.bits;
  cron.any_weekday_ = weekdays.is_any;
  return cron;
}

std::optional<TimeNs> Cron::next(TimeNs after) const {
  constexpr std::int64_t kMinutesPerDay = 24 * 60;
  std::int64_t minute = after / kMinute;
  minute -= after % kMinute < 0 ? 1 : 0;
  ++minute;
  std::int64_t day = minute / kMinutesPerDay;
  day -= minute % kMinutesPerDay < 0 ? 1 : 0;
  auto from = static_cast<int>(minute - day * kMinutesPerDay);
  const std::int64_t last_year = civil_from_days(day).year + 5;  // API-167
  for (;; ++day, from = 0) {
    const CivilDate date = civil_from_days(day);
    if (date.year > last_year) {
      return std::nullopt;
    }
    const auto weekday = static_cast<int>(((day + 4) % 7 + 7) % 7);  // 1970-01-01 was a Thursday.
    if (!is_day_match(date.month, date.day, weekday)) {
      continue;
    }
    if (const int found = find_minute(from); found >= 0) {
      return (day * kMinutesPerDay + found) * kMinute;
    }
  }
}

bool Cron::is_day_match(int month, int day, int weekday) const {
  const bool day_ok = has_bit(days_, day);
  const bool weekday_ok = has_bit(weekdays_, weekday);
  const bool both = any_day_ || any_weekday_;
  return has_bit(months_, month) && (both ? day_ok && weekday_ok : day_ok || weekday_ok);
}

int Cron::find_minute(int from) const {
  for (int at = from; at < 24 * 60; ++at) {
    if (has_bit(hours_, at / 60) && has_bit(minutes_, at % 60)) {
      return at;
    }
  }
  return -1;
}

}  // namespace k8s

// Cron schedules of disruption budgets (API-165 to API-168): five fields or a macro, in UTC.
//
//   const Cron cron = TRY(Cron::parse("0 9 * * mon-fri"));
//   cron.next(now)            // the first firing strictly after now; nullopt: none in five years
//
// Thread rule: value.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "k8s/meta.h"

namespace k8s {

class Cron {
 public:
  // Errors: kInvalid naming the field. A time zone prefix is refused.
  static base::Result<Cron> parse(std::string_view text);

  std::optional<TimeNs> next(TimeNs after) const;

 private:
  Cron() = default;

  bool is_day_match(int month, int day, int weekday) const;
  // The first minute of the day at or after `from` that fires; -1: none.
  int find_minute(int from) const;

  // Bit n stands for the value n.
  std::uint64_t minutes_ = 0;
  std::uint64_t hours_ = 0;
  std::uint64_t days_ = 0;
  std::uint64_t months_ = 0;
  std::uint64_t weekdays_ = 0;
  // Unrestricted days make both kinds of day count; else either one is enough (API-166).
  bool any_day_ = false;
  bool any_weekday_ = false;
};

}  // namespace k8s

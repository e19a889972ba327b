// The flags that change what is scheduled where; the same names and values for every command that
// plans (SCH-105).
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "plan/plan.h"

namespace CLI {
class App;
}

namespace app {

struct SchedulingFlags {
  std::string preference_policy = "Respect";
  std::string min_values_policy = "Strict";
  std::string scheduler_config;  // Text, or a file's name.
  std::string feature_gates;
  bool ignore_dra_requests = true;
  std::string packing = "classic";
  std::string consolidation = "classic";
};

void add_scheduling_flags(CLI::App& command, SchedulingFlags& flags);
// --packing alone, for commands without the other ones.
void add_packing_flag(CLI::App& command, std::string& packing);

// --consolidation alone, likewise.
void add_consolidation_flag(CLI::App& command, std::string& consolidation);

// Errors: kInvalid.
base::Result<plan::Packing> parse_packing(const std::string& text);
// Whether it is the extended one. Errors: kInvalid.
base::Result<bool> parse_consolidation(const std::string& text);

// Errors: kInvalid naming the flag, the value and what is allowed.
base::Result<plan::Options> planner_options(const SchedulingFlags& flags);

// Whether --feature-gates turns the gate on. REQUIRES: planner_options accepted the flags.
bool is_gate_on(const SchedulingFlags& flags, std::string_view gate, bool by_default);

}  // namespace app

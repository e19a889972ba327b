#include "app/scheduling_flags.h"

#include <array>

#include <CLI/CLI.hpp>

#include "base/text.h"
#include "plan/scheduler_config.h"
#include "runtime/files.h"

namespace app {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

// OPR-60 ff.: the gates of upstream 1.14; those that do not change a plan are accepted all the
// same.
constexpr std::array kGates{"CapacityBuffer",
                            "NodeOverlay",
                            "NodeRepair",
                            "NodeClassCEL",
                            "ReservedCapacity",
                            "SpotToSpotConsolidation",
                            "StaticCapacity"};

bool is_gate(std::string_view name) {
  for (const std::string_view gate : kGates) {
    if (gate == name) {
      return true;
    }
  }
  return false;
}

Result<void> apply_gates(std::string_view text, plan::Options& options) {
  if (text.empty()) {
    return {};
  }
  for (const std::string_view part : base::split(text, ',')) {
    const base::TextPair gate = base::split_once(part, '=');
    const auto value = gate.after ? base::parse_bool(*gate.after) : std::nullopt;
    const std::string_view name = base::trim(gate.before);
    if (!value || !is_gate(name)) {
      return fail(ErrorCode::kInvalid,
                  base::concat("--feature-gates: \"",
                               part,
                               "\" is not GATE=true or GATE=false with GATE one of ",
                               base::join(kGates, ", ")));
    }
    const bool is_on = value.value_or(false);
    if (name == "ReservedCapacity") {
      options.reserved_capacity = is_on;
    } else if (name == "CapacityBuffer") {
      options.capacity_buffers = is_on;
    }
  }
  return {};
}

}  // namespace

void add_packing_flag(CLI::App& command, std::string& packing) {
  command
      .add_option(
          "--packing",
          packing,
          "How pods share new nodes: classic (the documented order) or cost (cheaper mixes)")
      ->envname("PACKING")
      ->capture_default_str();
}

void add_consolidation_flag(CLI::App& command, std::string& consolidation) {
  command
      .add_option(
          "--consolidation",
          consolidation,
          "What may become of nodes: classic (the documented moves) or extended (any number "
          "for any number, if it pays)")
      ->envname("CONSOLIDATION")
      ->capture_default_str();
}

Result<bool> parse_consolidation(const std::string& text) {
  if (text != "classic" && text != "extended") {
    return fail(ErrorCode::kInvalid,
                base::concat("--consolidation: \"", text, "\" is neither classic nor extended"));
  }
  return text == "extended";
}

Result<plan::Packing> parse_packing(const std::string& text) {
  if (text == "classic") {
    return plan::Packing::kClassic;
  }
  if (text == "cost") {
    return plan::Packing::kCost;
  }
  return fail(ErrorCode::kInvalid,
              base::concat("--packing: \"", text, "\" is neither classic nor cost"));
}

void add_scheduling_flags(CLI::App& command, SchedulingFlags& flags) {
  command
      .add_option("--preference-policy",
                  flags.preference_policy,
                  "How preferences are treated: Respect or Ignore")
      ->capture_default_str();
  command
      .add_option("--min-values-policy",
                  flags.min_values_policy,
                  "What happens when minValues cannot be met: Strict or BestEffort")
      ->capture_default_str();
  command.add_option("--scheduler-config",
                     flags.scheduler_config,
                     "Default topology spread constraints: YAML or JSON text, or a file");
  command.add_option("--feature-gates",
                     flags.feature_gates,
                     "Comma separated GATE=true|false, e.g. ReservedCapacity=false");
  command
      .add_option("--ignore-dra-requests",
                  flags.ignore_dra_requests,
                  "Leave pods with dynamic resource claims alone")
      ->capture_default_str();
  add_packing_flag(command, flags.packing);
  add_consolidation_flag(command, flags.consolidation);
}

bool is_gate_on(const SchedulingFlags& flags, std::string_view gate, bool by_default) {
  bool is_on = by_default;
  for (const std::string_view part : base::split(flags.feature_gates, ',')) {
    const base::TextPair one = base::split_once(part, '=');
    if (base::trim(one.before) == gate) {
      is_on = one.after && base::parse_bool(*one.after).value_or(is_on);
    }
  }
  return is_on;
}

Result<plan::Options> planner_options(const SchedulingFlags& flags) {
  plan::Options options;
  options.ignore_dra_requests = flags.ignore_dra_requests;
  if (flags.preference_policy == "Ignore") {
    options.preference_policy = plan::PreferencePolicy::kIgnore;
  } else if (flags.preference_policy != "Respect") {
    return fail(ErrorCode::kInvalid,
                base::concat("--preference-policy: \"",
                             flags.preference_policy,
                             "\" is neither Respect nor Ignore"));
  }
  if (flags.min_values_policy == "BestEffort") {
    options.min_values_policy = plan::MinValuesPolicy::kBestEffort;
  } else if (flags.min_values_policy != "Strict") {
    return fail(ErrorCode::kInvalid,
                base::concat("--min-values-policy: \"",
                             flags.min_values_policy,
                             "\" is neither Strict nor BestEffort"));
  }
  options.packing = TRY(parse_packing(flags.packing));
  TRY_VOID(parse_consolidation(flags.consolidation));
  TRY_VOID(apply_gates(flags.feature_gates, options));
  // A file's name, as the chart mounts one, or the document itself.
  std::string config = flags.scheduler_config;
  if (runtime::file_exists(config)) {
    config = TRY(runtime::read_file(config));
  }
  options.default_spread = TRY(plan::parse_scheduler_config(config));
  return options;
}

}  // namespace app

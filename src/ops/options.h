// What the controller was told by flags and environment variables: one value, made once at start
// from texts (spec 05 A.1 to A.5). Flag before variable before default.
//
//   const FlagTexts flags = ...;                       // ops/flags.h
//   const Options options = TRY(resolve_options(flags, Environment::of_process()));
//   control::Controllers karpenter({...}, controller_config(options));
//
// Every setting stands once in the table settings(): parsing, --help, docs/cli.md and the tests
// read it there. Errors name the setting, the value and what is allowed; where upstream passes over
// a mistake in silence, a warning says so. Thread rule: pure, values.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ops/feature_gates.h"

#include "base/error.h"
#include "control/config.h"
#include "runtime/environment.h"
#include "runtime/log.h"

namespace ops {

struct Options {
  std::string karpenter_service;
  std::int64_t metrics_port = 0;
  std::int64_t health_probe_port = 0;
  std::int64_t kube_client_qps = 0;
  std::int64_t kube_client_burst = 0;
  bool enable_profiling = false;
  bool disable_controller_warmup = false;
  bool disable_leader_election = false;
  bool disable_cluster_state_observability = false;
  std::string leader_election_name;
  std::string leader_election_namespace;
  std::int64_t memory_limit = 0;  // Bytes; not positive: none.
  std::int64_t cpu_requests = 0;  // Thousandths of a core.
  std::string log_level;
  std::string log_output_paths;
  std::string log_error_output_paths;
  k8s::DurationNs batch_max_duration = 0;
  k8s::DurationNs batch_idle_duration = 0;
  std::string preference_policy;
  std::string min_values_policy;
  std::string packing;
  std::string consolidation;
  bool ignore_dra_requests = false;
  std::string feature_gates;
  std::string scheduler_config;

  std::string cloud_provider;  // "aws" or "kwok".
  std::string instance_types_file_path;

  std::string cluster_name;
  std::string cluster_endpoint;
  std::string cluster_ca_bundle;
  bool isolated_vpc = false;
  bool eks_control_plane = false;
  double vm_memory_overhead_percent = 0;
  std::string interruption_queue;
  std::int64_t reserved_enis = 0;
  bool disable_dry_run = false;
  bool enable_zonal_shift = false;
  k8s::DurationNs ami_refresh_interval = 0;
  k8s::DurationNs subnet_refresh_interval = 0;
  std::string aws_feature_gates;

  // What follows from the texts above.
  FeatureGates gates;
  std::vector<k8s::TopologySpreadConstraint> default_spread;
  // Mistakes that do not keep us from starting.
  std::vector<std::string> warnings;

  runtime::LogLevel level() const;

  // OPR-40; at least one.
  std::int64_t cpu_cores() const { return (cpu_requests + 999) / 1000; }
};

enum class SettingGroup : std::uint8_t { kCore, kProvider, kAws };

struct Setting {
  using Member = std::
      variant<std::string Options::*, bool Options::*, double Options::*, std::int64_t Options::*>;

  std::string_view flag;  // Without dashes.
  Member member;
  std::string_view fallback;  // As it would be written.
  std::string_view help;
  SettingGroup group = SettingGroup::kCore;
  bool is_duration = false;

  bool is_switch() const { return std::holds_alternative<bool Options::*>(member); }

  // "string", "bool", "float", "int" or "duration".
  std::string_view type_name() const;
  // "METRICS_PORT"
  std::string environment_name() const;
};

std::span<const Setting> settings();

// By flag name without dashes.
using FlagTexts = std::map<std::string, std::string, std::less<>>;

// Errors: kInvalid; the texts begin as upstream's (OPR-10).
base::Result<Options> resolve_options(const FlagTexts& flags,
                                      const runtime::Environment& environment);

// The part that the controllers read.
control::Config controller_config(const Options& options);

// "stdout,/var/log/karpenter" as a list (spec 05 A.2).
std::vector<std::string> path_list(std::string_view text);

}  // namespace ops

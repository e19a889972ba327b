#include "ops/options.h"

#include <algorithm>

#include "base/text.h"
#include "k8s/time.h"
#include "plan/scheduler_config.h"

namespace ops {

namespace {

using base::concat;
using base::ErrorCode;
using base::fail;
using base::Result;

// As flags of the Go implementation are read: a sign, then decimal, 0x, 0o or 0b digits.
std::optional<std::int64_t> parse_integer(std::string_view text) {
  const bool has_sign = text.starts_with('+') || text.starts_with('-');
  const std::string_view digits = text.substr(has_sign ? 1 : 0);
  int base = 10;
  for (const auto& [prefix, of_prefix] : {std::pair("0x", 16), {"0o", 8}, {"0b", 2}}) {
    if (base::to_lower(digits).starts_with(prefix)) {
      base = of_prefix;
    }
  }
  if (base == 10) {
    return digits.starts_with('-') ? std::nullopt
                                   : base::parse_int(text.substr(text.starts_with('+') ? 1 : 0));
  }
  std::int64_t value = 0;
  const std::string_view rest = digits.substr(2);
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value, base);
  if (error != std::errc() || end != rest.data() + rest.size() || rest.starts_with('-')) {
    return std::nullopt;
  }
  return text.starts_with('-') ? -value : value;
}

// Stores the text's value; false when it is none.
struct Store {
  Options& options;
  const Setting& setting;
  std::string_view text;
  bool is_flag;

  bool operator()(std::string Options::* member) const {
    options.*member = text;
    return true;
  }

  // OPR-2, OPR-3: a flag is stricter than a variable.
  bool operator()(bool Options::* member) const {
    const auto value = base::parse_bool(text);
    if (!value || (is_flag && text != "true" && text != "false")) {
      return false;
    }
    options.*member = *value;
    return true;
  }

  bool operator()(double Options::* member) const {
    const auto value = base::parse_double(text);
    options.*member = value.value_or(options.*member);
    return value.has_value();
  }

  bool operator()(std::int64_t Options::* member) const {
    if (setting.is_duration) {
      const auto value = k8s::parse_duration(text);
      options.*member = value ? *value : options.*member;
      return value.has_value();
    }
    const auto value = parse_integer(text);
    options.*member = value.value_or(options.*member);
    return value.has_value();
  }
};

bool store(Options& options, const Setting& setting, std::string_view text, bool is_flag) {
  return std::visit(Store{options, setting, text, is_flag}, setting.member);
}

std::string wanted(const Setting& setting) {
  if (setting.is_switch()) {
    return "must be true or false";
  }
  return setting.is_duration ? "must be a duration such as 10s or 1m30s"
                             : concat("must be of type ", setting.type_name());
}

Result<void> read_texts(const FlagTexts& flags,
                        const runtime::Environment& environment,
                        Options& options) {
  for (const Setting& setting : settings()) {
    store(options, setting, setting.fallback, false);
    const auto flag = flags.find(setting.flag);
    if (flag != flags.end()) {
      if (!store(options, setting, flag->second, true)) {
        return fail(ErrorCode::kInvalid,
                    concat("parsing flags, invalid value for --",
                           setting.flag,
                           ": \"",
                           flag->second,
                           "\" is not a valid value, ",
                           wanted(setting)));
      }
      continue;
    }
    const std::string name = setting.environment_name();
    const auto variable = environment.get(name);
    // OPR-4: as if it were not set. Charts leave variables empty, which is no mistake.
    if (variable && !store(options, setting, *variable, false) && !variable->empty()) {
      options.warnings.push_back(concat("ignoring environment variable ",
                                        name,
                                        "=\"",
                                        *variable,
                                        "\": it ",
                                        wanted(setting),
                                        "; using ",
                                        setting.fallback));
    }
  }
  return {};
}

Result<void> check_choice(std::string_view name,
                          std::string_view value,
                          std::initializer_list<std::string_view> allowed) {
  if (std::ranges::find(allowed, value) != allowed.end()) {
    return {};
  }
  std::vector<std::string_view> named(allowed);
  std::erase(named, "");
  return fail(ErrorCode::kInvalid,
              concat("validating cli flags / env vars, invalid ",
                     name,
                     " \"",
                     value,
                     "\"; allowed: ",
                     base::join(named, ", ")));
}

Result<void> check_port(std::string_view name, std::int64_t port) {
  if (port >= 0 && port <= 65535) {
    return {};
  }
  return fail(ErrorCode::kInvalid,
              concat("validating cli flags / env vars, invalid ",
                     name,
                     " \"",
                     port,
                     "\"; allowed: 0 to 65535"));
}

// OPR-14 to OPR-17.
Result<void> check_core(Options& options) {
  TRY_VOID(check_choice("LOG_LEVEL", options.log_level, {"", "debug", "info", "error"}));
  TRY_VOID(check_choice("PREFERENCE_POLICY", options.preference_policy, {"Respect", "Ignore"}));
  TRY_VOID(check_choice("MIN_VALUES_POLICY", options.min_values_policy, {"Strict", "BestEffort"}));
  TRY_VOID(check_choice("PACKING", options.packing, {"classic", "cost"}));
  TRY_VOID(check_choice("CONSOLIDATION", options.consolidation, {"classic", "extended"}));
  TRY_VOID(check_choice("CLOUD_PROVIDER", options.cloud_provider, {"aws", "kwok"}));
  TRY_VOID(check_port("METRICS_PORT", options.metrics_port));
  TRY_VOID(check_port("HEALTH_PROBE_PORT", options.health_probe_port));
  if (options.cpu_requests <= 0) {
    options.cpu_requests = 1000;
  }
  for (const std::string& text : {options.feature_gates, options.aws_feature_gates}) {
    for (const std::string& name : TRY(parse_feature_gates(text, options.gates))) {
      std::vector<std::string_view> known;
      std::ranges::transform(all_gates(), std::back_inserter(known), &Gate::name);
      options.warnings.push_back(
          concat("ignoring unknown feature gate \"", name, "\"; known: ", base::join(known, ", ")));
    }
  }
  options.default_spread = TRY(plan::parse_scheduler_config(options.scheduler_config));
  return {};
}

// An absolute URL with a host.
bool is_url(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) {
    return false;
  }
  const std::string_view rest = text.substr(colon + 3);
  const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  return !host.empty() && !host.starts_with(':') &&
         text.find_first_of(" \t\r\n") == std::string_view::npos;
}

// OPR-11: all failures at once.
Result<void> check_aws(const Options& options) {
  std::vector<std::string> failures;
  if (options.cluster_name.empty()) {
    failures.emplace_back("missing field, cluster-name");
  }
  if (!options.cluster_endpoint.empty() && !is_url(options.cluster_endpoint)) {
    failures.push_back(concat(
        "cluster endpoint URL is not valid (cluster-endpoint=", options.cluster_endpoint, ")"));
  }
  if (options.vm_memory_overhead_percent < 0) {
    failures.emplace_back("vm-memory-overhead-percent cannot be negative");
  }
  if (options.reserved_enis < 0) {
    failures.emplace_back("reserved-enis cannot be negative");
  }
  if (options.ami_refresh_interval < k8s::kMinute) {
    failures.emplace_back("ami-refresh-interval must be at least 1m");
  }
  if (options.subnet_refresh_interval < k8s::kMinute) {
    failures.emplace_back("subnet-refresh-interval must be at least 1m");
  }
  if (failures.empty()) {
    return {};
  }
  return fail(ErrorCode::kInvalid, "validating options, " + base::join(failures, "; "));
}

}  // namespace

runtime::LogLevel Options::level() const {
  if (log_level == "debug") {
    return runtime::LogLevel::kDebug;
  }
  return log_level == "error" ? runtime::LogLevel::kError : runtime::LogLevel::kInfo;
}

Result<Options> resolve_options(const FlagTexts& flags, const runtime::Environment& environment) {
  Options options;
  TRY_VOID(read_texts(flags, environment, options));
  TRY_VOID(check_core(options));
  if (options.cloud_provider == "aws") {
    TRY_VOID(check_aws(options));
  }
  return options;
}

control::Config controller_config(const Options& options) {
  control::Config config;
  config.batch_idle = options.batch_idle_duration;
  config.batch_max = options.batch_max_duration;
  config.plan.preference_policy = options.preference_policy == "Ignore"
                                      ? plan::PreferencePolicy::kIgnore
                                      : plan::PreferencePolicy::kRespect;
  config.plan.min_values_policy = options.min_values_policy == "BestEffort"
                                      ? plan::MinValuesPolicy::kBestEffort
                                      : plan::MinValuesPolicy::kStrict;
  config.plan.packing = options.packing == "cost" ? plan::Packing::kCost : plan::Packing::kClassic;
  config.plan.reserved_capacity = options.gates.reserved_capacity;
  config.plan.capacity_buffers = options.gates.capacity_buffer;
  config.spot_to_spot = options.gates.spot_to_spot_consolidation;
  config.static_capacity = options.gates.static_capacity;
  config.node_repair = options.gates.node_repair;
  config.node_overlay = options.gates.node_overlay;
  config.plan.ignore_dra_requests = options.ignore_dra_requests;
  config.plan.default_spread = options.default_spread;
  config.plan.count_effective_zones = true;
  return config;
}

std::vector<std::string> path_list(std::string_view text) {
  std::vector<std::string> paths;
  for (const std::string_view path : base::split(text, ',')) {
    if (!path.empty()) {
      paths.emplace_back(path);
    }
  }
  return paths;
}

}  // namespace ops

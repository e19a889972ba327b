#include "ops/options.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "ops/flags.h"

#include "base/text.h"
#include "k8s/time.h"
#include "runtime/files.h"

namespace ops {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

base::Result<Options> resolve(std::vector<std::string> arguments, Variables variables = {}) {
  variables.try_emplace("CLUSTER_NAME", "test");
  const FlagTexts flags = TRY(parse_flags(arguments));
  return resolve_options(flags, runtime::Environment(std::move(variables)));
}

std::string error_of(std::vector<std::string> arguments, Variables variables = {}) {
  const auto result = resolve(std::move(arguments), std::move(variables));
  return result ? "accepted" : result.error().detail;
}

struct ShowValue {
  const Options& options;
  bool is_duration;

  std::string operator()(std::string Options::* member) const { return options.*member; }

  std::string operator()(bool Options::* member) const { return base::concat(options.*member); }

  std::string operator()(double Options::* member) const { return base::concat(options.*member); }

  std::string operator()(std::int64_t Options::* member) const {
    return is_duration ? k8s::format_duration(options.*member) : base::concat(options.*member);
  }
};

std::string value_of(const Options& options, const Setting& setting) {
  return std::visit(ShowValue{options, setting.is_duration}, setting.member);
}

// A value that is neither the default nor `not_this`.
std::string other_value(const Setting& setting, bool is_first) {
  if (setting.flag == "log-level") {
    return is_first ? "debug" : "error";
  }
  if (setting.flag == "preference-policy") {
    return is_first ? "Ignore" : "Respect";
  }
  if (setting.flag == "min-values-policy") {
    return is_first ? "BestEffort" : "Strict";
  }
  if (setting.flag == "packing") {
    return is_first ? "cost" : "classic";
  }
  if (setting.flag == "consolidation") {
    return is_first ? "extended" : "classic";
  }
  if (setting.flag == "cloud-provider") {
    return is_first ? "kwok" : "aws";
  }
  if (setting.flag == "scheduler-config") {
    return is_first ? "podTopologySpread: {}" : "";
  }
  if (setting.flag == "cluster-endpoint") {
    return is_first ? "https://a" : "https://b";
  }
  if (setting.flag.ends_with("feature-gates")) {
    return is_first ? "NodeRepair=true" : "NodeRepair=false";
  }
  if (setting.is_duration) {
    return is_first ? "2m0s" : "3m0s";
  }
  if (setting.is_switch()) {
    return (setting.fallback == "true") == is_first ? "false" : "true";
  }
  if (setting.type_name() == "float") {
    return is_first ? "0.5" : "0.25";
  }
  return is_first ? "17" : "18";
}

TEST(Options, DefaultsAreUpstreams) {
  // OPR-1; spec 05 A.2 to A.4.
  const Options options = resolve({}).value();
  EXPECT_EQ(options.metrics_port, 8080);
  EXPECT_EQ(options.health_probe_port, 8081);
  EXPECT_EQ(options.kube_client_qps, 200);
  EXPECT_EQ(options.kube_client_burst, 300);
  EXPECT_FALSE(options.enable_profiling);
  EXPECT_TRUE(options.disable_controller_warmup);
  EXPECT_FALSE(options.disable_leader_election);
  EXPECT_EQ(options.leader_election_name, "karpenter-leader-election");
  EXPECT_EQ(options.leader_election_namespace, "");
  EXPECT_EQ(options.memory_limit, -1);
  EXPECT_EQ(options.level(), runtime::LogLevel::kInfo);
  EXPECT_EQ(path_list(options.log_output_paths), std::vector<std::string>{"stdout"});
  EXPECT_EQ(options.batch_max_duration, 10 * k8s::kSecond);
  EXPECT_EQ(options.batch_idle_duration, 1 * k8s::kSecond);
  EXPECT_TRUE(options.ignore_dra_requests);
  EXPECT_EQ(options.gates, (FeatureGates{.reserved_capacity = true}));
  EXPECT_EQ(options.vm_memory_overhead_percent, 0.075);
  EXPECT_EQ(options.ami_refresh_interval, k8s::kMinute);
  EXPECT_EQ(options.cpu_cores(), 1);
  EXPECT_TRUE(options.warnings.empty());
}

TEST(Options, EverySettingTakesFlagBeforeVariableBeforeDefault) {
  // OPR-1
  for (const Setting& setting : settings()) {
    const std::string first = other_value(setting, true);
    const std::string second = other_value(setting, false);
    const std::string flag = base::concat("--", setting.flag, "=");
    const std::string name = setting.environment_name();
    const auto by_variable = resolve({}, {{name, first}});
    ASSERT_TRUE(by_variable) << by_variable.error().detail;
    EXPECT_EQ(value_of(*by_variable, setting), first) << name;
    EXPECT_TRUE(by_variable->warnings.empty()) << name;
    const auto by_flag = resolve({flag + second}, {{name, first}});
    ASSERT_TRUE(by_flag) << by_flag.error().detail;
    EXPECT_EQ(value_of(*by_flag, setting), second) << flag;
  }
}

TEST(Options, EnvironmentNamesAreTheFlagsInCapitals) {
  // OPR-1
  EXPECT_EQ(settings()[1].environment_name(), "METRICS_PORT");
}

TEST(Options, FlagsMayHaveOneDashAndTheirValueApart) {
  // OPR-1
  const Options options =
      resolve({"-metrics-port", "1", "--memory-limit", "-5", "-enable-profiling", ""}).value();
  EXPECT_EQ(options.metrics_port, 1);
  EXPECT_EQ(options.memory_limit, -5);
  EXPECT_TRUE(options.enable_profiling);
  EXPECT_EQ(resolve({"--metrics-port=1", "--metrics-port=0x10"})->metrics_port, 16);
  EXPECT_EQ(resolve({"--interruption-queue", "", "--metrics-port=1"})->metrics_port, 1);
}

TEST(Options, SwitchesTakeTrueOrFalseOnly) {
  // OPR-2
  EXPECT_TRUE(resolve({"--isolated-vpc"})->isolated_vpc);
  EXPECT_FALSE(resolve({"--isolated-vpc=false"})->isolated_vpc);
  EXPECT_EQ(error_of({"--isolated-vpc=1"}),
            "parsing flags, invalid value for --isolated-vpc: \"1\" is not a valid value, must be "
            "true or false");
  EXPECT_TRUE(error_of({"--isolated-vpc", "false"}).starts_with("parsing flags, "));
}

TEST(Options, UnknownFlagsAreRefused) {
  // OPR-7
  EXPECT_NE(error_of({"--kubeconfig=x"}).find("--kubeconfig"), std::string::npos);
  EXPECT_TRUE(error_of({"--metrics-port=abc"})
                  .starts_with("parsing flags, invalid value for --metrics-port: \"abc\""));
}

TEST(Options, VariablesThatDoNotParseFallBackWithAWarning) {
  // OPR-3, OPR-4
  const Options options = resolve({}, {{"METRICS_PORT", "abc"}, {"ISOLATED_VPC", "yes"}}).value();
  EXPECT_EQ(options.metrics_port, 8080);
  EXPECT_FALSE(options.isolated_vpc);
  ASSERT_EQ(options.warnings.size(), 2U);
  EXPECT_EQ(options.warnings[0],
            "ignoring environment variable METRICS_PORT=\"abc\": it must be of type int; using "
            "8080");
  EXPECT_TRUE(resolve({}, {{"ISOLATED_VPC", "T"}})->isolated_vpc);
  EXPECT_TRUE(resolve({}, {{"METRICS_PORT", ""}})->warnings.empty());
}

TEST(Options, EmptyVariablesOverrideTexts) {
  // OPR-5
  EXPECT_EQ(resolve({}, {{"LOG_LEVEL", ""}})->level(), runtime::LogLevel::kInfo);
  EXPECT_EQ(error_of({}, {{"PREFERENCE_POLICY", ""}}),
            "validating cli flags / env vars, invalid PREFERENCE_POLICY \"\"; allowed: Respect, "
            "Ignore");
  EXPECT_TRUE(error_of({}, {{"MIN_VALUES_POLICY", ""}})
                  .starts_with("validating cli flags / env vars, invalid MIN_VALUES_POLICY \"\""));
  EXPECT_EQ(resolve({}, {{"FEATURE_GATES", ""}})->gates, FeatureGates{});
}

TEST(Options, ChecksWhatItIsGiven) {
  // OPR-10
  EXPECT_TRUE(error_of({"--log-level=warn"})
                  .starts_with("validating cli flags / env vars, invalid LOG_LEVEL \"warn\""));
  EXPECT_TRUE(error_of({"--metrics-port=70000"})
                  .starts_with("validating cli flags / env vars, invalid METRICS_PORT"));
  EXPECT_TRUE(error_of({"--scheduler-config=x: ["}).starts_with("parsing scheduler config, "));
  EXPECT_EQ(resolve({"--cpu-requests=0"})->cpu_requests, 1000);
  EXPECT_EQ(resolve({"--cpu-requests=-3"})->cpu_requests, 1000);
  EXPECT_EQ(resolve({"--cpu-requests=1001"})->cpu_cores(), 2);
}

TEST(Options, GatesFlipOneByOne) {
  // OPR-14, OPR-15
  for (const Gate& gate : all_gates()) {
    FeatureGates expected;
    expected.*(gate.value) = !(expected.*(gate.value));
    const std::string text =
        base::concat(gate.name, "\t= ", expected.*(gate.value) ? "true" : "False");
    EXPECT_EQ(resolve({"--feature-gates=" + text})->gates, expected) << gate.name;
  }
  const Options options =
      resolve({"--feature-gates=Drift=True,,NodeRepair=0,NodeRepair=1"}).value();
  EXPECT_TRUE(options.gates.node_repair);
  ASSERT_EQ(options.warnings.size(), 1U);
  EXPECT_TRUE(options.warnings[0].starts_with("ignoring unknown feature gate \"Drift\"; known: "));
  EXPECT_TRUE(error_of({"--feature-gates=NodeRepair"})
                  .starts_with("parsing feature gates, malformed pair, expect string=bool"));
  EXPECT_TRUE(error_of({"--feature-gates=StaticCapacity=,NodeRepair=true"})
                  .starts_with("parsing feature gates, invalid value of StaticCapacity: , err: "));
}

TEST(Options, ReportsEveryMistakeOfTheAwsSettingsAtOnce) {
  // OPR-11
  EXPECT_EQ(error_of({"--cluster-name=",
                      "--cluster-endpoint=eks.example.com",
                      "--vm-memory-overhead-percent=-0.1",
                      "--reserved-enis=-1",
                      "--ami-refresh-interval=30s",
                      "--subnet-refresh-interval=59s"}),
            "validating options, missing field, cluster-name; cluster endpoint URL is not valid "
            "(cluster-endpoint=eks.example.com); vm-memory-overhead-percent cannot be negative; "
            "reserved-enis cannot be negative; ami-refresh-interval must be at least 1m; "
            "subnet-refresh-interval must be at least 1m");
  EXPECT_EQ(error_of({"--cluster-name=", "--cloud-provider=kwok"}), "accepted");
}

TEST(Options, ConfigureTheControllers) {
  // OPR-16, SCH-105
  const Options options = resolve({"--batch-idle-duration=2s",
                                   "--preference-policy=Ignore",
                                   "--min-values-policy=BestEffort",
                                   "--packing=cost",
                                   "--consolidation=extended",
                                   "--feature-gates=ReservedCapacity=false,CapacityBuffer=true,"
                                   "StaticCapacity=true,NodeRepair=true,NodeOverlay=true,"
                                   "SpotToSpotConsolidation=true",
                                   "--ignore-dra-requests=false"})
                              .value();
  const control::Config config = controller_config(options);
  EXPECT_EQ(config.batch_idle, 2 * k8s::kSecond);
  EXPECT_EQ(config.plan.preference_policy, plan::PreferencePolicy::kIgnore);
  EXPECT_EQ(config.plan.min_values_policy, plan::MinValuesPolicy::kBestEffort);
  EXPECT_EQ(config.plan.packing, plan::Packing::kCost);
  EXPECT_EQ(options.consolidation, "extended");
  EXPECT_FALSE(config.plan.reserved_capacity);
  EXPECT_TRUE(config.plan.capacity_buffers);
  EXPECT_TRUE(config.spot_to_spot);
  EXPECT_TRUE(config.static_capacity);
  EXPECT_TRUE(config.node_repair);
  EXPECT_TRUE(config.node_overlay);
  EXPECT_FALSE(config.plan.ignore_dra_requests);
}

TEST(Options, DocumentationListsEverySetting) {
  const std::string text = runtime::read_file("docs/cli.md").value();
  for (const Setting& setting : settings()) {
    const std::string fallback =
        setting.fallback.empty() ? "" : base::concat("`", setting.fallback, "`");
    EXPECT_NE(text.find(base::concat("| `",
                                     setting.flag,
                                     "` | `",
                                     setting.environment_name(),
                                     "` | ",
                                     setting.type_name(),
                                     " | ",
                                     fallback,
                                     " | ",
                                     setting.help,
                                     " |\n")),
              std::string::npos)
        << setting.flag;
  }
}

}  // namespace
}  // namespace ops

#include "app/cli.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "ops/flags.h"

#include "app/completion.h"
#include "app/controller_command.h"
#include "app/convert_command.h"
#include "app/crds_command.h"
#include "app/demo_command.h"
#include "app/exit_code.h"
#include "app/explain_command.h"
#include "app/plan_command.h"
#include "app/simulate_command.h"
#include "app/version.h"
#include "base/text.h"
#include "runtime/environment.h"
#include "runtime/process.h"

namespace app {
namespace {

constexpr std::string_view kController = "controller";

constexpr const char* kFooter =
    "Exit codes: 0 success, 1 the command ran and failed, 2 bad flags or bad input.\n"
    "Run `karpenter COMMAND --help` for the flags of one command.";

int print(const std::string& text) {
  return runtime::write_text(runtime::Stream::kOut, text) ? kExitOk : kExitFailed;
}

std::string version_text() {
  return fmt::format("karpenter-cpp {} (replaces Karpenter {})", kVersion, kCompatibleWith);
}

// Which live cluster is read when no file is given; the two exclude each other.
void add_access(CLI::App& command, LiveAccess& access) {
  CLI::Option* files = command.get_option("--filename");
  command
      .add_option(
          "--kubeconfig",
          access.kubeconfig,
          "Kubeconfig of the live cluster (default: $KUBECONFIG, the pod's service account, "
          "~/.kube/config)")
      ->excludes(files);
  command.add_option("--context", access.context, "Context of the kubeconfig")->excludes(files);
}

void add_plan(CLI::App& program, PlanArguments& arguments, int& exit_code) {
  CLI::App* command = program.add_subcommand(
      "plan",
      "Print the nodes that manifests, a dump or a live cluster would get; nothing is changed");
  command->add_option("-f,--filename",
                      arguments.paths,
                      "Manifests: files, folders, - for stdin; YAML or JSON, also gzipped "
                      "(default: the live cluster)");
  add_access(*command, arguments.access);
  command->add_option("--provider", arguments.provider, "ec2 or kwok (default: what NodePools use)")
      ->check(CLI::IsMember({"ec2", "kwok"}));
  command->add_option("--region", arguments.region, "EC2 region")->capture_default_str();
  command->add_option("-o,--output", arguments.output, "table, json or yaml")
      ->check(CLI::IsMember({"table", "json", "yaml"}))
      ->capture_default_str();
  command->add_option("--why", arguments.why, "Explain one pod, given as NAME or NAMESPACE/NAME");
  command->add_flag("--bound",
                    arguments.wants_bound,
                    "Also compute the least that any fleet for these pods could cost");
  command->add_flag("--disruption",
                    arguments.disruption,
                    "Print which nodes of a running cluster the controller would disrupt now");
  command->add_option("--now",
                      arguments.now,
                      "With --disruption: the moment to decide at, like 2026-01-31T12:00:00Z "
                      "(default: the present)");
  add_scheduling_flags(*command, arguments.scheduling);
  command->callback([&] { exit_code = plan_command(arguments); });
}

void add_demo(CLI::App& program, DemoArguments& arguments, int& exit_code) {
  CLI::App* command = program.add_subcommand(
      "demo", "Run the controllers on an embedded cluster and cloud, and tell what they do");
  command->add_option("-f,--filename",
                      arguments.paths,
                      "Manifests to apply instead of the built-in example: files, folders, -");
  command->add_flag("--serve", arguments.serve, "Serve the cluster to kubectl until Ctrl-C");
  command->add_option("--listen", arguments.listen, "Address of the API server (port 0: any)")
      ->capture_default_str();
  command->add_option("--kubeconfig", arguments.kubeconfig, "Where --serve writes the kubeconfig")
      ->capture_default_str();
  command->add_option("--speed", arguments.speed, "How many times faster than real time")
      ->check(CLI::Range(0.1, 10000.0))
      ->capture_default_str();
  command->add_option("--region", arguments.region, "EC2 region")->capture_default_str();
  command->add_option("--seed", arguments.seed, "Repeats a run's chance (default: drawn, printed)");
  command->add_option("--faults",
                      arguments.faults,
                      "Comma separated faults to inject, e.g. insufficient-capacity,slow-join=0.5");
  add_packing_flag(*command, arguments.packing);
  command->callback([&] { exit_code = demo_command(arguments); });
}

void add_explain(CLI::App& program, ExplainArguments& arguments, int& exit_code) {
  CLI::App* command = program.add_subcommand(
      "explain", "Say why a node of a running cluster is not disrupted, with the numbers");
  command->add_option("kind", arguments.kind, "node")->required()->check(CLI::IsMember({"node"}));
  command->add_option("name", arguments.name, "Name of a Node or a NodeClaim")->required();
  command->add_option(
      "-f,--filename",
      arguments.plan.paths,
      "A dump of the cluster, as for plan --disruption: files, folders, - for stdin "
      "(default: the live cluster)");
  add_access(*command, arguments.plan.access);
  command
      ->add_option(
          "--provider", arguments.plan.provider, "ec2 or kwok (default: what NodePools use)")
      ->check(CLI::IsMember({"ec2", "kwok"}));
  command->add_option("--region", arguments.plan.region, "EC2 region")->capture_default_str();
  command->add_option(
      "--now", arguments.plan.now, "The moment to decide at (default: the present)");
  command->add_option("-o,--output", arguments.plan.output, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  add_scheduling_flags(*command, arguments.plan.scheduling);
  command->callback([&] { exit_code = explain_command(arguments); });
}

void add_simulate(CLI::App& program, SimulateArguments& arguments, int& exit_code) {
  CLI::App* command = program.add_subcommand(
      "simulate", "Play days of a cluster in seconds: what they cost, who waits, who is evicted");
  command
      ->add_option("-f,--filename",
                   arguments.paths,
                   "A scenario and its manifests: files, folders, - for stdin")
      ->required();
  command->add_option("--days", arguments.days, "How many days (default: as the scenario says)")
      ->check(CLI::Range(1, 60));
  command->add_option("--seed", arguments.seed, "Repeats a run: equal seeds give equal output")
      ->capture_default_str();
  command->add_option("-o,--output", arguments.output, "table, json or html (one page with charts)")
      ->check(CLI::IsMember({"table", "json", "html"}))
      ->capture_default_str();
  command->add_flag("--baseline",
                    arguments.wants_baseline,
                    "Also play it with pools that only let empty nodes go, and compare");
  command->add_option(
      "--faults", arguments.faults, "Comma separated faults to inject, as for the demo");
  add_scheduling_flags(*command, arguments.scheduling);
  command->callback([&] { exit_code = simulate_command(arguments); });
}

void add_crds(CLI::App& program, CrdsArguments& arguments, int& exit_code) {
  CLI::App* command =
      program.add_subcommand("crds", "Print the CustomResourceDefinitions that a cluster needs");
  command->add_option("-o,--output", arguments.output, "yaml or json (one List)")
      ->check(CLI::IsMember({"yaml", "json"}))
      ->capture_default_str();
  command->add_option("--provider", arguments.provider, "Whose node class and rules: ec2 or kwok")
      ->check(CLI::IsMember({"ec2", "kwok"}))
      ->capture_default_str();
  command->add_option(
      "--directory", arguments.directory, "Write one YAML file per kind there instead");
  command->add_flag("--chart-template",
                    arguments.is_chart_template,
                    "With --directory: as templates of a Helm chart");
  command->callback([&] { exit_code = crds_command(arguments); });
}

void add_convert(CLI::App& program, ConvertArguments& arguments, int& exit_code) {
  CLI::App* command = program.add_subcommand(
      "convert", "Rewrite manifests of old API versions (v1beta1, v1alpha5) for karpenter.sh/v1");
  command
      ->add_option("-f,--filename",
                   arguments.paths,
                   "Manifests: files, folders, - for stdin; YAML or JSON, also gzipped")
      ->required();
  command->add_option("-o,--output", arguments.output, "yaml (with comments) or json (one List)")
      ->check(CLI::IsMember({"yaml", "json"}))
      ->capture_default_str();
  command->add_option(
      "--role", arguments.role, "IAM role of nodes, for AWSNodeTemplates without instance profile");
  command->callback([&] { exit_code = convert_command(arguments); });
}

void add_controller(CLI::App& program, ControllerArguments& arguments, int& exit_code) {
  CLI::App* command = program.add_subcommand(std::string(kController),
                                             "Run the controllers against a cluster's API server");
  command->add_option("--kubeconfig",
                      arguments.kubeconfig,
                      "Kubeconfig file (default: $KUBECONFIG, the pod's service account, "
                      "~/.kube/config)");
  command->add_option("--context", arguments.context, "Context of the kubeconfig");
  ops::add_settings(*command, arguments.settings);
  command->callback([&] { exit_code = controller_command(arguments); });
}

void add_version(CLI::App& program, int& exit_code) {
  program.add_subcommand("version", "Print the version")->callback([&] {
    exit_code = print(version_text() + "\n");
  });
}

void add_completion(CLI::App& program, std::string& shell, int& exit_code) {
  CLI::App* command =
      program.add_subcommand("completion", "Print a shell's completion script for this program");
  command->add_option("shell", shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([&] { exit_code = print(completion_script(program, shell)); });
}

// CLI11 only says that a command is missing.
int complain_about_command(const CLI::App& program, std::string_view given) {
  std::vector<std::string> names;
  for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  const std::string problem =
      given.empty() ? "a command is missing" : fmt::format("unknown command \"{}\"", given);
  runtime::write_text(runtime::Stream::kErr,
                      fmt::format("{}; commands: {}\nRun `karpenter --help` for more.\n",
                                  problem,
                                  base::join(names, ", ")));
  return kExitUsage;
}

// Upstream's binary has no commands: given its flags, or only its environment, it runs (OPR-1).
bool means_controller(const std::vector<std::string>& arguments) {
  if (!arguments.empty()) {
    const std::string& first = arguments.front();
    return first.starts_with('-') && first != "-h" && first != "--help" && first != "--version";
  }
  const auto environment = runtime::Environment::of_process();
  return ops::has_settings(environment) || environment.get("KUBERNETES_SERVICE_HOST").has_value();
}

std::vector<std::string> arguments_of(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (means_controller(arguments)) {
    arguments.insert(arguments.begin(), std::string(kController));
  }
  if (!arguments.empty() && arguments.front() == kController) {
    arguments = ops::with_two_dashes(arguments);
  }
  return arguments;
}

int complain_about_flags(const CLI::App& program,
                         const std::vector<std::string>& arguments,
                         const CLI::ParseError& error) {
  if (error.get_exit_code() == 0 || arguments.empty() || arguments.front() != kController) {
    return program.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  runtime::write_text(
      runtime::Stream::kErr,
      fmt::format("parsing flags, {}\nRun `karpenter controller --help` for the flags.\n",
                  error.what()));
  return kExitUsage;
}

}  // namespace

int run(int argc, char** argv) {
  const std::vector<std::string> arguments = arguments_of(argc, argv);
  CLI::App program("Karpenter: the right nodes for your pods, just in time", "karpenter");
  program.footer(kFooter);
  program.require_subcommand(1);
  program.set_version_flag("--version", version_text(), "Print the version");
  int exit_code = kExitOk;
  PlanArguments plan;
  std::string shell;
  DemoArguments demo;
  CrdsArguments crds;
  SimulateArguments simulate;
  ExplainArguments explain;
  ConvertArguments convert;
  ControllerArguments controller;
  add_controller(program, controller, exit_code);
  add_demo(program, demo, exit_code);
  add_plan(program, plan, exit_code);
  add_explain(program, explain, exit_code);
  add_simulate(program, simulate, exit_code);
  add_convert(program, convert, exit_code);
  add_crds(program, crds, exit_code);
  add_version(program, exit_code);
  add_completion(program, shell, exit_code);
  try {
    // CLI11 takes them from the back.
    program.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::RequiredError& error) {
    return program.get_subcommands().empty()
               ? complain_about_command(program, arguments.empty() ? "" : arguments.front())
               : (program.exit(error), kExitUsage);
  } catch (const CLI::ParseError& error) {
    return complain_about_flags(program, arguments, error);
  }
  return exit_code;
}

}  // namespace app

#include "app/simulate_command.h"

#include <utility>

#include <boost/json.hpp>

#include "app/exit_code.h"
#include "app/scenario_input.h"
#include "app/simulation_page.h"
#include "app/simulation_report.h"
#include "base/text.h"
#include "runtime/process.h"
#include "sim/days/simulation.h"

namespace app {
namespace {

using base::Result;

Result<control::Config> config_of(const SimulateArguments& arguments) {
  control::Config config;
  config.plan = TRY(planner_options(arguments.scheduling));
  const auto gate = [&](std::string_view name) {
    return is_gate_on(arguments.scheduling, name, false);
  };
  config.spot_to_spot = gate("SpotToSpotConsolidation");
  config.static_capacity = gate("StaticCapacity");
  config.node_repair = gate("NodeRepair");
  config.node_overlay = gate("NodeOverlay");
  return config;
}

// The same pools, that only let go of nodes that are empty.
std::vector<std::string> without_consolidation(std::vector<std::string> manifests) {
  for (std::string& text : manifests) {
    boost::json::value document = boost::json::parse(text);
    boost::json::object& object = document.as_object();
    if (object["kind"] == "NodePool") {
      boost::json::value& disruption = object["spec"].as_object()["disruption"];
      if (!disruption.is_object()) {
        disruption.emplace_object();
      }
      disruption.as_object()["consolidationPolicy"] = "WhenEmpty";
      text = boost::json::serialize(document);
    }
  }
  return manifests;
}

Result<SimulationOutcome> run(const SimulateArguments& arguments) {
  sim::days::Simulation simulation{.scenario = {}, .seed = arguments.seed};
  simulation.config = TRY(config_of(arguments));
  simulation.extended_consolidation = TRY(parse_consolidation(arguments.scheduling.consolidation));
  simulation.faults = TRY(sim::FaultPlan::parse(arguments.faults));
  ScenarioInput input = TRY(read_scenario(arguments.paths));
  for (const std::string& warning : input.warnings) {
    runtime::complain("warning: " + warning);
  }
  simulation.scenario = std::move(input.scenario);
  simulation.manifests = std::move(input.manifests);
  if (arguments.days > 0) {
    simulation.scenario.days = arguments.days;
  }
  SimulationOutcome outcome{.report = TRY(sim::days::simulate(simulation))};
  if (arguments.wants_baseline) {
    simulation.manifests = without_consolidation(std::move(simulation.manifests));
    outcome.baseline = TRY(sim::days::simulate(simulation));
  }
  return outcome;
}

std::string render(const std::string& output, const SimulationOutcome& outcome) {
  if (output == "json") {
    return to_json(outcome);
  }
  return output == "html" ? to_page(outcome) : to_table(outcome);
}

}  // namespace

int simulate_command(const SimulateArguments& arguments) {
  const Result<SimulationOutcome> outcome = run(arguments);
  if (!outcome) {
    runtime::complain(outcome.error().detail);
    return kExitUsage;
  }
  return runtime::write_text(runtime::Stream::kOut, render(arguments.output, *outcome))
             ? kExitOk
             : kExitFailed;
}

}  // namespace app

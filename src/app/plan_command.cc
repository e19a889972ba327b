#include "app/plan_command.h"

#include <algorithm>
#include <optional>

#include "app/cluster_input.h"
#include "app/exit_code.h"
#include "app/offline_cluster.h"
#include "app/plan_report.h"
#include "base/text.h"
#include "plan/plan.h"
#include "plan/provisionable.h"
#include "runtime/process.h"

namespace app {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

void complain(const std::string& text) {
  runtime::write_text(runtime::Stream::kErr, text + "\n");
}

struct Output {
  std::string text;
  std::vector<std::string> warnings;
};

std::string render(const PlanArguments& arguments, const PlanReport& report) {
  if (arguments.output == "json") {
    return to_json(report);
  }
  return arguments.output == "yaml" ? to_yaml(report) : to_table(report);
}

Result<Output> plan_manifests(const PlanArguments& arguments) {
  const plan::Options options = TRY(planner_options(arguments.scheduling));
  ClusterInput input = TRY(read_cluster(arguments.paths, {.provider = arguments.provider}));
  OfflineCluster cluster = TRY(offline_cluster(input, arguments.region));

  const plan::Candidates candidates = plan::find_candidates(*cluster.snapshot, options);
  const plan::Plan plan = plan::compute_plan(
      {.snapshot = *cluster.snapshot, .pods = candidates.pods, .options = options});

  PlanReport report{.snapshot = *cluster.snapshot,
                    .plan = plan,
                    .refused = candidates.refused,
                    .warnings = std::move(input.warnings),
                    .assumptions = std::move(cluster.assumptions)};
  report.warnings.insert(report.warnings.end(), cluster.warnings.begin(), cluster.warnings.end());
  Output output{.text = render(arguments, report), .warnings = report.warnings};
  output.warnings.insert(output.warnings.end(), plan.warnings.begin(), plan.warnings.end());
  return output;
}

}  // namespace

int plan_command(const PlanArguments& arguments) {
  const Result<Output> output = plan_manifests(arguments);
  if (!output) {
    complain(output.error().detail);
    return kExitUsage;
  }
  for (const std::string& warning : output->warnings) {
    complain("warning: " + warning);
  }
  return runtime::write_text(runtime::Stream::kOut, output->text) ? kExitOk : kExitFailed;
}

}  // namespace app

#include "app/plan_command.h"

#include <algorithm>
#include <memory>

#include "app/cluster_input.h"
#include "app/exit_code.h"
#include "app/offline_cluster.h"
#include "app/plan_report.h"
#include "base/text.h"
#include "cloud/ec2/label_schema.h"
#include "cloud/kwok/catalogue.h"
#include "explain/why.h"
#include "plan/buffers.h"
#include "plan/lower_bound.h"
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

std::shared_ptr<const cloud::LabelSchema> label_schema(const std::string& provider) {
  return std::make_shared<const cloud::LabelSchema>(
      provider == "kwok" ? cloud::kwok::label_schema(*cloud::kwok::embedded_catalogue())
                         : cloud::ec2::label_schema());
}

bool is_named(const k8s::ObjectMeta& meta, const std::string& name) {
  return name == meta.name || name == meta.namespace_ + "/" + meta.name;
}

Result<std::string> explain_pod(const plan::Problem& problem,
                                const plan::Candidates& candidates,
                                const std::string& name) {
  for (const plan::Unplaced& refused : candidates.refused) {
    if (is_named(problem.snapshot.pods[refused.pod].pod->meta, name)) {
      return pod_name(problem.snapshot, refused.pod) + ": " + refused.reason + "\n";
    }
  }
  for (const world::PodId pod : candidates.pods) {
    if (is_named(problem.snapshot.pods[pod].pod->meta, name)) {
      return explain::why(problem, pod);
    }
  }
  return fail(ErrorCode::kNotFound,
              base::concat("--why: no pod of the input waits for a node and is named \"",
                           name,
                           "\" (pods of a workload are named WORKLOAD-0, WORKLOAD-1, ...)"));
}

Result<Output> plan_manifests(const PlanArguments& arguments) {
  plan::Options options = TRY(planner_options(arguments.scheduling));
  ClusterInput input = TRY(read_cluster(arguments.paths, {.provider = arguments.provider}));
  OfflineCluster cluster = TRY(offline_cluster(input, arguments.region));
  options.schema = label_schema(input.provider);
  if (options.capacity_buffers) {
    cluster.snapshot = plan::add_virtual_pods(cluster.snapshot).snapshot;
  }

  const plan::Candidates candidates = plan::find_candidates(*cluster.snapshot, options);
  const plan::Problem problem{
      .snapshot = *cluster.snapshot, .pods = candidates.pods, .options = options};
  if (!arguments.why.empty()) {
    return Output{.text = TRY(explain_pod(problem, candidates, arguments.why)),
                  .warnings = cluster.warnings};
  }
  const plan::Plan plan = plan::compute_plan(problem);

  PlanReport report{.snapshot = *cluster.snapshot,
                    .plan = plan,
                    .refused = candidates.refused,
                    .warnings = std::move(input.warnings),
                    .assumptions = std::move(cluster.assumptions),
                    .packing = options.packing};
  if (arguments.wants_bound) {
    report.bound = plan::lower_bound(problem, plan).price;
  }
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

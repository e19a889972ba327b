#include "app/plan_command.h"

#include <algorithm>
#include <memory>

#include "app/cluster_input.h"
#include "app/disruption_report.h"
#include "app/exit_code.h"
#include "app/offline_cluster.h"
#include "app/plan_report.h"
#include "base/text.h"
#include "cloud/ec2/label_schema.h"
#include "cloud/kwok/catalogue.h"
#include "explain/why.h"
#include "k8s/time.h"
#include "plan/buffers.h"
#include "plan/lower_bound.h"
#include "plan/plan.h"
#include "plan/provisionable.h"
#include "runtime/process.h"
#include "runtime/system_time.h"

namespace app {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;

template <typename Report>
std::string render(const PlanArguments& arguments, const Report& report) {
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

std::shared_ptr<const cloud::LabelSchema> overlay_schema(const PlanArguments& arguments,
                                                         const std::string& provider) {
  return is_gate_on(arguments.scheduling, "NodeOverlay", false) ? label_schema(provider) : nullptr;
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

struct LoadedCluster {
  ClusterInput input;
  OfflineCluster cluster;
};

// `now` as in OfflineOptions.
Result<LoadedCluster> load_cluster(const PlanArguments& arguments, std::optional<k8s::TimeNs> now) {
  ClusterInput input = TRY(arguments.paths.empty()
                               ? read_live_cluster(arguments.access, arguments.provider)
                               : read_cluster(arguments.paths, {.provider = arguments.provider}));
  OfflineCluster cluster =
      TRY(offline_cluster(input,
                          {.region = arguments.region,
                           .now = now,
                           .overlay_schema = overlay_schema(arguments, input.provider)}));
  return LoadedCluster{std::move(input), std::move(cluster)};
}

Result<k8s::TimeNs> moment(const PlanArguments& arguments) {
  if (arguments.now.empty()) {
    return base::to_unix_ns(runtime::system_time());
  }
  auto parsed = k8s::parse_time(arguments.now);
  if (!parsed) {
    return fail(ErrorCode::kInvalid,
                base::concat("--now: \"",
                             arguments.now,
                             "\" is no time like 2026-01-31T12:00:00Z: ",
                             parsed.error().detail));
  }
  return parsed;
}

Result<PlanOutput> plan_manifests(const PlanArguments& arguments) {
  plan::Options options = TRY(planner_options(arguments.scheduling));
  std::optional<k8s::TimeNs> now;
  if (arguments.paths.empty()) {  // A live cluster has its pods, and its time.
    now = TRY(moment(arguments));
  }
  auto [input, cluster] = TRY(load_cluster(arguments, now));
  options.schema = label_schema(input.provider);
  if (options.capacity_buffers) {
    cluster.snapshot = plan::add_virtual_pods(cluster.snapshot).snapshot;
  }

  const plan::Candidates candidates = plan::find_candidates(*cluster.snapshot, options);
  const plan::Problem problem{
      .snapshot = *cluster.snapshot, .pods = candidates.pods, .options = options};
  if (!arguments.why.empty()) {
    return PlanOutput{.text = TRY(explain_pod(problem, candidates, arguments.why)),
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
  PlanOutput output{.text = render(arguments, report), .warnings = report.warnings};
  output.warnings.insert(output.warnings.end(), plan.warnings.begin(), plan.warnings.end());
  return output;
}

// Machines that hold room for buffers are not empty (DIS-72).
disrupt::ClaimNames find_buffered(const world::Snapshot& snapshot, const plan::Options& options) {
  const plan::Candidates candidates = plan::find_candidates(snapshot, options);
  const plan::Plan plan =
      plan::compute_plan({.snapshot = snapshot, .pods = candidates.pods, .options = options});
  const auto machines = plan::buffered_machines(snapshot, plan);
  disrupt::ClaimNames out;
  snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (row.is_managed() && machines.contains(row.provider_id())) {
      out.insert(row.claim->meta.name);
    }
  });
  return out;
}

Result<PlanOutput> plan_disruption(const PlanArguments& arguments) {
  RunningCluster cluster = TRY(read_running_cluster(arguments));
  DisruptionReport report = report_disruption(*cluster.snapshot, cluster.settings);
  report.assumptions = std::move(cluster.assumptions);
  report.warnings = std::move(cluster.warnings);
  return PlanOutput{.text = render(arguments, report), .warnings = report.warnings};
}

}  // namespace

Result<RunningCluster> read_running_cluster(const PlanArguments& arguments) {
  disrupt::Settings settings{.plan = TRY(planner_options(arguments.scheduling))};
  settings.spot_to_spot = is_gate_on(arguments.scheduling, "SpotToSpotConsolidation", false);
  settings.extended = TRY(parse_consolidation(arguments.scheduling.consolidation));
  const k8s::TimeNs now = TRY(moment(arguments));
  auto [input, cluster] = TRY(load_cluster(arguments, now));
  settings.plan.schema = label_schema(input.provider);
  if (settings.plan.capacity_buffers) {
    cluster.snapshot = plan::add_virtual_pods(cluster.snapshot).snapshot;
    settings.buffered = find_buffered(*cluster.snapshot, settings.plan);
  }
  RunningCluster out{.snapshot = std::move(cluster.snapshot),
                     .settings = std::move(settings),
                     .warnings = std::move(input.warnings),
                     .assumptions = std::move(cluster.assumptions)};
  out.warnings.insert(out.warnings.end(), cluster.warnings.begin(), cluster.warnings.end());
  return out;
}

Result<PlanOutput> plan_output(const PlanArguments& arguments) {
  return arguments.disruption ? plan_disruption(arguments) : plan_manifests(arguments);
}

int plan_command(const PlanArguments& arguments) {
  const Result<PlanOutput> output = plan_output(arguments);
  if (!output) {
    runtime::complain(output.error().detail);
    return kExitUsage;
  }
  for (const std::string& warning : output->warnings) {
    runtime::complain("warning: " + warning);
  }
  return runtime::write_text(runtime::Stream::kOut, output->text) ? kExitOk : kExitFailed;
}

}  // namespace app

// `karpenter plan`: manifests, a dump or a live cluster in, the fleet that the controller would
// launch out. Needs no account, writes nothing.
#pragma once

#include <string>
#include <vector>

#include "app/live_cluster.h"
#include "app/scheduling_flags.h"
#include "base/error.h"
#include "disrupt/pass.h"
#include "world/snapshot.h"

namespace app {

struct PlanArguments {
  std::vector<std::string> paths;  // None: the cluster behind `access`.
  LiveAccess access;
  std::string provider;  // "ec2", "kwok"; empty: what the NodePools' class references say.
  std::string region = "us-east-1";
  std::string output = "table";
  std::string why;           // A pod, as "name" or "namespace/name".
  bool wants_bound = false;  // Compute the least price, too.
  bool disruption = false;   // What would be disrupted, instead of what would be launched.
  std::string now;           // RFC 3339; empty: the present. Of --disruption.
  SchedulingFlags scheduling;
};

struct PlanOutput {
  std::string text;
  std::vector<std::string> warnings;
};

// What the command prints. Errors: what it complains about.
base::Result<PlanOutput> plan_output(const PlanArguments& arguments);

// A running cluster or its dump, ready to be asked what disruption would do.
struct RunningCluster {
  world::SnapshotPtr snapshot;
  disrupt::Settings settings;
  std::vector<std::string> warnings;
  std::vector<std::string> assumptions;
};

// Errors: kInvalid, kNotFound: bad flags or bad input.
base::Result<RunningCluster> read_running_cluster(const PlanArguments& arguments);

// Prints to stdout, problems to stderr. Returns the exit code.
int plan_command(const PlanArguments& arguments);

}  // namespace app

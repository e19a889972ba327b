// A cluster out of manifests, without a cluster: the World that `karpenter plan` decides on. What a
// live cluster would know and manifests do not say is assumed, and every assumption is listed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/cluster_input.h"
#include "base/error.h"
#include "k8s/time.h"
#include "world/snapshot.h"

namespace app {

struct OfflineCluster {
  world::SnapshotPtr snapshot;
  std::vector<std::string> assumptions;
  std::vector<std::string> warnings;
};

struct OfflineOptions {
  std::string region;
  // A running cluster at that moment: workloads have the pods that are in the input, no others, and
  // pools that say that they are not ready are not.
  std::optional<k8s::TimeNs> now = {};
};

// Errors: kInvalid or kNotFound (unknown region), with what is allowed.
base::Result<OfflineCluster> offline_cluster(const ClusterInput& input,
                                             const OfflineOptions& options);

}  // namespace app

// A cluster out of manifests, without a cluster: the World that `karpenter plan` decides on. What a
// live cluster would know and manifests do not say is assumed, and every assumption is listed.
#pragma once

#include <string>
#include <vector>

#include "app/cluster_input.h"
#include "base/error.h"
#include "world/snapshot.h"

namespace app {

struct OfflineCluster {
  world::SnapshotPtr snapshot;
  std::vector<std::string> assumptions;
  std::vector<std::string> warnings;
};

// Errors: kInvalid or kNotFound (unknown region), with what is allowed.
base::Result<OfflineCluster> offline_cluster(const ClusterInput& input, const std::string& region);

}  // namespace app

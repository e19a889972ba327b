// A cluster out of manifests, without a cluster: the World that `karpenter plan` decides on. What a
// live cluster would know and manifests do not say is assumed, and every assumption is listed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/cluster_input.h"
#include "base/error.h"
#include "cloud/label_schema.h"
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
  // NodeOverlays count, in terms of these labels; null: they play no part (gate NodeOverlay).
  std::shared_ptr<const cloud::LabelSchema> overlay_schema = {};
};

// Errors: kInvalid or kNotFound (unknown region), with what is allowed.
base::Result<OfflineCluster> offline_cluster(const ClusterInput& input,
                                             const OfflineOptions& options);

}  // namespace app

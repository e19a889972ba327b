// Spread constraints for pods that have none of their own (spec 02 s10): the configured defaults,
// with a selector deduced from the services and the controller that select the pod.
//
// Thread rule: borrows the snapshot and the defaults; const functions are safe to share.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/pod_shape.h"
#include "world/snapshot.h"

namespace plan {

class DefaultSpread {
 public:
  DefaultSpread(const world::Snapshot& snapshot,
                std::span<const k8s::TopologySpreadConstraint> defaults)
      : snapshot_(snapshot), defaults_(defaults) {}

  // The constraints that hold for the pod: its own, or the defaults (SCH-362).
  std::vector<k8s::TopologySpreadConstraint> constraints(const model::PodShape& shape) const;

 private:
  // SCH-363; nullopt: nothing selects the pod.
  std::optional<k8s::LabelSelector> deduce(const model::PodShape& shape) const;
  const k8s::Workload* owner(const model::PodShape& shape) const;

  const world::Snapshot& snapshot_;
  std::span<const k8s::TopologySpreadConstraint> defaults_;
};

// SCH-361. Errors: kInvalid with the upstream-compatible text.
base::Result<void> validate_default_spread(std::span<const k8s::TopologySpreadConstraint> defaults);

}  // namespace plan

// Open claims that a hostname topology group has filled up, as one bitset per group: a pod passes
// over all of them at once instead of asking each (SCH-316, SCH-341, SCH-342).
//
// Counts of a group on a claim only grow within a round, so a bit once set stays. A spread group
// counts the asking pod when that matches the group's selector, hence two bitsets each.
//
// Thread rule: one owner.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "base/bitset.h"
#include "plan/topology.h"

namespace plan {

class HostMasks {
 public:
  explicit HostMasks(const Topology& topology) : topology_(topology) {}

  // Claims have numbers below this from now on. REQUIRES: never less than before.
  void grow(std::size_t claims);
  // No claim is full any more.
  void clear();
  // A pod was placed on the claim of that hostname: `groups` may have counted it there.
  void update(std::size_t claim, model::Symbol host, std::span<const GroupId> groups);
  // Adds to `mask` (of the size given to grow) the claims that some group of the pod closes to it.
  void add_full(std::span<const OwnedGroup> owned,
                std::span<const GroupId> avoided,
                base::Bitset& mask) const;

 private:
  using Full = std::array<base::Bitset, 2>;  // By whether the asking pod counts itself.

  void add(GroupId group, bool is_self, base::Bitset& mask) const;

  const Topology& topology_;
  std::size_t claims_ = 0;
  std::vector<Full> full_;           // By group; empty where nothing is full.
  std::vector<std::size_t> marked_;  // Groups that are not empty.
};

}  // namespace plan

// What is taken of devices: by claims of the cluster, and by placements of this round (SCH-403,
// SCH-446, SCH-447, SCH-450..453).
//
// A claim under construction may become any of several instance types, and each may have been given
// other devices. A place therefore has groups: rows (instance types) with one history of devices.
// Published devices are charged to others by the maximum over the groups; what an instance will
// publish itself is charged to its group alone.
//
// Thread rule: one owner.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "base/bitset.h"
#include "plan/devices_pool.h"
#include "world/snapshot.h"

namespace plan {

// One device given to a request, as far as accounts go.
struct DeviceCharge {
  DeviceIndex device = 0;
  bool is_exclusive = true;
  std::vector<std::pair<std::uint32_t, Int128>> dimensions = {};
  std::vector<std::pair<std::uint32_t, Int128>> counters = {};
};

// A sum of charges.
struct DeviceUsage {
  std::set<DeviceIndex> devices;    // Exclusive or not.
  std::set<DeviceIndex> exclusive;  // Of these.
  std::map<std::uint32_t, Int128> dimensions;
  std::map<std::uint32_t, Int128> counters;

  void add(const DeviceCharge& charge);
  Int128 dimension(std::uint32_t id) const;
  Int128 counter(std::uint32_t id) const;
};

// Rows of a place that were given the same devices.
struct DeviceGroup {
  base::Bitset rows;
  std::uint32_t supply = 0;    // Whose devices come with it; 0: nobody's.
  DeviceUsage published = {};  // Of the cluster's devices.
  DeviceUsage own = {};        // Of its own.
};

using PlaceId = std::uint32_t;

class DeviceLedger {
 public:
  // What claims of the cluster hold. `is_going(uid)`: the pod is about to go, and frees its share.
  template <typename IsGoing>
  DeviceLedger(const world::Snapshot& snapshot, const DevicePools& pools, IsGoing is_going);

  // May this group of the place take the published device for itself (SCH-446)?
  bool is_free(PlaceId place, const DeviceGroup& group, DeviceIndex device) const;

  // Has a claim of the cluster got it for itself?
  bool is_taken(DeviceIndex device) const { return taken_[device]; }

  // Is anyone of the cluster sharing it already?
  bool is_shared(DeviceIndex device) const { return shared_[device]; }

  // What a published device's dimension, or a counter, has lost as this group sees it.
  Int128 dimension(PlaceId place, const DeviceGroup& group, std::uint32_t id) const;
  Int128 counter(PlaceId place, const DeviceGroup& group, std::uint32_t id) const;

  // The groups of a place; null: none yet.
  const std::vector<DeviceGroup>* find(PlaceId place) const;
  // Replaces them, and charges accordingly.
  void set(PlaceId place, std::vector<DeviceGroup> groups);

 private:
  struct Place {
    std::vector<DeviceGroup> groups;
    DeviceUsage charged;  // Per id the maximum over the groups.
  };

  void count_claim(const k8s::ResourceClaim& claim);
  void charge(PlaceId id, const DeviceUsage& usage, bool is_added);

  const DevicePools& pools_;
  std::vector<bool> taken_;   // By claims, for themselves.
  std::vector<bool> shared_;  // By claims, in part.
  std::vector<Int128> dimensions_;
  std::vector<Int128> counters_;
  std::vector<PlaceId> holder_;  // By device; kNobody.
  std::map<PlaceId, Place> places_;
};

// LIF-225, SCH-420: only pods hold it, and all of them are going.
template <typename IsGoing>
bool is_released(const k8s::ResourceClaim& claim, IsGoing is_going) {
  for (const k8s::ClaimConsumer& consumer : claim.reserved_for) {
    if (consumer.resource != "pods" || !consumer.api_group.empty() || !is_going(consumer.uid)) {
      return false;
    }
  }
  return !claim.reserved_for.empty();
}

inline constexpr PlaceId kNobody = ~PlaceId{0};

template <typename IsGoing>
DeviceLedger::DeviceLedger(const world::Snapshot& snapshot,
                           const DevicePools& pools,
                           IsGoing is_going)
    : pools_(pools),
      taken_(pools.devices().size()),
      shared_(pools.devices().size()),
      dimensions_(pools.dimensions().size()),
      counters_(pools.counters().size()),
      holder_(pools.devices().size(), kNobody) {
  for (const auto& claim : snapshot.resource_claims) {
    if (claim->allocation && !is_released(*claim, is_going)) {
      count_claim(*claim);
    }
  }
}

}  // namespace plan

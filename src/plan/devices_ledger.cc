#include "plan/devices_ledger.h"

#include <algorithm>

namespace plan {
namespace {

Int128 get(const std::map<std::uint32_t, Int128>& sums, std::uint32_t id) {
  const auto found = sums.find(id);
  return found == sums.end() ? 0 : found->second;
}

void raise(std::map<std::uint32_t, Int128>& sums, const std::map<std::uint32_t, Int128>& others) {
  for (const auto& [id, amount] : others) {
    Int128& mine = sums[id];
    mine = std::max(mine, amount);
  }
}

}  // namespace

void DeviceUsage::add(const DeviceCharge& charge) {
  devices.insert(charge.device);
  if (charge.is_exclusive) {
    exclusive.insert(charge.device);
  }
  for (const auto& [id, amount] : charge.dimensions) {
    dimensions[id] += amount;
  }
  for (const auto& [id, amount] : charge.counters) {
    counters[id] += amount;
  }
}

Int128 DeviceUsage::dimension(std::uint32_t id) const {
  return get(dimensions, id);
}

Int128 DeviceUsage::counter(std::uint32_t id) const {
  return get(counters, id);
}

// LIF-223, LIF-226. Who only looks (adminAccess) takes nothing.
void DeviceLedger::count_claim(const k8s::ResourceClaim& claim) {
  for (const k8s::AllocatedDevice& result : claim.allocation->results) {
    const auto device =
        pools_.find({.driver = result.driver, .pool = result.pool, .device = result.device});
    if (!device || result.admin_access) {
      continue;
    }
    const PoolDevice& entry = pools_.devices()[*device];
    if (!taken_[*device] && !shared_[*device]) {
      for (const auto& [counter, amount] : entry.draws) {
        counters_[counter] += amount;
      }
    }
    const bool is_shared = !result.consumed_capacity.empty() || !result.share_id.empty();
    (is_shared ? shared_ : taken_)[*device] = true;
    std::uint32_t id = entry.dimensions;
    for (const auto& [name, capacity] : entry.device->capacity) {
      dimensions_[id++] += result.consumed_capacity.get(name).nano();
    }
  }
}

bool DeviceLedger::is_free(PlaceId place, const DeviceGroup& group, DeviceIndex device) const {
  return !taken_[device] && !shared_[device] &&
         (holder_[device] == kNobody || holder_[device] == place) &&
         !group.published.devices.contains(device);
}

Int128 DeviceLedger::dimension(PlaceId place, const DeviceGroup& group, std::uint32_t id) const {
  const auto found = places_.find(place);
  const Int128 mine = found == places_.end() ? 0 : found->second.charged.dimension(id);
  return dimensions_[id] - mine + group.published.dimension(id);
}

Int128 DeviceLedger::counter(PlaceId place, const DeviceGroup& group, std::uint32_t id) const {
  const auto found = places_.find(place);
  const Int128 mine = found == places_.end() ? 0 : found->second.charged.counter(id);
  return counters_[id] - mine + group.published.counter(id);
}

const std::vector<DeviceGroup>* DeviceLedger::find(PlaceId place) const {
  const auto found = places_.find(place);
  return found == places_.end() ? nullptr : &found->second.groups;
}

void DeviceLedger::set(PlaceId place, std::vector<DeviceGroup> groups) {
  Place& entry = places_[place];
  charge(place, entry.charged, false);
  entry.charged = {};
  for (const DeviceGroup& group : groups) {
    entry.charged.exclusive.insert(group.published.exclusive.begin(),
                                   group.published.exclusive.end());
    raise(entry.charged.dimensions, group.published.dimensions);
    raise(entry.charged.counters, group.published.counters);
  }
  entry.groups = std::move(groups);
  charge(place, entry.charged, true);
}

void DeviceLedger::charge(PlaceId id, const DeviceUsage& usage, bool is_added) {
  for (const DeviceIndex device : usage.exclusive) {
    holder_[device] = is_added ? id : kNobody;
  }
  for (const auto& [dimension, amount] : usage.dimensions) {
    dimensions_[dimension] += is_added ? amount : -amount;
  }
  for (const auto& [counter, amount] : usage.counters) {
    counters_[counter] += is_added ? amount : -amount;
  }
}

}  // namespace plan

// Devices as tables: pools of published slices, or of the slices that an instance type will publish
// (SCH-402..413). Built once per round; nothing here changes while pods are placed.
//
// Devices, capacity dimensions and counters have dense ids, so that what is in use is arrays of
// numbers (plan/devices_ledger.h). Pools are ordered by driver and name, devices as published.
//
// Thread rule: immutable after construction.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "cloud/catalogue.h"
#include "plan/node_constraint.h"

namespace plan {

using k8s::Int128;
using DeviceIndex = std::uint32_t;

// One term of a node selector.
struct ReachTerm {
  NodeConstraint labels;
  std::vector<k8s::SelectorTerm> fields;  // metadata.name
};

// From where a device can be used.
struct Reach {
  bool is_everywhere = false;
  std::string node;              // Its one node; empty: see terms.
  std::vector<ReachTerm> terms;  // ORed.
};

std::vector<ReachTerm> compile_terms(model::SetTable& sets,
                                     std::span<const k8s::NodeSelectorTerm> terms);

struct PoolDevice {
  const k8s::Device* device = nullptr;
  std::uint32_t pool = 0;
  std::uint32_t reach = 0;
  std::uint32_t kind = 0;        // Devices of one kind and pool are interchangeable.
  std::uint32_t dimensions = 0;  // First of the ids for device->capacity, in its order.
  std::vector<std::pair<std::uint32_t, Int128>> draws = {};  // Counter, amount in nano units.
};

struct DevicePool {
  std::string driver;
  std::string name;
  bool is_valid = true;     // SCH-413, duplicate device names apart.
  bool is_complete = true;  // SCH-410.
  bool has_duplicates = false;
  DeviceIndex begin = 0;
  DeviceIndex end = 0;
};

class DevicePools {
 public:
  // Published slices; the caller has left out those that do not count (SCH-402).
  DevicePools(model::SetTable& sets, std::span<const k8s::ResourceSlice* const> slices);
  // What an instance of the type will publish (SCH-404).
  explicit DevicePools(const cloud::InstanceType& type);

  std::span<const DevicePool> pools() const { return pools_; }

  std::span<const PoolDevice> devices() const { return devices_; }

  const DevicePool& pool_of(DeviceIndex device) const { return pools_[devices_[device].pool]; }

  const Reach& reach_of(DeviceIndex device) const { return reaches_[devices_[device].reach]; }

  std::span<const Reach> reaches() const { return reaches_; }

  std::optional<DeviceIndex> find(const cloud::DeviceName& name) const;
  cloud::DeviceName name_of(DeviceIndex device) const;

  // In nano units, by id.
  std::span<const Int128> dimensions() const { return dimensions_; }

  std::span<const Int128> counters() const { return counters_; }

  // Devices of pools that can be had from anywhere but a single node.
  std::span<const DeviceIndex> wide() const { return wide_; }

  // Devices of one node alone.
  std::span<const DeviceIndex> of_node(std::string_view node) const;

 private:
  struct Slice {
    std::string_view driver;
    std::string_view pool;
    std::int64_t generation;
    std::int64_t declared;
    std::uint32_t reach;
    const k8s::ResourceSlice* source;  // Null: of an instance type.
    std::span<const k8s::Device> devices;
    std::span<const k8s::CounterSet> counters;
  };

  using CounterIds = std::map<std::pair<std::string_view, std::string_view>, std::uint32_t>;

  std::uint32_t add_reach(model::SetTable& sets, const k8s::DeviceReach& reach);
  void build(model::SetTable* sets, std::vector<Slice> slices);
  void add_pool(model::SetTable* sets, std::span<const Slice> slices);
  bool add_counters(std::span<const Slice> slices, CounterIds& ids);
  void add_device(model::SetTable* sets, const Slice& slice, const k8s::Device& device);
  bool add_draws(const CounterIds& ids, PoolDevice& device);
  void index();

  std::vector<DevicePool> pools_;
  std::vector<PoolDevice> devices_;
  std::vector<Reach> reaches_;
  std::vector<Int128> dimensions_;
  std::vector<Int128> counters_;
  std::vector<DeviceIndex> wide_;
  std::map<std::string, std::vector<DeviceIndex>, std::less<>> by_node_;
  std::map<cloud::DeviceName, DeviceIndex> by_name_;
  std::map<std::string, std::uint32_t> kinds_;
};

}  // namespace plan

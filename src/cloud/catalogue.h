// What a cloud can sell: instance types, and offerings of them by zone and capacity type, as an
// immutable, versioned value. Built by a provider (cloud/ec2, cloud/kwok), read by the planner.
//
// Quantities and resource names are Kubernetes' (k8s/quantity.h); prices are US dollars per hour.
// Shared as shared_ptr<const Catalogue>, never changed after construction. Source of the model:
// spec SCH-63..69.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/device.h"
#include "k8s/quantity.h"

namespace cloud {

// What an instance type says of one label: one of `values`; with no values the label is absent
// (DoesNotExist).
struct TypeLabel {
  std::string key;
  std::vector<std::string> values;
};

struct Offering {
  std::string zone;
  std::string capacity_type;  // "on-demand", "spot", "reserved".
  double price = 0;           // USD per hour.
  bool available = true;
  std::string zone_id;
  std::string reservation_id;
  std::int64_t reservation_capacity = 0;
  // Further labels of this offering only.
  std::vector<TypeLabel> labels;
  std::optional<k8s::Resources> capacity_override;
  std::optional<k8s::Resources> overhead_override;
};

// Devices that an instance will publish once it is up (LIF-234). With shared counters the devices
// do not count: a slice has one or the other.
struct DeviceSlice {
  std::string driver;
  std::string pool;
  std::vector<k8s::Device> devices;
  std::vector<k8s::CounterSet> shared_counters;
};

struct DeviceName {
  std::string driver;
  std::string pool;
  std::string device;
  friend auto operator<=>(const DeviceName&, const DeviceName&) = default;
};

// Devices that will agree on an attribute whose value nobody knows before launch (SCH-461); two or
// more.
struct AttributeBinding {
  std::string attribute;
  std::vector<DeviceName> devices;
};

struct InstanceType {
  std::string name;
  std::vector<TypeLabel>
      labels;  // Sorted by key; includes instance type, arch, os, zone, capacity type, region.
  std::vector<Offering> offerings;
  k8s::Resources capacity;
  k8s::Resources kube_reserved;
  k8s::Resources system_reserved;
  k8s::Resources eviction_threshold;
  std::vector<DeviceSlice> device_slices = {};
  std::vector<AttributeBinding> device_bindings = {};
  // A NodeOverlay changed a price, or the capacity (SCH-241).
  bool has_price_overlay = false;
  bool has_capacity_overlay = false;

  // capacity - overheads, hugepages taken from memory (SCH-64).
  k8s::Resources allocatable() const;
};

struct Catalogue {
  std::uint64_t version = 0;
  std::vector<InstanceType> types;  // Sorted by name.

  // nullptr when unknown. O(log n).
  const InstanceType* find(std::string_view name) const;
};

using CataloguePtr = std::shared_ptr<const Catalogue>;

}  // namespace cloud

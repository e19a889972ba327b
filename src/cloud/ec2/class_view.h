// The part of an EC2NodeClass that decides what its instances look like and where they are sold, as
// parsed values: the input of build_catalogue. Two equal views give equal catalogues (AWI-26).
//
//   ClassView view = TRY(class_view(node_class, {.region = "us-west-2"}));
//   CataloguePtr catalogue = build_catalogue(facts, view, unavailable);
//
// Sources: spec 06 s13, s14; spec 07 s4..s7. Thread rule: value.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "k8s/node.h"

namespace cloud::ec2 {

enum class AmiFamily : std::uint8_t {
  kAL2,
  kAL2023,
  kBottlerocket,
  kWindows2019,
  kWindows2022,
  kWindows2025,
  kCustom,
};

bool is_windows(AmiFamily family);

// AWN-37. Text that is no family behaves as AL2, empty text as Custom.
AmiFamily ami_family(std::string_view text);

// The effective family of a class: amiFamily, else that of its alias, else Custom (AWN-37).
AmiFamily ami_family(const k8s::EC2NodeClass& node_class);

struct ZoneView {
  std::string name;
  std::string id;                    // Empty: unknown.
  std::vector<std::string> subnets;  // Ids of the class's subnets here.
  friend bool operator==(const ZoneView&, const ZoneView&) = default;
};

// One evictionHard value: a share of the capacity or an amount (AWI-106).
struct EvictionThreshold {
  std::optional<double> percent;
  k8s::Quantity amount;
  friend bool operator==(const EvictionThreshold&, const EvictionThreshold&) = default;
};

struct BlockDeviceView {
  std::string device_name;
  std::optional<k8s::Quantity> volume_size;
  bool is_root = false;
  friend bool operator==(const BlockDeviceView&, const BlockDeviceView&) = default;
};

// One spec.networkInterfaces entry.
struct NetworkInterfaceView {
  std::int32_t card = 0;
  std::int32_t device = 0;
  bool is_efa_only = false;
  friend bool operator==(const NetworkInterfaceView&, const NetworkInterfaceView&) = default;
};

struct CapacityReservation {
  std::string id;
  std::string instance_type;
  std::string zone;
  std::string type = "default";  // default, capacity-block.
  bool is_interruptible = false;
  bool is_expiring = false;
  std::int64_t available = 0;
  friend bool operator==(const CapacityReservation&, const CapacityReservation&) = default;
};

struct PlacementGroup {
  std::string id;
  std::string strategy;  // cluster, partition, spread.
  std::int32_t partitions = 0;
  friend bool operator==(const PlacementGroup&, const PlacementGroup&) = default;
};

struct ClassView {
  std::string region;
  // Zones with a subnet of the class. Empty: no account to ask, all zones of the region.
  std::vector<ZoneView> zones;
  AmiFamily family = AmiFamily::kAL2023;
  // Architectures (amd64, arm64) of the resolved images. Empty: not known, all.
  std::set<std::string, std::less<>> image_architectures;

  std::optional<std::int64_t> max_pods;
  std::optional<std::int64_t> pods_per_core;
  k8s::Resources kube_reserved;
  k8s::Resources system_reserved;
  std::optional<EvictionThreshold> memory_eviction;
  std::optional<EvictionThreshold> storage_eviction;

  std::vector<BlockDeviceView> block_devices;
  bool has_raid0_instance_store = false;
  std::optional<std::vector<NetworkInterfaceView>> network_interfaces;
  bool needs_nested_virtualization = false;
  bool has_connection_tracking = false;
  std::optional<PlacementGroup> placement_group;
  std::vector<CapacityReservation> reservations;

  // Settings of the process, not of the class.
  double vm_memory_overhead = 0.075;  // VM_MEMORY_OVERHEAD_PERCENT
  std::int64_t reserved_enis = 0;     // RESERVED_ENIS

  // Learnt or configured from outside.
  std::set<std::string, std::less<>> shifted_zone_ids;  // Zonal shift.
  // Instance type -> memory that its nodes were seen to have (AWI-33).
  std::map<std::string, k8s::Quantity, std::less<>> measured_memory;
  // Instance type -> price where EC2 names none (AWI-127).
  std::map<std::string, double, std::less<>> fallback_prices;

  friend bool operator==(const ClassView&, const ClassView&) = default;
};

struct ClassViewOptions {
  std::string region;
  double vm_memory_overhead = 0.075;
  std::int64_t reserved_enis = 0;
};

// Reads spec and status of the class. Reserved entries that are no quantity are expressions of a
// gate that is off: they are left out (AWI-97).
// Errors: kInvalid for an eviction threshold that is neither percentage nor quantity (AWI-108).
base::Result<ClassView> class_view(const k8s::EC2NodeClass& node_class,
                                   const ClassViewOptions& options);

}  // namespace cloud::ec2

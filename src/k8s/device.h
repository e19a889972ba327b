// resource.k8s.io/v1: devices that drivers publish (ResourceSlice), what is asked of them
// (ResourceClaim, ResourceClaimTemplate, DeviceClass). Plain values (k8s/meta.h); opaque driver
// configuration is not kept. Sources: https://kubernetes.io/docs/reference/kubernetes-api/ (API
// group resource.k8s.io), spec 02 s15.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "k8s/pod.h"

namespace k8s {

// A semantic version, as written.
struct VersionText {
  std::string text;
  friend bool operator==(const VersionText&, const VersionText&) = default;
};

using DeviceAttribute = std::variant<std::int64_t, bool, std::string, VersionText>;
using DeviceAttributes = std::map<std::string, DeviceAttribute, std::less<>>;

struct CapacityRange {
  Quantity min;
  std::optional<Quantity> max;
  std::optional<Quantity> step;
};

// How much of a shareable device one request takes (SCH-450).
struct CapacityPolicy {
  std::optional<Quantity> default_value;
  std::vector<Quantity> valid_values;
  std::optional<CapacityRange> valid_range;
};

struct DeviceCapacity {
  Quantity value;
  std::optional<CapacityPolicy> policy;
};

// A named set of counters: declared by a slice, or drawn on by a device.
struct CounterSet {
  std::string name;
  Resources counters;
};

// From where devices can be reached: at most one of the three.
struct DeviceReach {
  std::string node_name;
  std::vector<NodeSelectorTerm> node_selector;  // ORed.
  bool all_nodes = false;
};

struct Device {
  std::string name;
  DeviceAttributes attributes;
  std::map<std::string, DeviceCapacity, std::less<>> capacity;
  std::vector<CounterSet> consumes;
  DeviceReach reach;  // Slices with perDeviceNodeSelection only.
  bool allows_multiple = false;
  std::vector<Taint> taints;
};

struct ResourceSlice : Object {
  std::string driver;
  std::string pool;
  std::int64_t generation = 0;
  std::int64_t slice_count = 0;
  DeviceReach reach;
  bool has_device_reach = false;  // perDeviceNodeSelection
  std::vector<Device> devices;
  std::vector<CounterSet> shared_counters;

  ResourceSlice() : Object(Kind::kResourceSlice) {}
};

// What one request asks: the request itself ("exactly"), or one of several alternatives.
struct DeviceQuery {
  std::string name;  // Alternatives only.
  std::string class_name;
  std::vector<std::string> selectors;  // CEL, ANDed; "" stands for a selector of another kind.
  std::string allocation_mode;         // "ExactCount" or "All".
  std::int64_t count = 1;
  bool admin_access = false;  // Not for alternatives.
  std::vector<Toleration> tolerations;
  Resources capacity;
};

struct DeviceRequest {
  std::string name;
  std::optional<DeviceQuery> exactly;
  std::vector<DeviceQuery> first_available;
};

struct DeviceConstraint {
  std::vector<std::string> requests;  // Empty: all.
  std::string match_attribute;
  std::string distinct_attribute;
};

struct DeviceClaimSpec {
  std::vector<DeviceRequest> requests;
  std::vector<DeviceConstraint> constraints;
};

struct AllocatedDevice {
  std::string request;
  std::string driver;
  std::string pool;
  std::string device;
  std::string share_id;
  bool admin_access = false;
  Resources consumed_capacity;
};

struct DeviceAllocation {
  std::vector<AllocatedDevice> results;
  std::vector<NodeSelectorTerm> node_selector;  // ORed; empty: all nodes.
};

struct ClaimConsumer {
  std::string api_group;
  std::string resource;
  std::string name;
  std::string uid;
};

struct ResourceClaim : Object {
  DeviceClaimSpec spec;
  std::optional<DeviceAllocation> allocation;
  std::vector<ClaimConsumer> reserved_for;

  ResourceClaim() : Object(Kind::kResourceClaim) {}
};

struct ResourceClaimTemplate : Object {
  StringMap labels;  // Of the claims to be made.
  StringMap annotations;
  DeviceClaimSpec spec;

  ResourceClaimTemplate() : Object(Kind::kResourceClaimTemplate) {}
};

struct DeviceClass : Object {
  std::vector<std::string> selectors;

  DeviceClass() : Object(Kind::kDeviceClass) {}
};

}  // namespace k8s

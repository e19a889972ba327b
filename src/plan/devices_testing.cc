#include "plan/devices_testing.h"

#include <utility>

namespace plan::testing {

k8s::Device device(const std::string& name, k8s::DeviceAttributes attributes) {
  k8s::Device made;
  made.name = name;
  made.attributes = std::move(attributes);
  return made;
}

k8s::Device shared_device(const std::string& name, const std::string& memory) {
  k8s::Device made = device(name);
  made.allows_multiple = true;
  made.capacity["memory"].value = *k8s::Quantity::parse(memory);
  return made;
}

k8s::Device partition(const std::string& name, const std::string& memory) {
  k8s::Device made = device(name);
  made.consumes = {{.name = "card", .counters = {{"memory", *k8s::Quantity::parse(memory)}}}};
  return made;
}

k8s::DeviceRequest exactly(const std::string& name,
                           const std::string& class_name,
                           std::int64_t count,
                           std::vector<std::string> selectors) {
  k8s::DeviceRequest request;
  request.name = name;
  request.exactly = k8s::DeviceQuery{.class_name = class_name,
                                     .selectors = std::move(selectors),
                                     .allocation_mode = "ExactCount",
                                     .count = count};
  return request;
}

k8s::DeviceRequest all_of(const std::string& name, const std::string& class_name) {
  k8s::DeviceRequest request = exactly(name, class_name, 1);
  request.exactly->allocation_mode = "All";
  return request;
}

k8s::NodeSelectorTerm zone_term(const std::string& zone) {
  k8s::NodeSelectorTerm term;
  term.match_expressions = {
      {.key = "topology.kubernetes.io/zone", .op = "In", .values = {zone}, .min_values = {}}};
  return term;
}

TestPlace claim_place(PlaceId id) {
  return {.id = id, .node = "", .zone = std::nullopt};
}

TestPlace node_place(PlaceId id, const std::string& node, const std::string& zone) {
  return {.id = id, .node = node, .zone = zone};
}

DeviceBed::DeviceBed() : sets_(words_, schema_) {
  add_class("gpu", {});
}

void DeviceBed::add_class(const std::string& name, std::vector<std::string> selectors) {
  auto made = std::make_shared<k8s::DeviceClass>();
  made->meta.name = name;
  made->selectors = std::move(selectors);
  classes_.push_back(std::move(made));
}

k8s::ResourceSlice& DeviceBed::add_slice(const std::string& pool,
                                         std::vector<k8s::Device> devices,
                                         k8s::DeviceReach reach) {
  auto made = std::make_shared<k8s::ResourceSlice>();
  made->meta.name = "slice-" + std::to_string(slices_.size());
  made->driver = kGpuDriver;
  made->pool = pool;
  made->slice_count = 1;
  made->devices = std::move(devices);
  made->reach = std::move(reach);
  slices_.push_back(made);
  return *made;
}

k8s::ResourceClaim& DeviceBed::add_claim(const std::string& name,
                                         std::vector<k8s::DeviceRequest> requests) {
  auto made = std::make_shared<k8s::ResourceClaim>();
  made->meta.name = name;
  made->meta.namespace_ = "default";
  made->spec.requests = std::move(requests);
  claims_.push_back(made);
  return *made;
}

void DeviceBed::hold(k8s::ResourceClaim& claim,
                     const std::string& pool,
                     const std::string& name,
                     const std::string& pod_uid) {
  claim.allocation.emplace().results = {
      {.request = "r", .driver = kGpuDriver, .pool = pool, .device = name}};
  claim.reserved_for = {{.api_group = "", .resource = "pods", .name = pod_uid, .uid = pod_uid}};
}

cloud::InstanceType& DeviceBed::add_type(std::vector<k8s::Device> devices) {
  types_.push_back(std::make_unique<cloud::InstanceType>());
  if (!devices.empty()) {
    types_.back()->device_slices = {{.driver = kGpuDriver,
                                     .pool = "own",
                                     .devices = std::move(devices),
                                     .shared_counters = {}}};
  }
  return *types_.back();
}

DeviceAllocator& DeviceBed::devices() {
  if (devices_ == nullptr) {
    for (const auto& made : classes_) {
      snapshot_.device_classes.push_back(made);
    }
    for (const auto& made : slices_) {
      snapshot_.resource_slices.push_back(made);
    }
    for (const auto& made : claims_) {
      snapshot_.resource_claims.push_back(made);
    }
    if (types_.empty()) {
      add_type({});
    }
    devices_ = std::make_unique<DeviceAllocator>(snapshot_, sets_, scope);
    std::vector<const cloud::InstanceType*> types;
    for (const auto& type : types_) {
      types.push_back(type.get());
    }
    fresh_ = devices_->make_groups(types);
    const cloud::InstanceType* none = nullptr;
    node_ = devices_->make_groups(std::span(&none, 1));
  }
  return *devices_;
}

std::string DeviceBed::run(const std::vector<std::string>& claims,
                           const TestPlace& where,
                           bool commits) {
  DeviceAllocator& allocator = devices();
  const auto ids = allocator.find_claims("default", claims);
  if (!ids) {
    return ids.error().detail;
  }
  ConstraintBuilder builder(sets_);
  if (where.zone) {
    builder.add({{"topology.kubernetes.io/zone", *where.zone}});
  }
  const bool is_claim = where.node.empty();
  const base::Bitset rows(is_claim ? types_.size() : 1, true);
  std::string why;
  trial_ = allocator.allocate(
      {.claims = *ids,
       .place = {.id = where.id,
                 .node = where.node,
                 .set = builder.build().set,
                 .host = words_.intern(is_claim ? "placeholder" : where.node),
                 .undefined = is_claim ? model::Undefined::kWellKnown : model::Undefined::kNone},
       .rows = rows,
       .fresh = is_claim ? fresh_ : node_,
       .why = &why});
  if (trial_ && commits) {
    allocator.commit(*trial_, trial_->rows);
  }
  return why;
}

std::string DeviceBed::ask(const std::vector<std::string>& claims, const TestPlace& where) {
  return run(claims, where, false);
}

std::string DeviceBed::place(const std::vector<std::string>& claims, const TestPlace& where) {
  return run(claims, where, true);
}

std::string DeviceBed::zone() const {
  const auto key = words_.find("topology.kubernetes.io/zone");
  const auto* requirement = key ? sets_.get(trial_->set, *key) : nullptr;
  return requirement ? model::text(words_, *requirement) : "";
}

std::vector<std::size_t> DeviceBed::rows() const {
  std::vector<std::size_t> set;
  trial_->rows.for_each_set([&](std::size_t row) { set.push_back(row); });
  return set;
}

std::vector<std::string> DeviceBed::picked() const {
  std::vector<std::string> names;
  if (!trial_->picks.empty()) {
    for (const DevicePick& pick : trial_->picks.front().picks) {
      names.push_back(pick.wish->name + "=" + pick.device->name);
    }
  }
  return names;
}

}  // namespace plan::testing

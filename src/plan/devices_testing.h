// A scene for tests of the device allocator: slices, classes, claims, and places to ask about.
//
//   DeviceBed bed;
//   bed.add_class("gpu", {"device.driver == 'gpu.example.com'"});
//   bed.add_slice("pool", {device("gpu-0")}, {.all_nodes = true});
//   bed.add_claim("c", {exactly("gpu", "gpu", 1)});
//   EXPECT_EQ(bed.place("c", claim_place(1)), "");      // committed
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cloud/label_schema.h"
#include "plan/devices.h"

namespace plan::testing {

inline constexpr const char* kGpuDriver = "gpu.example.com";

k8s::Device device(const std::string& name, k8s::DeviceAttributes attributes = {});
k8s::Device shared_device(const std::string& name, const std::string& memory);
k8s::Device partition(const std::string& name, const std::string& memory);
k8s::DeviceRequest exactly(const std::string& name,
                           const std::string& class_name,
                           std::int64_t count,
                           std::vector<std::string> selectors = {});
k8s::DeviceRequest all_of(const std::string& name, const std::string& class_name);
k8s::NodeSelectorTerm zone_term(const std::string& zone);

struct TestPlace {
  PlaceId id = 0;
  std::string node;
  std::optional<std::string> zone;
};

TestPlace claim_place(PlaceId id);
TestPlace node_place(PlaceId id, const std::string& node, const std::string& zone = "z1");

class DeviceBed {
 public:
  DeviceBed();

  // Before the first question.
  void add_class(const std::string& name, std::vector<std::string> selectors);
  k8s::ResourceSlice& add_slice(const std::string& pool,
                                std::vector<k8s::Device> devices,
                                k8s::DeviceReach reach);
  k8s::ResourceClaim& add_claim(const std::string& name, std::vector<k8s::DeviceRequest> requests);
  // Gives the claim a published device, held by a pod.
  void hold(k8s::ResourceClaim& claim,
            const std::string& pool,
            const std::string& device,
            const std::string& pod_uid);
  // An instance type, and so a row, that brings these devices.
  cloud::InstanceType& add_type(std::vector<k8s::Device> devices);

  DeviceScope scope;

  DeviceAllocator& devices();
  // The reason of a refusal; empty: it would fit.
  std::string ask(const std::vector<std::string>& claims, const TestPlace& place);
  // The same, and takes the devices.
  std::string place(const std::vector<std::string>& claims, const TestPlace& place);

  std::string place(const std::string& claim, const TestPlace& where) {
    return place(std::vector{claim}, where);
  }

  // The trial of the last ask() or place() that went well.
  const DeviceTrial& trial() const { return *trial_; }

  // What the last trial demands of the zone; "": nothing.
  std::string zone() const;
  // Rows of the last trial.
  std::vector<std::size_t> rows() const;
  // Names of the devices of the last trial, of the first group that worked out.
  std::vector<std::string> picked() const;

 private:
  std::string run(const std::vector<std::string>& claims, const TestPlace& where, bool commits);

  cloud::LabelSchema schema_ = cloud::LabelSchema::core();
  model::Vocabulary words_;
  model::SetTable sets_;
  std::vector<std::shared_ptr<k8s::DeviceClass>> classes_;
  std::vector<std::shared_ptr<k8s::ResourceSlice>> slices_;
  std::vector<std::shared_ptr<k8s::ResourceClaim>> claims_;
  std::vector<std::unique_ptr<cloud::InstanceType>> types_;
  world::Snapshot snapshot_;
  std::unique_ptr<DeviceAllocator> devices_;
  std::vector<DeviceGroup> fresh_;
  std::vector<DeviceGroup> node_;
  std::optional<DeviceTrial> trial_;
};

}  // namespace plan::testing

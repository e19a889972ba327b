#include "k8s/device.h"

#include <gtest/gtest.h>

#include "k8s/capacity_buffer.h"
#include "k8s/codec.h"
#include "k8s/kinds.h"

namespace k8s {
namespace {

constexpr std::string_view kSlice = R"({"apiVersion":"resource.k8s.io/v1","kind":"ResourceSlice",
  "metadata":{"name":"s"},"spec":{"driver":"gpu.example.com",
  "pool":{"name":"node-a","generation":3,"resourceSliceCount":2},"nodeName":"node-a",
  "devices":[{"name":"gpu-0","attributes":{"model":{"string":"a100"},"numa":{"int":1},
    "mig":{"bool":false},"driver":{"version":"1.2.3"}},
    "capacity":{"memory":{"value":"40Gi","requestPolicy":{"default":"1Gi",
      "validRange":{"min":"1Gi","max":"8Gi","step":"1Gi"}}}},
    "consumesCounters":[{"counterSet":"card","counters":{"memory":{"value":"40Gi"}}}],
    "allowMultipleAllocations":true,
    "taints":[{"key":"broken","effect":"NoSchedule"}]}],
  "sharedCounters":[{"name":"card","counters":{"memory":{"value":"80Gi"}}}]}})";

constexpr std::string_view kClaim = R"({"apiVersion":"resource.k8s.io/v1","kind":"ResourceClaim",
  "metadata":{"name":"c","namespace":"default"},"spec":{"devices":{"requests":[
    {"name":"gpu","exactly":{"deviceClassName":"gpu","count":2,
      "selectors":[{"cel":{"expression":"true"}}],"capacity":{"requests":{"memory":"5Gi"}}}},
    {"name":"nic","firstAvailable":[{"name":"fast","deviceClassName":"fast"},
      {"name":"all","deviceClassName":"slow","allocationMode":"All"}]}],
    "constraints":[{"requests":["gpu"],"matchAttribute":"example.com/numa"}]}},
  "status":{"allocation":{"devices":{"results":[{"request":"gpu","driver":"gpu.example.com",
    "pool":"node-a","device":"gpu-0","consumedCapacity":{"memory":"5Gi"}}]},
    "nodeSelector":{"nodeSelectorTerms":[{"matchFields":[{"key":"metadata.name","operator":"In",
      "values":["node-a"]}]}]}},
    "reservedFor":[{"resource":"pods","name":"p","uid":"u"}]}})";

constexpr std::string_view kBuffer = R"({"apiVersion":"autoscaling.x-k8s.io/v1beta1",
  "kind":"CapacityBuffer","metadata":{"name":"b","namespace":"default"},
  "spec":{"podTemplateRef":{"name":"t"},"replicas":3,"limits":{"cpu":"10"}},
  "status":{"podTemplateRef":{"name":"t"},"replicas":3,"podTemplateGeneration":1,
    "conditions":[{"type":"ReadyForProvisioning","status":"True"}]}})";

template <typename T>
std::shared_ptr<const T> decoded(std::string_view json) {
  const auto object = decode_object(json);
  EXPECT_TRUE(object) << object.error().detail;
  return object ? std::static_pointer_cast<const T>(*object) : std::make_shared<const T>();
}

TEST(DeviceCodec, ReadsASlice) {
  // SCH-410, SCH-450, SCH-452
  const auto slice = decoded<ResourceSlice>(kSlice);
  EXPECT_EQ(slice->pool, "node-a");
  EXPECT_EQ(slice->generation, 3);
  EXPECT_EQ(slice->slice_count, 2);
  EXPECT_EQ(slice->reach.node_name, "node-a");
  ASSERT_EQ(slice->devices.size(), 1U);
  const Device& device = slice->devices[0];
  EXPECT_EQ(device.attributes.at("model"), DeviceAttribute(std::string("a100")));
  EXPECT_EQ(device.attributes.at("numa"), DeviceAttribute(std::int64_t{1}));
  EXPECT_EQ(device.attributes.at("mig"), DeviceAttribute(false));
  EXPECT_EQ(device.attributes.at("driver"), DeviceAttribute(VersionText{"1.2.3"}));
  EXPECT_EQ(device.capacity.at("memory").value.text(), "40Gi");
  EXPECT_EQ(device.capacity.at("memory").policy->valid_range->max->text(), "8Gi");
  EXPECT_EQ(device.consumes.at(0).name, "card");
  EXPECT_TRUE(device.allows_multiple);
  EXPECT_EQ(slice->shared_counters.at(0).counters.get("memory").text(), "80Gi");
}

TEST(DeviceCodec, ReadsAClaimWithTheDefaultsOfItsRequests) {
  // SCH-431, SCH-420
  const auto claim = decoded<ResourceClaim>(kClaim);
  ASSERT_EQ(claim->spec.requests.size(), 2U);
  const DeviceRequest& gpu = claim->spec.requests[0];
  ASSERT_TRUE(gpu.exactly);
  EXPECT_EQ(gpu.exactly->allocation_mode, "ExactCount");
  EXPECT_EQ(gpu.exactly->count, 2);
  EXPECT_EQ(gpu.exactly->selectors, std::vector<std::string>{"true"});
  EXPECT_EQ(gpu.exactly->capacity.get("memory").text(), "5Gi");
  const DeviceRequest& nic = claim->spec.requests[1];
  ASSERT_EQ(nic.first_available.size(), 2U);
  EXPECT_EQ(nic.first_available[0].count, 1);
  EXPECT_EQ(nic.first_available[1].allocation_mode, "All");
  EXPECT_EQ(claim->spec.constraints.at(0).match_attribute, "example.com/numa");
  ASSERT_TRUE(claim->allocation);
  EXPECT_EQ(claim->allocation->results.at(0).device, "gpu-0");
  EXPECT_TRUE(claim->allocation->node_selector.at(0).has_match_fields);
  EXPECT_EQ(claim->reserved_for.at(0).uid, "u");
}

TEST(DeviceCodec, ReadsABuffer) {
  // API-68, API-71
  const auto buffer = decoded<CapacityBuffer>(kBuffer);
  EXPECT_EQ(buffer->provisioning_strategy, "buffer.x-k8s.io/active-capacity");
  EXPECT_EQ(buffer->pod_template, "t");
  EXPECT_EQ(buffer->replicas, 3);
  EXPECT_EQ(buffer->percentage, std::nullopt);
  EXPECT_EQ(buffer->limits->get("cpu").text(), "10");
  EXPECT_EQ(buffer->status_replicas, 3);
  EXPECT_TRUE(is_true(buffer->conditions, "ReadyForProvisioning"));
}

TEST(DeviceCodec, PodsKnowTheClaimsMadeForThem) {
  // SCH-401
  const auto pod = decoded<Pod>(R"({"apiVersion":"v1","kind":"Pod","spec":{"resourceClaims":[
      {"name":"gpu","resourceClaimTemplateName":"t"}]},
      "status":{"resourceClaimStatuses":[{"name":"gpu","resourceClaimName":"p-gpu-x"},
      {"name":"none"}]}})");
  ASSERT_EQ(pod->status.claim_statuses.size(), 2U);
  EXPECT_EQ(pod->status.claim_statuses[0].claim_name, "p-gpu-x");
  EXPECT_EQ(pod->status.claim_statuses[1].claim_name, "");
}

TEST(DeviceCodec, ReadsBackTheSame) {
  for (
      const std::string_view json :
      {kSlice,
       kClaim,
       kBuffer,
       std::string_view(
           R"({"apiVersion":"resource.k8s.io/v1","kind":"ResourceClaimTemplate","metadata":{"name":"t"},
           "spec":{"metadata":{"labels":{"a":"b"}},"spec":{"devices":{"requests":[
           {"name":"r","exactly":{"deviceClassName":"c","adminAccess":true}}]}}}})"),
       std::string_view(
           R"({"apiVersion":"resource.k8s.io/v1","kind":"DeviceClass","metadata":{"name":"c"},
           "spec":{"selectors":[{"cel":{"expression":"device.driver == \"d\""}}]}})"),
       std::string_view(
           R"({"apiVersion":"v1","kind":"PodTemplate","metadata":{"name":"t"},
           "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c"}]}}})"),
       std::string_view(R"({"apiVersion":"v1","kind":"Pod","status":{"resourceClaimStatuses":[
           {"name":"gpu","resourceClaimName":"x"}]}})")}) {
    const auto first = decode_object(json);
    ASSERT_TRUE(first) << first.error().detail;
    const std::string text = encode_object(**first);
    const auto second = decode_object(text);
    ASSERT_TRUE(second) << second.error().detail;
    EXPECT_EQ(encode_object(**second), text);
  }
}

TEST(DeviceCodec, KeepsWhatASliceSays) {
  EXPECT_EQ(
      encode_object(*decoded<ResourceSlice>(kSlice)),
      R"({"apiVersion":"resource.k8s.io/v1","kind":"ResourceSlice","metadata":{"name":"s"},)"
      R"("spec":{"driver":"gpu.example.com","pool":{"name":"node-a","generation":3,)"
      R"("resourceSliceCount":2},"nodeName":"node-a","devices":[{"name":"gpu-0",)"
      R"("attributes":{"driver":{"version":"1.2.3"},"mig":{"bool":false},)"
      R"("model":{"string":"a100"},"numa":{"int":1}},)"
      R"("capacity":{"memory":{"value":"40Gi","requestPolicy":{"default":"1Gi",)"
      R"("validRange":{"min":"1Gi","max":"8Gi","step":"1Gi"}}}},)"
      R"("consumesCounters":[{"counterSet":"card","counters":{"memory":{"value":"40Gi"}}}],)"
      R"("taints":[{"key":"broken","effect":"NoSchedule"}],"allowMultipleAllocations":true}],)"
      R"("sharedCounters":[{"name":"card","counters":{"memory":{"value":"80Gi"}}}]}})");
}

TEST(DeviceCodec, ErrorsNameTheField) {
  const auto error = [](std::string_view json) {
    const auto object = decode_object(json);
    return object ? "no error" : object.error().detail;
  };
  EXPECT_EQ(error(R"({"apiVersion":"resource.k8s.io/v1","kind":"ResourceSlice","spec":{
      "devices":[{"capacity":{"memory":{"value":true}}}]}})"),
            "spec.devices[0].capacity.memory.value: quantity expected, got true");
  EXPECT_EQ(error(R"({"apiVersion":"resource.k8s.io/v1","kind":"ResourceSlice","spec":{
      "devices":[{"attributes":{"a":{"int":"x"}}}]}})"),
            "spec.devices[0].attributes.a.int: integer expected, got \"x\"");
}

TEST(DeviceCodec, UnknownFieldsOfBuffersAreNamed) {
  // API-3: the kind is one of ours, whatever its group.
  Warnings warnings;
  ASSERT_TRUE(decode_object(R"({"apiVersion":"autoscaling.x-k8s.io/v1beta1","kind":"CapacityBuffer",
      "spec":{"replica":1}})",
                            &warnings));
  EXPECT_EQ(warnings, Warnings{"spec.replica"});
}

}  // namespace
}  // namespace k8s

#include <gtest/gtest.h>

#include "cloud/ec2/view_testing.h"

namespace cloud::ec2 {
namespace {

TEST(Ec2Capacity, GeneralPurposeType) {
  // AWI-70 AWI-71 AWI-84 AWI-87
  const InstanceType type = test_type("m5.large", test_view());
  EXPECT_EQ(amount(type.capacity, "cpu"), "2");
  EXPECT_EQ(amount(type.capacity, "memory"), "7577Mi");  // 8192 - ceil(614.4)
  EXPECT_EQ(amount(type.capacity, "ephemeral-storage"), "20Gi");
  EXPECT_EQ(amount(type.capacity, "pods"), "29");  // 3 * (10 - 1) + 2
}

TEST(Ec2Capacity, ZeroAmountsStayListed) {
  // AWI-75 AWI-76 AWI-77 AWI-78
  const InstanceType type = test_type("m5.large", test_view());
  for (const char* name : {"nvidia.com/gpu",
                           "amd.com/gpu",
                           "habana.ai/gaudi",
                           "aws.amazon.com/neuron",
                           "aws.amazon.com/neuroncore",
                           "vpc.amazonaws.com/efa"}) {
    EXPECT_EQ(amount(type.capacity, name), "0") << name;
  }
  EXPECT_EQ(amount(type.capacity, "vpc.amazonaws.com/PrivateIPv4Address"), "<none>");
}

TEST(Ec2Capacity, ArmLosesTheContiguousMemoryReserve) {
  // AWI-71: 8192 - 64 = 8128; 8128 - ceil(609.6)
  EXPECT_EQ(amount(test_type("m6g.large", test_view()).capacity, "memory"), "7518Mi");
}

TEST(Ec2Capacity, MeasuredMemoryReplacesTheEstimate) {
  // AWI-33
  ClassView view = test_view();
  view.measured_memory.emplace("m5.large", *k8s::Quantity::parse("7836Mi"));
  EXPECT_EQ(amount(test_type("m5.large", view).capacity, "memory"), "7836Mi");
  EXPECT_EQ(amount(test_type("m5.xlarge", view).capacity, "memory"), "15155Mi");
}

TEST(Ec2Capacity, Accelerators) {
  // AWI-75 AWI-76 AWI-77 AWI-78
  const ClassView view = test_view();
  EXPECT_EQ(amount(test_type("g4dn.xlarge", view).capacity, "nvidia.com/gpu"), "1");
  EXPECT_EQ(amount(test_type("p5.48xlarge", view).capacity, "nvidia.com/gpu"), "8");
  EXPECT_EQ(amount(test_type("p5.48xlarge", view).capacity, "vpc.amazonaws.com/efa"), "32");
  EXPECT_EQ(amount(test_type("inf2.24xlarge", view).capacity, "aws.amazon.com/neuron"), "6");
  EXPECT_EQ(amount(test_type("inf2.24xlarge", view).capacity, "aws.amazon.com/neuroncore"), "12");
  EXPECT_EQ(amount(test_type("inf2.xlarge", view).capacity, "aws.amazon.com/neuroncore"), "2");
}

TEST(Ec2Capacity, BranchInterfacesNeedATrunk) {
  // AWI-74 AWI-530
  const ClassView view = test_view();
  EXPECT_EQ(amount(test_type("m5.large", view).capacity, "vpc.amazonaws.com/pod-eni"), "9");
  EXPECT_EQ(amount(test_type("t3.large", view).capacity, "vpc.amazonaws.com/pod-eni"), "0");
  EXPECT_EQ(amount(test_type("c5.metal", view).capacity, "vpc.amazonaws.com/pod-eni"), "107");
}

TEST(Ec2Capacity, WindowsHandsOutPrivateAddresses) {
  // AWI-79 AWI-88
  const ClassView view = test_view(AmiFamily::kWindows2022);
  const InstanceType known = test_type("m5.large", view);
  EXPECT_EQ(amount(known.capacity, "vpc.amazonaws.com/PrivateIPv4Address"), "9");
  EXPECT_EQ(amount(known.capacity, "pods"), "110");
  EXPECT_EQ(amount(known.capacity, "ephemeral-storage"), "50Gi");
  const InstanceType arm = test_type("m6g.large", view);
  EXPECT_EQ(amount(arm.capacity, "vpc.amazonaws.com/PrivateIPv4Address"), "<none>");
  const InstanceType unknown = test_type("t8i.small", view);
  EXPECT_EQ(amount(unknown.capacity, "vpc.amazonaws.com/PrivateIPv4Address"), "0");
}

TEST(Ec2Capacity, PodsFollowInterfacesAndAddresses) {
  // AWI-87
  const ClassView view = test_view();
  EXPECT_EQ(amount(test_type("t3.micro", view).capacity, "pods"), "4");
  EXPECT_EQ(amount(test_type("t3.large", view).capacity, "pods"), "35");
  EXPECT_EQ(amount(test_type("m6idn.32xlarge", view).capacity, "pods"), "394");
  EXPECT_EQ(amount(test_type("m5.metal", view).capacity, "pods"), "737");
}

TEST(Ec2Capacity, EfaOnlyInterfaceOfTheFirstCardCarriesNoPods) {
  // AWI-78 AWI-87
  ClassView view = test_view();
  view.network_interfaces = {{.card = 0, .device = 0},
                             {.card = 0, .device = 1, .is_efa_only = true}};
  const InstanceType type = test_type("m6idn.32xlarge", view);
  EXPECT_EQ(amount(type.capacity, "pods"), "345");
  EXPECT_EQ(amount(type.capacity, "vpc.amazonaws.com/efa"), "1");
}

TEST(Ec2Capacity, ReservedInterfacesNeverMakePodsNegative) {
  // AWI-87
  ClassView view = test_view();
  view.reserved_enis = 1;
  EXPECT_EQ(amount(test_type("t3.large", view).capacity, "pods"), "24");
  view.reserved_enis = 1'000'000;
  EXPECT_EQ(amount(test_type("t3.large", view).capacity, "pods"), "0");
}

TEST(Ec2Capacity, PodsPerCoreLowersTheLimit) {
  // AWI-86 AWI-89
  ClassView view = test_view();
  view.pods_per_core = 1;
  EXPECT_EQ(amount(test_type("m5.xlarge", view).capacity, "pods"), "4");
  view.pods_per_core = 4;
  view.max_pods = 10;
  EXPECT_EQ(amount(test_type("m5.xlarge", view).capacity, "pods"), "10");
  EXPECT_EQ(amount(test_type("m5.large", view).capacity, "pods"), "8");
  view.pods_per_core = 0;
  view.max_pods.reset();
  EXPECT_EQ(amount(test_type("m5.large", view).capacity, "pods"), "29");
  view.pods_per_core = 1;
  view.family = AmiFamily::kBottlerocket;
  EXPECT_EQ(amount(test_type("m5.large", view).capacity, "pods"), "29");
}

TEST(Ec2Capacity, InstanceStoreCountsUnderRaid0) {
  // AWI-80
  ClassView view = test_view();
  view.has_raid0_instance_store = true;
  EXPECT_EQ(amount(test_type("g4dn.8xlarge", view).capacity, "ephemeral-storage"), "900G");
  EXPECT_EQ(amount(test_type("m5.large", view).capacity, "ephemeral-storage"), "20Gi");
}

TEST(Ec2Capacity, StorageFollowsTheBlockDevices) {
  // AWI-81 AWI-83 AWI-85
  const auto size = [](const char* text) { return *k8s::Quantity::parse(text); };
  ClassView view = test_view();
  view.block_devices = {{.device_name = "/dev/xvdb", .volume_size = size("7Gi")},
                        {.device_name = "/dev/xvda", .volume_size = size("40Gi")}};
  EXPECT_EQ(amount(type_capacity(*test_facts().find_type("m5.large"), view), "ephemeral-storage"),
            "40Gi");
  view.block_devices[0].is_root = true;
  EXPECT_EQ(amount(type_capacity(*test_facts().find_type("m5.large"), view), "ephemeral-storage"),
            "7Gi");
  view.block_devices = {{.device_name = "/dev/xvda", .volume_size = std::nullopt}};
  EXPECT_EQ(amount(type_capacity(*test_facts().find_type("m5.large"), view), "ephemeral-storage"),
            "20Gi");
  view.family = AmiFamily::kBottlerocket;
  view.block_devices = {{.device_name = "/dev/xvda", .volume_size = size("8Gi")}};
  EXPECT_EQ(amount(type_capacity(*test_facts().find_type("m5.large"), view), "ephemeral-storage"),
            "20Gi");
}

TEST(Ec2Capacity, CustomFamilyTakesTheLastDevice) {
  // AWI-82
  ClassView view = test_view(AmiFamily::kCustom);
  view.block_devices = {{.device_name = "/dev/a", .volume_size = *k8s::Quantity::parse("40Gi")},
                        {.device_name = "/dev/b", .volume_size = *k8s::Quantity::parse("50Gi")}};
  const TypeFacts& type = *test_facts().find_type("m5.large");
  EXPECT_EQ(amount(type_capacity(type, view), "ephemeral-storage"), "50Gi");
  view.block_devices[1].volume_size.reset();
  EXPECT_EQ(amount(type_capacity(type, view), "ephemeral-storage"), "20Gi");
}

}  // namespace
}  // namespace cloud::ec2

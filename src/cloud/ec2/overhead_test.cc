#include <array>
#include <utility>

#include <gtest/gtest.h>

#include "cloud/ec2/view_testing.h"

namespace cloud::ec2 {
namespace {

TEST(Ec2Overhead, DefaultsOfAnXlarge) {
  // AWI-100 AWI-101 AWI-102 AWI-104 AWI-105
  const InstanceType type = test_type("m5.xlarge", test_view());
  EXPECT_EQ(amount(type.kube_reserved, "cpu"), "80m");
  EXPECT_EQ(amount(type.kube_reserved, "memory"), "893Mi");  // 11 * 58 + 255
  EXPECT_EQ(amount(type.kube_reserved, "ephemeral-storage"), "1Gi");
  EXPECT_TRUE(type.system_reserved.empty());
  EXPECT_EQ(amount(type.eviction_threshold, "memory"), "100Mi");
  EXPECT_EQ(amount(type.eviction_threshold, "ephemeral-storage"), "2Gi");
}

TEST(Ec2Overhead, AllocatableOfALarge) {
  // SCH-64: 7577 - (11 * 29 + 255) - 100 MiB
  const k8s::Resources allocatable = test_type("m5.large", test_view()).allocatable();
  EXPECT_EQ(amount(allocatable, "cpu"), "1930m");
  EXPECT_EQ(amount(allocatable, "memory"), "6903Mi");
  EXPECT_EQ(amount(allocatable, "ephemeral-storage"), "17Gi");
  EXPECT_EQ(amount(allocatable, "pods"), "29");
}

TEST(Ec2Overhead, EstimateStaysBelowRealNodes) {
  // AWI-71 AWI-100 AWI-101
  struct Seen {
    const char* type;
    const char* memory;
    const char* cpu;
  };

  for (const Seen& seen : std::array<Seen, 4>{{{"t4g.small", "1408312Ki", "1930m"},
                                               {"t4g.medium", "3377496Ki", "1930m"},
                                               {"t4g.xlarge", "15136012Ki", "3920m"},
                                               {"m5.large", "7220184Ki", "1930m"}}}) {
    const k8s::Resources allocatable = test_type(seen.type, test_view()).allocatable();
    EXPECT_LE(allocatable.get("memory"), *k8s::Quantity::parse(seen.memory)) << seen.type;
    EXPECT_LE(allocatable.get("cpu"), *k8s::Quantity::parse(seen.cpu)) << seen.type;
  }
}

TEST(Ec2Overhead, CpuReserveIsBanded) {
  // AWI-101
  TypeFacts type;
  for (const auto& [vcpus, reserved] : std::array<std::pair<int, const char*>, 5>{
           {{1, "60m"}, {2, "70m"}, {4, "80m"}, {8, "90m"}, {32, "150m"}}}) {
    type.vcpus = vcpus;
    EXPECT_EQ(amount(kube_reserved(type, test_view(), {}), "cpu"), reserved) << vcpus;
  }
}

TEST(Ec2Overhead, MemoryReserveIgnoresMaxPodsWhereTheFamilySaysSo) {
  // AWI-100
  for (const auto& [family, reserved] :
       std::array<std::pair<AmiFamily, const char*>, 5>{{{AmiFamily::kAL2, "640Mi"},
                                                         {AmiFamily::kAL2023, "640Mi"},
                                                         {AmiFamily::kCustom, "640Mi"},
                                                         {AmiFamily::kBottlerocket, "365Mi"},
                                                         {AmiFamily::kWindows2022, "365Mi"}}}) {
    ClassView view = test_view(family);
    view.max_pods = 10;
    EXPECT_EQ(amount(test_type("t3.large", view).kube_reserved, "memory"), reserved);
  }
}

TEST(Ec2Overhead, MemoryReserveIgnoresReservedInterfacesWhereTheFamilySaysSo) {
  // AWI-100
  for (const auto& [family, reserved] :
       std::array<std::pair<AmiFamily, const char*>, 3>{{{AmiFamily::kAL2023, "640Mi"},
                                                         {AmiFamily::kBottlerocket, "519Mi"},
                                                         {AmiFamily::kWindows2022, "1465Mi"}}}) {
    ClassView view = test_view(family);
    view.reserved_enis = 1;
    EXPECT_EQ(amount(test_type("t3.large", view).kube_reserved, "memory"), reserved);
  }
}

TEST(Ec2Overhead, UserReservesReplaceByKey) {
  // AWI-103 AWI-104
  ClassView view = test_view();
  view.kube_reserved = {{"cpu", *k8s::Quantity::parse("2")}};
  view.system_reserved = {{"memory", *k8s::Quantity::parse("20Gi")}};
  const InstanceType type = test_type("m5.xlarge", view);
  EXPECT_EQ(amount(type.kube_reserved, "cpu"), "2");
  EXPECT_EQ(amount(type.kube_reserved, "memory"), "893Mi");
  EXPECT_EQ(amount(type.system_reserved, "memory"), "20Gi");
  EXPECT_EQ(amount(type.system_reserved, "cpu"), "<none>");
}

TEST(Ec2Overhead, HardEvictionMayBeAnAmountAShareOrOff) {
  // AWI-106
  ClassView view = test_view();
  view.memory_eviction = EvictionThreshold{.percent = {}, .amount = *k8s::Quantity::parse("500Mi")};
  view.storage_eviction = EvictionThreshold{.percent = 100.0, .amount = {}};
  InstanceType type = test_type("m5.xlarge", view);
  EXPECT_EQ(amount(type.eviction_threshold, "memory"), "500Mi");
  EXPECT_EQ(amount(type.eviction_threshold, "ephemeral-storage"), "0");
  view.memory_eviction = EvictionThreshold{.percent = 10.0, .amount = {}};
  type = test_type("m5.xlarge", view);
  // 15155 MiB = 15891169280 bytes, a tenth.
  EXPECT_EQ(type.eviction_threshold.get("memory").value(), 1'589'116'928);
}

}  // namespace
}  // namespace cloud::ec2

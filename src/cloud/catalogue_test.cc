#include "cloud/catalogue.h"

#include <gtest/gtest.h>

namespace cloud {
namespace {

k8s::Quantity quantity(std::string_view text) {
  return *k8s::Quantity::parse(text);
}

TEST(InstanceType, AllocatableIsCapacityWithoutOverheads) {
  // SCH-64
  InstanceType type;
  type.capacity = {{"cpu", quantity("4")}, {"memory", quantity("8Gi")}, {"pods", quantity("10")}};
  type.kube_reserved = {{"cpu", quantity("80m")}, {"memory", quantity("500Mi")}};
  type.system_reserved = {{"cpu", quantity("20m")}, {"pid", quantity("100")}};
  type.eviction_threshold = {{"memory", quantity("100Mi")}};
  const k8s::Resources allocatable = type.allocatable();
  EXPECT_EQ(allocatable.get("cpu").text(), "3900m");
  EXPECT_EQ(allocatable.get("memory").text(), "7592Mi");
  EXPECT_EQ(allocatable.get("pods").text(), "10");
  EXPECT_EQ(allocatable.find("pid"), nullptr);
}

TEST(InstanceType, HugepagesComeOutOfMemory) {
  // SCH-64
  InstanceType type;
  type.capacity = {{"memory", quantity("4Gi")}, {"hugepages-2Mi", quantity("1Gi")}};
  type.kube_reserved = {{"memory", quantity("1Gi")}};
  EXPECT_EQ(type.allocatable().get("memory").text(), "2Gi");
  EXPECT_EQ(type.allocatable().get("hugepages-2Mi").text(), "1Gi");
  type.capacity.set("hugepages-1Gi", quantity("9Gi"));
  EXPECT_EQ(type.allocatable().get("memory").text(), "0");
}

TEST(InstanceType, OverheadBeyondCapacityStaysNegative) {
  // SCH-64 SCH-600
  InstanceType type;
  type.capacity = {{"memory", quantity("1Gi")}};
  type.kube_reserved = {{"memory", quantity("2Gi")}};
  EXPECT_LT(type.allocatable().get("memory"), k8s::Quantity());
}

TEST(Catalogue, FindsByName) {
  Catalogue catalogue;
  catalogue.types.resize(3);
  catalogue.types[0].name = "a.large";
  catalogue.types[1].name = "b.large";
  catalogue.types[2].name = "d.large";
  EXPECT_EQ(catalogue.find("b.large"), &catalogue.types[1]);
  EXPECT_EQ(catalogue.find("c.large"), nullptr);
  EXPECT_EQ(catalogue.find("e.large"), nullptr);
}

}  // namespace
}  // namespace cloud

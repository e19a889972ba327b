#include "cloud/ec2/class_view.h"

#include <gtest/gtest.h>

namespace cloud::ec2 {
namespace {

k8s::EC2NodeClass node_class() {
  k8s::EC2NodeClass result;
  result.ami_terms = {{.alias = "al2023@latest"}};
  return result;
}

TEST(ClassView, FamilyComesFromTheClassThenItsAlias) {
  // AWN-37
  k8s::EC2NodeClass one = node_class();
  EXPECT_EQ(ami_family(one), AmiFamily::kAL2023);
  one.ami_family = "Bottlerocket";
  EXPECT_EQ(ami_family(one), AmiFamily::kBottlerocket);
  one.ami_family.clear();
  one.ami_terms = {{.id = "ami-1"}};
  EXPECT_EQ(ami_family(one), AmiFamily::kCustom);
  one.ami_family = "Ubuntu";
  EXPECT_EQ(ami_family(one), AmiFamily::kAL2);
}

TEST(ClassView, SubnetsAreGroupedByZoneName) {
  // AWI-31
  k8s::EC2NodeClass one = node_class();
  one.status_subnets = {{.id = "subnet-1", .zone = "us-west-2b", .zone_id = ""},
                        {.id = "subnet-2", .zone = "us-west-2a", .zone_id = ""},
                        {.id = "subnet-3", .zone = "us-west-2b", .zone_id = ""}};
  const ClassView view = *class_view(one, {.region = "us-west-2"});
  ASSERT_EQ(view.zones.size(), 2U);
  EXPECT_EQ(view.zones[0].name, "us-west-2a");
  EXPECT_EQ(view.zones[1].subnets, (std::vector<std::string>{"subnet-1", "subnet-3"}));
}

TEST(ClassView, ReservedExpressionsAreLeftOut) {
  // AWI-97
  k8s::EC2NodeClass one = node_class();
  one.kubelet.kube_reserved = {{"cpu", "vcpus * 20"}, {"memory", "1Gi"}};
  const ClassView view = *class_view(one, {.region = "us-west-2"});
  EXPECT_EQ(view.kube_reserved.find("cpu"), nullptr);
  EXPECT_EQ(view.kube_reserved.get("memory").text(), "1Gi");
}

TEST(ClassView, SoftEvictionDoesNotCount) {
  // AWI-107
  k8s::EC2NodeClass one = node_class();
  one.kubelet.eviction_soft = {{"memory.available", "10Gi"}};
  const ClassView view = *class_view(one, {.region = "us-west-2"});
  EXPECT_FALSE(view.memory_eviction.has_value());
}

TEST(ClassView, HardEvictionIsReadOrRefused) {
  // AWI-106 AWI-108
  k8s::EC2NodeClass one = node_class();
  one.kubelet.eviction_hard = {{"memory.available", "5%"}, {"nodefs.available", "3Gi"}};
  const ClassView view = *class_view(one, {.region = "us-west-2"});
  EXPECT_EQ(view.memory_eviction->percent, 5.0);
  EXPECT_EQ(view.storage_eviction->amount.text(), "3Gi");
  for (const char* text : {"five%", "101%", "-1%", "nan%", "%", "lots"}) {
    one.kubelet.eviction_hard = {{"memory.available", text}};
    const auto broken = class_view(one, {.region = "us-west-2"});
    ASSERT_FALSE(broken.has_value()) << text;
    EXPECT_TRUE(broken.error().detail.starts_with("spec.kubelet.evictionHard[memory.available]"));
  }
}

TEST(ClassView, ImagesWithoutArchitectureLimitNothing) {
  // AWN-46
  k8s::EC2NodeClass one = node_class();
  one.status_amis.resize(1);
  one.status_amis[0].requirements = {
      {.key = "kubernetes.io/arch", .op = "In", .values = {"arm64"}, .min_values = {}}};
  EXPECT_TRUE(class_view(one, {.region = "us-west-2"})->image_architectures.contains("arm64"));
  one.status_amis.emplace_back();
  EXPECT_TRUE(class_view(one, {.region = "us-west-2"})->image_architectures.empty());
}

}  // namespace
}  // namespace cloud::ec2

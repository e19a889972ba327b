#include <algorithm>

#include <gtest/gtest.h>

#include "cloud/ec2/label_schema.h"
#include "cloud/ec2/view_testing.h"

namespace cloud::ec2 {
namespace {

TEST(Ec2Labels, GpuTypeCarriesEveryLabel) {
  // AWI-40 AWI-41 AWI-42 AWI-43 AWI-44 AWI-45 AWI-46 AWI-48 AWI-49 AWI-50 AWI-51 AWI-52 AWI-53
  const InstanceType type = test_type("g4dn.8xlarge", test_view());
  EXPECT_EQ(label_text(type, "node.kubernetes.io/instance-type"), "g4dn.8xlarge");
  EXPECT_EQ(label_text(type, "kubernetes.io/arch"), "amd64");
  EXPECT_EQ(label_text(type, "kubernetes.io/os"), "linux");
  EXPECT_EQ(label_text(type, "topology.kubernetes.io/zone"), "us-west-2a|us-west-2b|us-west-2c");
  EXPECT_EQ(label_text(type, "topology.k8s.aws/zone-id"), "usw2-az1|usw2-az2|usw2-az3");
  EXPECT_EQ(label_text(type, "topology.kubernetes.io/region"), "us-west-2");
  EXPECT_EQ(label_text(type, "karpenter.sh/capacity-type"), "on-demand|spot");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-cpu"), "32");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-cpu-manufacturer"), "intel");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-cpu-sustained-clock-speed-mhz"), "2500");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-memory"), "131072");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-ebs-bandwidth"), "9500");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-network-bandwidth"), "50000");
}

TEST(Ec2Labels, GpuTypeDescribesNameDevicesAndHost) {
  // AWI-54 AWI-55 AWI-56 AWI-57 AWI-58 AWI-60 AWI-61 AWI-62 AWI-63
  const InstanceType type = test_type("g4dn.8xlarge", test_view());
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-category"), "g");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-generation"), "4");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-family"), "g4dn");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-size"), "8xlarge");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-capability-flex"), "false");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-local-nvme"), "900");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-gpu-name"), "t4");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-gpu-manufacturer"), "nvidia");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-gpu-count"), "1");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-gpu-memory"), "16384");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-hypervisor"), "nitro");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-encryption-in-transit-supported"), "true");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/nitro-sandbox"), "true");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-tenancy"), "dedicated|default");
}

TEST(Ec2Labels, NeuronTypeDescribesItsAccelerator) {
  // AWI-59
  const InstanceType type = test_type("inf2.xlarge", test_view());
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-category"), "inf");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-generation"), "2");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-cpu-manufacturer"), "amd");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-cpu-sustained-clock-speed-mhz"), "3600");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-network-bandwidth"), "2083");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-accelerator-name"), "inferentia2");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-accelerator-manufacturer"), "aws");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-accelerator-count"), "1");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-gpu-name"), "<absent>");
}

TEST(Ec2Labels, ForeignAcceleratorNamesItsMaker) {
  // AWI-59
  const InstanceType type = test_type("dl2q.24xlarge", test_view());
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-accelerator-name"), "qualcomm-ai100");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-accelerator-manufacturer"), "qualcomm");
}

TEST(Ec2Labels, BareMetalHasAnEmptyHypervisorValue) {
  // AWI-60
  const InstanceType type = test_type("m5.metal", test_view());
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-hypervisor"), "");
  EXPECT_EQ(label_text(type, "karpenter.k8s.aws/instance-size"), "metal");
}

TEST(Ec2Labels, GenerationOfMemoryNamedFamilies) {
  // AWI-54
  const ClassView view = test_view();
  EXPECT_EQ(label_text(test_type("u-6tb1.56xlarge", view), label::kCategory), "u");
  EXPECT_EQ(label_text(test_type("u-6tb1.56xlarge", view), label::kGeneration), "1");
  EXPECT_EQ(label_text(test_type("u7i-12tb.224xlarge", view), label::kGeneration), "7");
  EXPECT_EQ(label_text(test_type("m7i-flex.large", view), label::kFlex), "true");
  EXPECT_EQ(label_text(test_type("m7i-flex.large", view), label::kFamily), "m7i-flex");
}

TEST(Ec2Labels, VagueFiguresAreAbsent) {
  // AWI-52 AWI-53 AWI-57
  const InstanceType type = test_type("m3.medium", test_view());
  EXPECT_EQ(label_text(type, label::kNetworkBandwidth), "<absent>");
  EXPECT_EQ(label_text(type, label::kEbsBandwidth), "<absent>");
  EXPECT_EQ(label_text(type, label::kLocalNvme), "<absent>");
}

TEST(Ec2Labels, WindowsRunsOnAmd64Only) {
  // AWI-42 AWI-47
  const ClassView view = test_view(AmiFamily::kWindows2022);
  EXPECT_EQ(label_text(test_type("m5.large", view), "kubernetes.io/os"), "windows");
  EXPECT_EQ(label_text(test_type("m5.large", view), "node.kubernetes.io/windows-build"),
            "10.0.20348");
  EXPECT_EQ(label_text(test_type("m6g.large", view), "kubernetes.io/os"), "<absent>");
  EXPECT_EQ(label_text(test_type("m5.large", test_view()), "node.kubernetes.io/windows-build"),
            "<absent>");
}

TEST(Ec2Labels, ZonesAreThoseWithASubnet) {
  // AWI-43 AWI-44
  ClassView view = test_view();
  view.zones = {{.name = "us-west-2b", .id = "", .subnets = {"subnet-1"}}};
  const InstanceType type = test_type("m5.large", view);
  EXPECT_EQ(label_text(type, "topology.kubernetes.io/zone"), "us-west-2b");
  EXPECT_EQ(label_text(type, "topology.k8s.aws/zone-id"), "<undefined>");
}

TEST(Ec2Labels, ReservationsOfTheTypeBecomeValues) {
  // AWI-46 AWI-64
  ClassView view = test_view();
  view.reservations = {{.id = "cr-1", .instance_type = "m5.large", .zone = "us-west-2a"}};
  const InstanceType type = test_type("m5.large", view);
  EXPECT_EQ(label_text(type, "karpenter.sh/capacity-type"), "on-demand|reserved|spot");
  EXPECT_EQ(label_text(type, label::kReservationId), "cr-1");
  EXPECT_EQ(label_text(type, label::kReservationType), "default");
  EXPECT_EQ(label_text(type, label::kReservationInterruptible), "false");
  EXPECT_EQ(label_text(test_type("m5.xlarge", view), label::kReservationId), "<absent>");
}

TEST(Ec2Labels, CapacityBlocksAreNoCapacityType) {
  // AWI-46
  EXPECT_EQ(label_text(test_type("p5.48xlarge", test_view()), "karpenter.sh/capacity-type"),
            "on-demand|spot");
}

TEST(Ec2Labels, PlacementGroupPartitionsAreNumberedFromOne) {
  // AWI-65
  ClassView view = test_view();
  view.placement_group = PlacementGroup{.id = "pg-1", .strategy = "partition", .partitions = 3};
  const InstanceType type = test_type("m5.large", view);
  EXPECT_EQ(label_text(type, label::kPlacementGroupId), "pg-1");
  EXPECT_EQ(label_text(type, label::kPlacementGroupPartition), "1|2|3");
  EXPECT_EQ(label_text(test_type("m5.large", test_view()), label::kPlacementGroupId),
            "<undefined>");
}

TEST(Ec2Labels, EveryLabelIsWellKnownAndInOrder) {
  // AWI-66
  const LabelSchema schema = label_schema();
  const CataloguePtr catalogue = test_catalogue(test_view());
  for (const InstanceType& type : catalogue->types) {
    ASSERT_TRUE(std::ranges::is_sorted(type.labels, {}, &TypeLabel::key)) << type.name;
    for (const TypeLabel& one : type.labels) {
      ASSERT_TRUE(schema.is_well_known(one.key)) << one.key;
    }
  }
}

}  // namespace
}  // namespace cloud::ec2

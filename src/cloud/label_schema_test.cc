#include "cloud/label_schema.h"

#include <gtest/gtest.h>

#include "cloud/ec2/label_schema.h"

namespace cloud {
namespace {

TEST(LabelSchema, CoreKnowsItsKeys) {
  // SCH-27 API-147
  const LabelSchema schema = LabelSchema::core();
  EXPECT_EQ(schema.well_known().size(), 8U);
  EXPECT_TRUE(schema.is_well_known("karpenter.sh/nodepool"));
  EXPECT_TRUE(schema.is_well_known("node.kubernetes.io/windows-build"));
  EXPECT_FALSE(schema.is_well_known("kubernetes.io/hostname"));
}

TEST(LabelSchema, BetaKeysAreAliases) {
  // SCH-2
  const LabelSchema schema = LabelSchema::core();
  EXPECT_EQ(schema.canonical_key("failure-domain.beta.kubernetes.io/zone"),
            "topology.kubernetes.io/zone");
  EXPECT_EQ(schema.canonical_key("failure-domain.beta.kubernetes.io/region"),
            "topology.kubernetes.io/region");
  EXPECT_EQ(schema.canonical_key("beta.kubernetes.io/arch"), "kubernetes.io/arch");
  EXPECT_EQ(schema.canonical_key("beta.kubernetes.io/os"), "kubernetes.io/os");
  EXPECT_EQ(schema.canonical_key("beta.kubernetes.io/instance-type"),
            "node.kubernetes.io/instance-type");
  EXPECT_EQ(schema.canonical_key("example.com/x"), "example.com/x");
}

TEST(LabelSchema, ValuesMayHaveAliases) {
  // SCH-3
  LabelSchema schema = LabelSchema::core();
  schema.add_value_alias("topology.kubernetes.io/zone", "zone-one", "us-west-2a");
  EXPECT_EQ(schema.canonical_value("topology.kubernetes.io/zone", "zone-one"), "us-west-2a");
  EXPECT_EQ(schema.canonical_value("topology.kubernetes.io/zone", "zone-two"), "zone-two");
  EXPECT_EQ(schema.canonical_value("kubernetes.io/arch", "zone-one"), "zone-one");
}

TEST(LabelSchema, RestrictedDomainsEndAtADot) {
  // API-129
  const LabelSchema schema = LabelSchema::core();
  EXPECT_TRUE(schema.is_restricted("karpenter.sh/registered"));
  EXPECT_TRUE(schema.is_restricted("sub.karpenter.sh/x"));
  EXPECT_TRUE(schema.is_restricted("kubernetes.io/hostname"));
  EXPECT_FALSE(schema.is_restricted("karpenter.sh/capacity-type"));
  EXPECT_FALSE(schema.is_restricted("notkarpenter.sh/x"));
  EXPECT_FALSE(schema.is_restricted("karpenter.sh"));
  EXPECT_FALSE(schema.is_restricted("karpenter.k8s.aws/instance-cpu"));
}

TEST(LabelSchema, AwsAddsKeysDomainAndZoneAlias) {
  // AWI-13 AWI-66 API-147
  const LabelSchema schema = ec2::label_schema();
  EXPECT_EQ(schema.well_known().size(), 8U + 29U);
  EXPECT_TRUE(schema.is_well_known("karpenter.k8s.aws/instance-cpu"));
  EXPECT_TRUE(schema.is_restricted("karpenter.k8s.aws/ec2nodeclass"));
  EXPECT_EQ(schema.canonical_key("topology.ebs.csi.aws.com/zone"), "topology.kubernetes.io/zone");
  ASSERT_NE(schema.allowed_values("karpenter.k8s.aws/instance-tenancy"), nullptr);
  EXPECT_TRUE(schema.allowed_values("karpenter.k8s.aws/instance-tenancy")->contains("dedicated"));
  EXPECT_EQ(schema.allowed_values("kubernetes.io/arch"), nullptr);
  EXPECT_TRUE(schema.well_known_resources().contains("habana.ai/gaudi"));
}

TEST(LabelSchema, ReservationLabelsComeFromTheProvider) {
  // LIF-233
  EXPECT_EQ(LabelSchema::core().reservation_id_key(), "");
  const LabelSchema schema = ec2::label_schema();
  EXPECT_EQ(schema.reservation_id_key(), "karpenter.k8s.aws/capacity-reservation-id");
  EXPECT_EQ(schema.reservation_keys().size(), 3U);
}

}  // namespace
}  // namespace cloud

// Drift of claims (spec 03 s12, T-CO2..4).
#include "control/drift.h"

#include <gtest/gtest.h>

#include "control/claim_conditions.h"
#include "control/control_testing.h"

namespace control {
namespace {

using namespace testing;

class Drift : public ControlTest {
 protected:
  Drift() {
    claim_.meta.labels["size"] = "5";
    claim_.meta.labels[std::string(world::kInstanceTypeLabel)] = "m5.large";
    claim_.meta.labels[std::string(world::kZoneLabel)] = "a";
    claim_.meta.labels[std::string(world::kCapacityTypeLabel)] = "on-demand";
  }

  std::string drift() {
    const auto snapshot = world_.snapshot(now_);
    return find_drift(View{*snapshot, world_, memory_, config_, now_}, *snapshot->pools[0], claim_);
  }

  std::string drift_by(const std::string& key,
                       const std::string& op,
                       std::vector<std::string> values) {
    k8s::NodePool pool = make_pool("default");
    pool.template_spec.requirements = {
        {.key = key, .op = op, .values = std::move(values), .min_values = {}}};
    put(world_, pool);
    return drift();
  }

  k8s::NodeClaim claim_ = make_initialized_claim("a");
};

TEST_F(Drift, RequirementsAreHeldAgainstTheLabels) {
  // DIS-191
  const std::string drifted = "RequirementsDrifted";
  EXPECT_EQ(drift_by("size", "In", {"5", "6"}), "");
  EXPECT_EQ(drift_by("size", "In", {"6"}), drifted);
  EXPECT_EQ(drift_by("size", "Exists", {}), "");
  EXPECT_EQ(drift_by("size", "DoesNotExist", {}), drifted);
  EXPECT_EQ(drift_by("size", "Gt", {"10"}), drifted);
  EXPECT_EQ(drift_by("size", "Lt", {"1"}), drifted);
  EXPECT_EQ(drift_by("size", "Gte", {"5"}), "");
  EXPECT_EQ(drift_by("color", "In", {"red"}), drifted);
  EXPECT_EQ(drift_by("color", "NotIn", {"red"}), "");
}

TEST_F(Drift, OldLabelNamesMeanTheNewOnes) {
  // DIS-191, SCH-2
  EXPECT_EQ(drift_by("failure-domain.beta.kubernetes.io/zone", "In", {"a"}), "");
  EXPECT_EQ(drift_by("failure-domain.beta.kubernetes.io/zone", "In", {"b"}), "RequirementsDrifted");
}

TEST_F(Drift, TheTemplateComesBeforeTheRequirements) {
  // DIS-189, DIS-190
  k8s::NodePool pool = make_pool("default");
  pool.meta.annotations = {{std::string(world::kPoolHashAnnotation), "1"},
                           {std::string(world::kPoolHashVersionAnnotation), "v3"}};
  pool.template_spec.requirements = {
      {.key = "size", .op = "In", .values = {"6"}, .min_values = {}}};
  put(world_, pool);
  claim_.meta.annotations = {{std::string(world::kPoolHashAnnotation), "2"},
                             {std::string(world::kPoolHashVersionAnnotation), "v3"}};
  EXPECT_EQ(drift(), "NodePoolDrifted");
  claim_.meta.annotations[std::string(world::kPoolHashVersionAnnotation)] = "v2";
  EXPECT_EQ(drift(), "RequirementsDrifted");
}

TEST_F(Drift, ATypeThatIsSoldNoMoreCountsAfterAnHour) {
  // DIS-192
  claim_.meta.labels[std::string(world::kInstanceTypeLabel)] = "m4.large";
  EXPECT_EQ(drift(), "");
  now_ += 2 * k8s::kHour;
  EXPECT_EQ(drift(), "InstanceTypeNotFound");
  claim_.meta.labels.erase(std::string(world::kInstanceTypeLabel));
  EXPECT_EQ(drift(), "InstanceTypeNotFound");
}

TEST_F(Drift, AnOfferingThatIsSoldNoMoreCounts) {
  // DIS-192
  now_ += 2 * k8s::kHour;
  EXPECT_EQ(drift(), "");
  claim_.meta.labels[std::string(world::kCapacityTypeLabel)] = "reserved";
  EXPECT_EQ(drift(), "");  // On demand will do.
  claim_.meta.labels[std::string(world::kCapacityTypeLabel)] = "spot";
  EXPECT_EQ(drift(), "InstanceTypeNotFound");
}

TEST_F(Drift, UnknownTypesAreNoDrift) {
  // DIS-192
  world_.set_catalogue("EC2NodeClass", "default", nullptr);
  now_ += 2 * k8s::kHour;
  EXPECT_EQ(drift(), "");
}

TEST_F(Drift, AnImageThatTheClassNoLongerGivesCounts) {
  // AWI-333, DIS-193
  claim_.meta.labels["kubernetes.io/arch"] = "amd64";
  claim_.status.image_id = "ami-1";
  k8s::EC2NodeClass node_class;
  node_class.meta.name = claim_.spec.node_class.name;
  const auto image = [](std::string id, std::string arch) {
    return k8s::ResolvedImage{.id = std::move(id),
                              .name = {},
                              .requirements = {{.key = "kubernetes.io/arch",
                                                .op = "In",
                                                .values = {std::move(arch)},
                                                .min_values = {}}}};
  };
  node_class.status_amis = {image("ami-2", "arm64"), image("ami-1", "amd64")};
  put(world_, node_class);
  EXPECT_EQ(drift(), "");
  node_class.status_amis = {image("ami-3", "amd64"), image("ami-1", "amd64")};
  put(world_, node_class);
  EXPECT_EQ(drift(), "AMIDrift");
  claim_.status.image_id.clear();  // Launched by somebody who did not say.
  EXPECT_EQ(drift(), "");
}

TEST_F(Drift, UnlaunchedClaimsLoseTheCondition) {
  // DIS-189
  set_condition(claim_.status.conditions, "Launched", "Unknown");
  set_condition(claim_.status.conditions, "Drifted", "True");
  put(world_, claim_);
  const k8s::WriteRequest write = write_of(run(reconcile_claim_conditions, "a"));
  EXPECT_EQ(write.subresource, "status");
  EXPECT_FALSE(has(write, "Drifted"));
}

TEST_F(Drift, StaticClaimsAreNeverConsolidatable) {
  // DIS-188
  k8s::NodePool pool = make_pool("default");
  pool.replicas = 1;
  put(world_, pool);
  put(world_, claim_);
  EXPECT_TRUE(run(reconcile_claim_conditions, "a").effects.empty());
}

}  // namespace
}  // namespace control

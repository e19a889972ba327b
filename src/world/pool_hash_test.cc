#include "world/pool_hash.h"

#include <gtest/gtest.h>

namespace world {
namespace {

constexpr k8s::DurationNs kHour = 3600LL * 1'000'000'000;

k8s::NodePool pool_of_default_class() {
  k8s::NodePool pool;
  pool.template_spec.node_class = {
      .group = "karpenter.k8s.aws", .kind = "EC2NodeClass", .name = "default"};
  return pool;
}

TEST(PoolHash, MatchesTheVectorsOfTheTemplateSpec) {
  // API-181
  k8s::NodePool pool = pool_of_default_class();
  EXPECT_EQ(pool_hash(pool), "17369979337536258260");
  pool.template_spec.expire_after = 720 * kHour;
  EXPECT_EQ(pool_hash(pool), "6821555240594823858");
  pool.template_spec.node_class = {
      .group = "karpenter.kwok.sh", .kind = "KWOKNodeClass", .name = "default"};
  EXPECT_EQ(pool_hash(pool), "12745407319442031341");
}

TEST(PoolHash, MatchesTheVectorsOfMetadataAndTaints) {
  // API-181
  k8s::NodePool pool = pool_of_default_class();
  pool.template_spec.expire_after = 720 * kHour;
  pool.template_labels["billing-team"] = "my-team";
  EXPECT_EQ(pool_hash(pool), "12959609769844967562");
  pool.template_annotations["example.com/owner"] = "my-team";
  pool.template_spec.taints = {
      {.key = "example.com/special-taint", .value = "", .effect = "NoSchedule"}};
  pool.template_spec.startup_taints = {
      {.key = "example.com/another-taint", .value = "", .effect = "NoSchedule"}};
  pool.template_spec.termination_grace_period = 48 * kHour;
  EXPECT_EQ(pool_hash(pool), "7781955369820247601");
}

TEST(PoolHash, IgnoresWhatOnlyGovernsBehaviour) {
  // LIF-161
  k8s::NodePool pool = pool_of_default_class();
  const std::string before = pool_hash(pool);
  pool.weight = 10;
  pool.disruption.budgets.clear();
  pool.limits.set("cpu", k8s::Quantity::units(10));
  pool.template_spec.requirements.push_back(
      {.key = "kubernetes.io/arch", .op = "In", .values = {"arm64"}, .min_values = {}});
  EXPECT_EQ(pool_hash(pool), before);
}

}  // namespace
}  // namespace world

#include "world/pool_hash.h"

#include <gtest/gtest.h>

#include "k8s/codec.h"

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

TEST(PoolHash, EmptyListsAndMapsCountAndTwinsCancel) {
  // API-176, API-177, API-179, API-182
  const auto hash_of = [](const std::string& metadata, const std::string& taints) {
    const auto object = k8s::decode_object(
        R"({"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": "p"}, "spec":
        {"template": {"metadata": )" +
        metadata + R"(, "spec": {"requirements": [], "taints": )" + taints +
        R"(, "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass",
        "name": "default"}, "expireAfter": "43200m"}}}})");
    return object ? pool_hash(k8s::as<k8s::NodePool>(**object)) : object.error().detail;
  };
  EXPECT_EQ(hash_of("null", "null"), "6821555240594823858");
  EXPECT_EQ(hash_of("{}", "null"), "6821555240594823858");
  EXPECT_EQ(hash_of(R"({"labels": {}})", "null"), "1287117484082965808");
  EXPECT_EQ(hash_of("{}", "[]"), "17700736223175069915");
  const std::string taint = R"({"key": "a", "value": "b", "effect": "NoSchedule"})";
  EXPECT_EQ(hash_of("{}", "[" + taint + "," + taint + "]"), "17700736223175069915");
}

TEST(PoolHash, IgnoresWhatOnlyGovernsBehaviour) {
  // LIF-161, API-182, DIS-50
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

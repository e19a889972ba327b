#include "control/class_hash.h"

#include <gtest/gtest.h>

#include "world/class_hash.h"
#include "world/world_testing.h"

namespace control {
namespace {

using namespace world::testing;

class ClassHash : public ::testing::Test {
 protected:
  ClassHash() {
    node_class_.meta.name = "default";
    node_class_.role = "r";
    put(world_, node_class_);
    world_.mark_synced();
  }

  // The bodies of the patches that are wanted, by kind and name.
  std::string writes() {
    const auto snapshot = world_.snapshot(kNow);
    std::string out;
    for (const act::Effect& effect :
         reconcile_class_hash(View{*snapshot, world_, memory_, config_, kNow}, "default").effects) {
      const auto& request = std::get<act::WriteObject>(effect.action).request;
      out += request.key.name + request.body + "\n";
    }
    return out;
  }

  void put_claim(const std::string& version, bool has_drifted) {
    k8s::NodeClaim claim = make_claim("a");
    claim.spec.node_class = {
        .group = "karpenter.k8s.aws", .kind = "EC2NodeClass", .name = "default"};
    claim.meta.annotations[std::string(world::kClassHashAnnotation)] = "old";
    claim.meta.annotations[std::string(world::kClassHashVersionAnnotation)] = version;
    if (has_drifted) {
      set_condition(claim.status.conditions, "Drifted", "True");
    }
    put(world_, claim);
  }

  k8s::EC2NodeClass node_class_;
  world::World world_;
  Memory memory_;
  Config config_;
};

TEST_F(ClassHash, IsWrittenWithItsVersion) {
  // API-188, API-189
  const std::string hash = world::class_hash(node_class_, "");
  EXPECT_EQ(writes(),
            R"(default{"metadata":{"annotations":{"karpenter.k8s.aws/ec2nodeclass-hash":")" + hash +
                R"(","karpenter.k8s.aws/ec2nodeclass-hash-version":"v6"}}})" + "\n");
  node_class_.meta.annotations = {
      {std::string(world::kClassHashAnnotation), hash},
      {std::string(world::kClassHashVersionAnnotation), std::string(world::kClassHashVersion)}};
  put(world_, node_class_);
  EXPECT_EQ(writes(), "");
  config_.ca_bundle = "another";  // API-195
  EXPECT_NE(writes(), "");
}

TEST_F(ClassHash, ClaimsOfOlderVersionsAreMigratedFirst) {
  // API-190
  put_claim("v5", false);
  const std::string hash = world::class_hash(node_class_, "");
  EXPECT_EQ(writes(),
            R"(a{"metadata":{"annotations":{"karpenter.k8s.aws/ec2nodeclass-hash":")" + hash +
                R"(","karpenter.k8s.aws/ec2nodeclass-hash-version":"v6"}}})" + "\n");
}

TEST_F(ClassHash, DriftedClaimsStayDrifted) {
  // API-190
  put_claim("v5", true);
  EXPECT_EQ(writes(),
            R"(a{"metadata":{"annotations":{"karpenter.k8s.aws/ec2nodeclass-hash-version":"v6"}}})"
            "\n");
  put_claim("v6", true);
  EXPECT_EQ(writes().substr(0, 7), "default");
}

}  // namespace
}  // namespace control

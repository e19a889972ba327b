#include "control/shunned.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "control/control_testing.h"

namespace control {
namespace {

using namespace world::testing;

void add_machine(world::World& world, const std::string& name, const std::string& taint) {
  k8s::NodeClaim claim = control::testing::make_initialized_claim(name);
  claim.spec.startup_taints = {{.key = "own", .value = "", .effect = "NoSchedule"}};
  put(world, claim);
  k8s::Node node = make_ready_node(name);
  node.taints.push_back({.key = taint, .value = "", .effect = "NoSchedule"});
  put(world, node);
}

TEST(Shunned, CountsFreshEmptyMachinesWithTaintsOfOthers) {
  // SCH-122
  world::World world;
  put(world, make_pool("default"));
  add_machine(world, "a", "hostile");
  add_machine(world, "b", "own");
  add_machine(world, "c", "node.kubernetes.io/unreachable");
  add_machine(world, "d", "hostile");
  put(world, make_pod("web", "node-d"));
  EXPECT_EQ(count_shunned(*world.snapshot(kNow), "default"), 1U);
  EXPECT_EQ(count_shunned(*world.snapshot(kNow), "other"), 0U);
  remove(world, make_pod("web", "node-d"));  // It was driven out.
  EXPECT_EQ(count_shunned(*world.snapshot(kNow), "default"), 2U);
  EXPECT_EQ(count_shunned(*world.snapshot(kNow + 6 * k8s::kMinute), "default"), 0U);
}

TEST(Shunned, PausesGrowWithThem) {
  // SCH-122
  EXPECT_EQ(purchase_pause(4), 0);
  EXPECT_EQ(purchase_pause(5), 2 * k8s::kSecond);
  EXPECT_EQ(purchase_pause(100), 10 * k8s::kSecond);
}

}  // namespace
}  // namespace control

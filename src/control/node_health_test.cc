// node.health (spec 04 s7, s19.4; spec 03 s14).
#include "control/node_health.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "control/control_testing.h"
#include "control/event_keys.h"
#include "k8s/time.h"

namespace control {
namespace {

using namespace testing;

class NodeHealth : public ControlTest {
 protected:
  NodeHealth() {
    config_.repair_policies = {
        {.condition = "Ready", .status = "False", .toleration = 30 * k8s::kMinute},
        {.condition = "Disk", .status = "Unknown", .toleration = 10 * k8s::kMinute}};
  }

  void put_machine(const std::string& name,
                   const std::string& ready,
                   const std::string& pool = "default") {
    put(world_, make_launched_claim(name, pool));
    k8s::Node node = make_ready_node(name, pool);
    set_condition(node.status.conditions, "Ready", ready, kNow);
    put(world_, node);
  }

  Step look(const std::string& name) { return run(reconcile_health, "node-" + name); }
};

TEST_F(NodeHealth, SickNodesAreToleratedForAWhile) {
  // LIF-153, LIF-154, DIS-213
  put_machine("a", "False");
  now_ += 27 * k8s::kMinute;
  const Step step = look("a");
  EXPECT_TRUE(step.effects.empty());
  EXPECT_EQ(step.wake_at, now_ + 3 * k8s::kMinute);
}

TEST_F(NodeHealth, TheEarliestEndOfPatienceCounts) {
  // LIF-153, DIS-213
  put(world_, make_launched_claim("a"));
  k8s::Node node = make_ready_node("a");
  set_condition(node.status.conditions, "Ready", "False", kNow);
  set_condition(node.status.conditions, "Disk", "Unknown", kNow);
  put(world_, node);
  EXPECT_EQ(look("a").wake_at, kNow + 10 * k8s::kMinute);
}

TEST_F(NodeHealth, OtherConditionsAndStatusesAreIgnored) {
  // LIF-153
  put_machine("a", "Unknown");
  now_ += k8s::kHour;
  EXPECT_TRUE(look("a").effects.empty());
  EXPECT_EQ(look("a").wake_at, 0);
}

TEST_F(NodeHealth, DeadlineIsNowThenTheClaimGoes) {
  // LIF-157, DIS-215
  k8s::NodeClaim claim = make_launched_claim("a");
  claim.spec.termination_grace_period = k8s::kHour;
  put_machine("a", "False");
  put(world_, claim);
  now_ += k8s::kHour;
  const k8s::WriteRequest first = write_of(look("a"));
  EXPECT_TRUE(has(first, k8s::format_time(now_))) << first.body;
  EXPECT_TRUE(first.resource_version.empty());
  claim.meta.annotations[std::string(world::kTerminationTimestampAnnotation)] =
      k8s::format_time(now_);
  put(world_, claim);
  EXPECT_EQ(deleted_by(look("a")), std::vector<std::string>{"a"});
}

TEST_F(NodeHealth, CountsWhatItRepairs) {
  // DIS-216
  put_machine("a", "False");
  k8s::NodeClaim claim = make_launched_claim("a");
  claim.status.image_id = "ami-1";
  claim.meta.labels[std::string(world::kCapacityTypeLabel)] = "spot";
  now_ += k8s::kHour;
  claim.meta.annotations[std::string(world::kTerminationTimestampAnnotation)] =
      k8s::format_time(now_);
  put(world_, claim);
  put(world_, make_pod("web", "node-a"));
  const Step step = look("a");
  ASSERT_EQ(deleted_by(step), std::vector<std::string>{"a"});
  std::vector<std::string> counted;
  for (const runtime::MetricChange& change : step.effects.back().metrics) {
    counted.push_back(
        base::concat(change.facts->name, " ", base::join(change.labels, ","), " ", change.amount));
  }
  EXPECT_EQ(counted,
            (std::vector<std::string>{
                "karpenter_nodeclaims_disrupted_total unhealthy,default,spot,,graceful 1",
                "karpenter_pods_disruption_initiated_total unhealthy,default,spot,,graceful 1",
                "karpenter_nodeclaims_unhealthy_disrupted_total ready,default,spot,ami-1 1"}));
  EXPECT_EQ(step.logs.at(0).message, "deleting unhealthy node");
}

TEST_F(NodeHealth, ALaterDeadlineOfAGoingClaimIsPulledIn) {
  // LIF-157
  put_machine("a", "False");
  k8s::NodeClaim claim = make_launched_claim("a");
  claim.meta.deletion_time = kNow;
  claim.meta.annotations[std::string(world::kTerminationTimestampAnnotation)] =
      k8s::format_time(kNow + 10 * k8s::kHour);
  put(world_, claim);
  now_ += k8s::kHour;
  const Step step = look("a");
  EXPECT_TRUE(has(write_of(step), k8s::format_time(now_)));
  claim.meta.annotations[std::string(world::kTerminationTimestampAnnotation)] =
      k8s::format_time(kNow);
  put(world_, claim);
  EXPECT_TRUE(look("a").effects.empty());
}

TEST_F(NodeHealth, DoNotDisruptHoldsNothing) {
  // LIF-157
  put_machine("a", "False");
  k8s::Node node = make_ready_node("a");
  set_condition(node.status.conditions, "Ready", "False", kNow);
  node.meta.annotations[std::string(world::kDoNotDisruptAnnotation)] = "true";
  put(world_, node);
  now_ += k8s::kHour;
  EXPECT_EQ(look("a").effects.size(), 1U);
}

TEST_F(NodeHealth, ThreeOfTenAreTooMany) {
  // LIF-155, LIF-156, DIS-214, DIS-217
  for (int i = 0; i < 10; ++i) {
    put_machine("m" + std::to_string(i), i < 3 ? "False" : "True");
  }
  now_ += k8s::kHour;
  const Step step = look("m0");
  EXPECT_TRUE(writes_of(step).empty());
  EXPECT_EQ(reasons_of(step), (std::vector<std::string>(3, "NodeRepairBlocked")));
  EXPECT_EQ(step.wake_at, now_ + 5 * k8s::kMinute);
}

TEST_F(NodeHealth, OneOfThreeIsRepaired) {
  // LIF-155, DIS-217
  put_machine("a", "False");
  put_machine("b", "True");
  put_machine("c", "True");
  now_ += k8s::kHour;
  EXPECT_EQ(writes_of(look("a")).size(), 1U);
}

TEST_F(NodeHealth, AnotherPoolsHealthDoesNotMatter) {
  // LIF-155
  put_machine("a", "False");
  for (int i = 0; i < 5; ++i) {
    put_machine("x" + std::to_string(i), "False", "other");
  }
  now_ += k8s::kHour;
  EXPECT_EQ(writes_of(look("a")).size(), 1U);
}

TEST_F(NodeHealth, ABlockedPoolThatIsGoneSaysNothing) {
  // LIF-156
  for (int i = 0; i < 6; ++i) {
    put_machine("x" + std::to_string(i), "False", "gone");
  }
  now_ += k8s::kHour;
  const Step step = look("x0");
  EXPECT_TRUE(step.effects.empty());
  EXPECT_EQ(step.wake_at, now_ + 5 * k8s::kMinute);
}

TEST_F(NodeHealth, NewsOfTheNodeAndOfItsClaimAreLookedAt) {
  // DIS-211: every news, not only of conditions; a look without reason costs nothing.
  put_machine("a", "True");
  const KeysOf keys = nodes_and_their_claims();
  const auto keys_of = [&](const k8s::Object& object) {
    std::vector<std::string> found;
    keys({object.kind, k8s::EventOp::kModified, k8s::ObjectPtr(&object, [](const k8s::Object*) {})},
         world_,
         found);
    return found;
  };
  EXPECT_EQ(keys_of(make_ready_node("a")), std::vector<std::string>{"node-a"});
  EXPECT_EQ(keys_of(make_launched_claim("a")), std::vector<std::string>{"node-a"});
  EXPECT_TRUE(keys_of(make_launched_claim("launching")).empty());
  EXPECT_TRUE(keys_of(make_pool("default")).empty());
}

TEST_F(NodeHealth, NodesWithoutClaimAreNotOurs) {
  // LIF-152
  k8s::Node node = make_ready_node("a");
  set_condition(node.status.conditions, "Ready", "False", kNow);
  put(world_, node);
  now_ += k8s::kHour;
  EXPECT_TRUE(look("a").effects.empty());
}

}  // namespace
}  // namespace control

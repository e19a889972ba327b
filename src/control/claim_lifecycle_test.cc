// nodeclaim.lifecycle beyond its main road: unready classes, device pools, several nodes of one
// claim, startup taints, observed generations (spec 04 s4, s19.2).
#include "control/claim_lifecycle.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "control/control_testing.h"
#include "k8s/codec.h"
#include "world/pods.h"

namespace control {
namespace {

using namespace testing;

class ClaimLifecycle : public ControlTest {
 protected:
  static k8s::NodeClaim kwok_claim() {
    k8s::NodeClaim claim = make_claim("a");
    claim.spec.node_class = {
        .group = "karpenter.kwok.sh", .kind = "KWOKNodeClass", .name = "default"};
    return claim;
  }

  void put_kwok_class(const std::string& ready) {
    k8s::KWOKNodeClass node_class;
    node_class.meta.name = "default";
    set_condition(node_class.conditions, "Ready", ready);
    put(world_, node_class);
  }

  // A registered claim and its node, which lacks only the last label.
  void put_almost_initialized(const std::string& drivers) {
    config_.plan.ignore_dra_requests = false;
    k8s::NodeClaim claim = make_launched_claim("a");
    set_condition(claim.status.conditions, "Registered", "True");
    claim.meta.annotations[std::string(world::kRequestedDriversAnnotation)] = drivers;
    put(world_, claim);
    k8s::Node node = make_ready_node("a");
    node.meta.labels.erase(std::string(world::kInitializedLabel));
    put(world_, node);
  }

  void put_slice(const std::string& name,
                 const std::string& driver,
                 std::int64_t generation,
                 std::int64_t count) {
    k8s::ResourceSlice slice;
    slice.meta.name = name;
    slice.driver = driver;
    slice.pool = "node-a";
    slice.generation = generation;
    slice.slice_count = count;
    slice.reach.node_name = "node-a";
    put(world_, slice);
  }

  bool waits_for_devices() {
    return std::ranges::any_of(writes_of(run(reconcile_lifecycle, "a")), [](const auto& write) {
      return has(write, "DRADriverPoolsNotPublished");
    });
  }
};

TEST_F(ClaimLifecycle, MissingKwokClassDeletesTheClaim) {
  // LIF-241, LIF-76
  put(world_, kwok_claim());
  const Step step = run(reconcile_lifecycle, "a");
  EXPECT_EQ(deleted_by(step), std::vector<std::string>{"a"});
  EXPECT_EQ(reasons_of(step), std::vector<std::string>{"InsufficientCapacityError"});
}

TEST_F(ClaimLifecycle, UnreadyKwokClassDeletesTheClaimWithoutEvent) {
  // LIF-241, LIF-76
  put_kwok_class("False");
  put(world_, kwok_claim());
  const Step step = run(reconcile_lifecycle, "a");
  EXPECT_EQ(deleted_by(step), std::vector<std::string>{"a"});
  EXPECT_TRUE(reasons_of(step).empty());
}

TEST_F(ClaimLifecycle, AReadyKwokClassWithoutTypesOnlyWaits) {
  // LIF-76
  put_kwok_class("True");
  put(world_, kwok_claim());
  const Step step = run(reconcile_lifecycle, "a");
  EXPECT_TRUE(deleted_by(step).empty());
  EXPECT_TRUE(has(write_of(step), "LaunchFailed"));
}

TEST_F(ClaimLifecycle, TheProvidersReasonIsShown) {
  // LIF-76
  put(world_, make_claim("a"));
  cloud::LaunchFailure failure{.error = {base::ErrorCode::kInternal, "no such template"},
                               .unavailable = {}};
  failure.reason = "LaunchTemplateNotFound";
  memory_.launches.insert_or_assign("uid-a", Memory::Launch{std::unexpected(failure), now_, 1});
  const k8s::WriteRequest write = write_of(run(reconcile_lifecycle, "a"));
  EXPECT_TRUE(has(write, "LaunchTemplateNotFound"));
  EXPECT_TRUE(has(write, "no such template"));
}

TEST_F(ClaimLifecycle, RemovedStartupTaintsStayAway) {
  // LIF-90
  k8s::NodeClaim claim = make_launched_claim("a");
  claim.spec.startup_taints = {{.key = "boot", .value = "", .effect = "NoSchedule"}};
  put(world_, claim);
  k8s::Node node = make_node("a");
  put(world_, node);
  const auto writes = writes_of(run(reconcile_lifecycle, "a"));
  const auto of_node = std::ranges::find_if(
      writes, [](const auto& write) { return write.key.kind == k8s::Kind::kNode; });
  ASSERT_NE(of_node, writes.end());
  EXPECT_TRUE(has(*of_node, "boot"));
  // The node as that write left it, when somebody has taken the taint away before we say so.
  node.meta.labels[std::string(world::kRegisteredLabel)] = "true";
  node.meta.finalizers = {std::string(world::kTerminationFinalizer)};
  node.meta.owners.push_back({.api_version = "karpenter.sh/v1",
                              .kind = "NodeClaim",
                              .name = "a",
                              .uid = "uid-a",
                              .controller = false,
                              .block_owner_deletion = true});
  put(world_, node);
  const k8s::WriteRequest write = write_of(run(reconcile_lifecycle, "a"));
  EXPECT_EQ(write.key.kind, k8s::Kind::kNodeClaim);
  EXPECT_TRUE(has(write, R"("nodeName":"node-a")"));
}

TEST_F(ClaimLifecycle, OptedOutNodesGetNoTaintsButAreReleased) {
  // LIF-83, LIF-84
  k8s::NodeClaim claim = make_launched_claim("a");
  claim.spec.taints = {{.key = "team", .value = "", .effect = "NoSchedule"}};
  put(world_, claim);
  k8s::Node node = make_node("a");
  node.taints = {world::unregistered_taint()};
  node.meta.labels[std::string(world::kDoNotSyncTaintsLabel)] = "true";
  put(world_, node);
  for (const k8s::WriteRequest& write : writes_of(run(reconcile_lifecycle, "a"))) {
    if (write.key.kind == k8s::Kind::kNode) {
      EXPECT_FALSE(has(write, "team"));
      EXPECT_TRUE(has(write, R"("taints":null)")) << write.body;
    }
  }
}

TEST_F(ClaimLifecycle, TwoNodesOfOneClaimNeverRegister) {
  // LIF-81
  put(world_, make_launched_claim("a"));
  put(world_, make_node("a"));
  k8s::Node twin = make_node("a");
  twin.meta.name = "twin";
  twin.meta.uid = "uid-twin";
  put(world_, twin);
  EXPECT_TRUE(has(write_of(run(reconcile_lifecycle, "a")), "MultipleNodesFound"));
}

TEST_F(ClaimLifecycle, AllNodesOfAClaimGoBeforeIt) {
  // LIF-103
  k8s::NodeClaim claim = make_launched_claim("a");
  set_condition(claim.status.conditions, "Registered", "True");
  claim.meta.deletion_time = kNow;
  put(world_, claim);
  put(world_, make_ready_node("a"));
  k8s::Node twin = make_ready_node("a");
  twin.meta.name = "twin";
  twin.meta.uid = "uid-twin";
  put(world_, twin);
  EXPECT_EQ(deleted_by(run(reconcile_lifecycle, "a")),
            (std::vector<std::string>{"node-a", "twin"}));
  remove(world_, make_ready_node("a"));
  EXPECT_EQ(deleted_by(run(reconcile_lifecycle, "a")), std::vector<std::string>{"twin"});
}

TEST_F(ClaimLifecycle, UnregisteredClaimsLeaveTheirNodeAlone) {
  // LIF-103
  k8s::NodeClaim claim = make_launched_claim("a");
  claim.meta.deletion_time = kNow;
  put(world_, claim);
  put(world_, make_node("a"));
  const Step step = run(reconcile_lifecycle, "a");
  EXPECT_TRUE(deleted_by(step).empty());
  EXPECT_NE(action_of<act::Terminate>(step), nullptr);
}

TEST_F(ClaimLifecycle, ClaimsWithoutInstanceAskNothingOfTheCloud) {
  // LIF-105
  k8s::NodeClaim claim = make_claim("a");
  claim.meta.deletion_time = kNow;
  put(world_, claim);
  const Step step = run(reconcile_lifecycle, "a");
  EXPECT_EQ(action_of<act::Terminate>(step), nullptr);
  EXPECT_TRUE(has(write_of(step), R"("finalizers":null)"));
}

TEST_F(ClaimLifecycle, ConditionsFollowTheGeneration) {
  // LIF-73, LIF-100
  k8s::NodeClaim claim = make_initialized_claim("a");
  claim.meta.generation = 2;
  put(world_, claim);
  put(world_, make_ready_node("a"));
  const k8s::WriteRequest write = write_of(run(reconcile_lifecycle, "a"));
  EXPECT_EQ(write.subresource, "status");
  EXPECT_FALSE(has(write, R"("observedGeneration":1)")) << write.body;
}

TEST_F(ClaimLifecycle, NothingIsWrittenOnceAllStagesAreDone) {
  // LIF-73
  put(world_, make_initialized_claim("a"));
  put(world_, make_ready_node("a"));
  EXPECT_TRUE(run(reconcile_lifecycle, "a").effects.empty());
}

TEST_F(ClaimLifecycle, ConditionsAreKeptInTheirOrder) {
  // LIF-12
  k8s::NodeClaim claim = make_initialized_claim("a");
  std::ranges::reverse(claim.status.conditions);
  put(world_, claim);
  put(world_, make_ready_node("a"));
  EXPECT_EQ(write_of(run(reconcile_lifecycle, "a")).subresource, "status");
}

TEST_F(ClaimLifecycle, InitializationWaitsForTheWholeDevicePool) {
  // LIF-92
  put_almost_initialized(" gpu.example.com ,");
  EXPECT_TRUE(waits_for_devices());
  put_slice("one", "gpu.example.com", 1, 2);
  EXPECT_TRUE(waits_for_devices());
  put_slice("two", "gpu.example.com", 1, 2);
  EXPECT_FALSE(waits_for_devices());
}

TEST_F(ClaimLifecycle, SlicesOfAnOlderGenerationDoNotCount) {
  // LIF-92
  put_almost_initialized("gpu.example.com");
  put_slice("old", "gpu.example.com", 1, 1);
  put_slice("new", "gpu.example.com", 2, 2);
  EXPECT_TRUE(waits_for_devices());
}

TEST_F(ClaimLifecycle, EveryRequestedDriverCounts) {
  // LIF-92
  put_almost_initialized("gpu.example.com,nic.example.com");
  put_slice("gpu", "gpu.example.com", 1, 1);
  EXPECT_TRUE(has(write_of(run(reconcile_lifecycle, "a")), "nic.example.com"));
}

TEST_F(ClaimLifecycle, DevicesDoNotMatterWithTheFeatureOff) {
  // LIF-92
  put_almost_initialized("gpu.example.com");
  config_.plan.ignore_dra_requests = true;
  EXPECT_FALSE(waits_for_devices());
}

TEST_F(ClaimLifecycle, TextsAreCutAtThreeHundred) {
  // LIF-77
  EXPECT_EQ(truncated(std::string(299, 'x')).size(), 299U);
  EXPECT_EQ(truncated(std::string(300, 'x')), std::string(300, 'x') + "...");
}

}  // namespace
}  // namespace control

// The reconcile functions, each from a small world to the effects it wants.
#include <algorithm>

#include <gtest/gtest.h>

#include "control/batcher.h"
#include "control/claim_conditions.h"
#include "control/claim_lifecycle.h"
#include "control/control_testing.h"
#include "control/disruption.h"
#include "control/event_keys.h"
#include "control/launch_request.h"
#include "control/metrics.h"
#include "control/node_class.h"
#include "control/node_termination.h"
#include "control/pools.h"
#include "k8s/codec.h"
#include "world/pods.h"
#include "world/pool_hash.h"
#include "world/world_testing.h"

namespace control {
namespace {

using namespace world::testing;
using testing::has;
using testing::make_initialized_claim;

class Control : public testing::ControlTest {};

TEST_F(Control, FinalizerComesBeforeLaunch) {
  // LIF-71
  k8s::NodeClaim claim = make_claim("a");
  claim.meta.finalizers.clear();
  put(world_, claim);
  const Step step = run(reconcile_lifecycle, "a");
  ASSERT_EQ(step.effects.size(), 1U);
  EXPECT_TRUE(has(write_of(step), "karpenter.sh/termination"));
  EXPECT_EQ(write_of(step).resource_version, "1");
}

TEST_F(Control, LaunchAsksForTheCheapestFirst) {
  // LIF-74
  put(world_, make_claim("a"));
  const Step step = run(reconcile_lifecycle, "a");
  const act::Launch* launch = nullptr;
  for (const act::Effect& effect : step.effects) {
    launch = std::get_if<act::Launch>(&effect.action) ? std::get_if<act::Launch>(&effect.action)
                                                      : launch;
  }
  ASSERT_NE(launch, nullptr);
  ASSERT_EQ(launch->request.offerings.size(), 2U);
  EXPECT_EQ(launch->request.offerings[0].zone, "b");
  EXPECT_EQ(launch->request.claim_uid, "uid-a");
}

TEST_F(Control, LaunchRespectsRequirementsAndSize) {
  // LIF-74
  k8s::NodeClaim claim = make_claim("a");
  claim.spec.requirements.push_back(
      {.key = std::string(world::kZoneLabel), .op = "In", .values = {"a"}, .min_values = {}});
  EXPECT_EQ(launch_request(claim, catalogue_).offerings.size(), 1U);
  claim.spec.requests.set("cpu", k8s::Quantity::units(3));
  EXPECT_TRUE(launch_request(claim, catalogue_).offerings.empty());
}

TEST_F(Control, AnsweredLaunchIsWrittenMetadataFirst) {
  // LIF-75, LIF-72
  put(world_, make_claim("a"));
  remember_launch("a");
  const k8s::WriteRequest first = write_of(run(reconcile_lifecycle, "a"));
  EXPECT_EQ(first.subresource, "");
  EXPECT_TRUE(has(first, "m5.large"));
  k8s::NodeClaim claim = make_claim("a");
  adopt_instance(claim, *memory_.launches.at("uid-a").result, &catalogue_);
  claim.status = {};
  put(world_, claim);
  const k8s::WriteRequest second = write_of(run(reconcile_lifecycle, "a"));
  EXPECT_EQ(second.subresource, "status");
  EXPECT_TRUE(has(second, "id-a"));
  EXPECT_TRUE(has(second, "Launched"));
}

TEST_F(Control, InsufficientCapacityDeletesTheClaim) {
  // LIF-76
  put(world_, make_claim("a"));
  remember_failure("a", base::ErrorCode::kInsufficientCapacity);
  const Step step = run(reconcile_lifecycle, "a");
  EXPECT_EQ(write_of(step).verb, k8s::Verb::kDelete);
  EXPECT_EQ(write_of(step).uid, "uid-a");
  EXPECT_EQ(reasons_of(step), std::vector<std::string>{"InsufficientCapacityError"});
}

TEST_F(Control, OtherLaunchErrorsAreShownAndRetried) {
  // LIF-76
  put(world_, make_claim("a"));
  remember_failure("a", base::ErrorCode::kInternal);
  const Step step = run(reconcile_lifecycle, "a");
  EXPECT_TRUE(has(write_of(step), "LaunchFailed"));
  EXPECT_GT(step.wake_at, now_);
  now_ = step.wake_at;
  EXPECT_TRUE(std::ranges::any_of(run(reconcile_lifecycle, "a").effects, [](const auto& effect) {
    return std::holds_alternative<act::Launch>(effect.action);
  }));
}

TEST_F(Control, RegistrationReleasesTheNodeThenSaysSo) {
  // LIF-83, LIF-86, LIF-88
  k8s::NodeClaim claim = make_launched_claim("a");
  claim.spec.startup_taints = {{.key = "boot", .value = "", .effect = "NoSchedule"}};
  put(world_, claim);
  k8s::Node node = make_node("a");
  node.taints = {world::unregistered_taint()};
  put(world_, node);
  const Step step = run(reconcile_lifecycle, "a");
  bool is_node_written = false;
  for (const act::Effect& effect : step.effects) {
    const auto* write = std::get_if<act::WriteObject>(&effect.action);
    if (write != nullptr && write->request.key.kind == k8s::Kind::kNode) {
      is_node_written = true;
      EXPECT_TRUE(has(write->request, R"("karpenter.sh/registered":"true")"));
      EXPECT_TRUE(has(write->request, "boot"));
      EXPECT_FALSE(has(write->request, "unregistered"));
      EXPECT_TRUE(has(write->request, "ownerReferences"));
    }
  }
  EXPECT_TRUE(is_node_written);
}

TEST_F(Control, MissingUnregisteredTaintIsReported) {
  // LIF-82
  put(world_, make_launched_claim("a"));
  put(world_, make_node("a"));
  EXPECT_EQ(reasons_of(run(reconcile_lifecycle, "a")),
            std::vector<std::string>{"UnregisteredTaintMissing"});
}

TEST_F(Control, InitializationNamesTheFirstObstacle) {
  // LIF-91
  k8s::NodeClaim claim = make_launched_claim("a");
  set_condition(claim.status.conditions, "Registered", "True");
  claim.spec.requests.set("gpu", k8s::Quantity::units(1));
  put(world_, claim);
  k8s::Node node = make_ready_node("a");
  node.meta.labels.erase(std::string(world::kInitializedLabel));
  node.status.conditions.clear();
  put(world_, node);
  EXPECT_TRUE(has(write_of(run(reconcile_lifecycle, "a")), "NodeNotReady"));
  set_condition(node.status.conditions, "Ready", "True");
  put(world_, node);
  EXPECT_TRUE(has(write_of(run(reconcile_lifecycle, "a")), "ResourceNotRegistered"));
}

TEST_F(Control, UnlaunchedClaimIsGivenUpAfterFiveMinutes) {
  // LIF-96
  put(world_, make_claim("a"));
  remember_failure("a", base::ErrorCode::kInternal);
  now_ += config_.launch_timeout;
  memory_.launches.at("uid-a").at = now_;
  EXPECT_EQ(write_of(run(reconcile_lifecycle, "a")).verb, k8s::Verb::kDelete);
}

TEST_F(Control, UnregisteredClaimIsGivenUpAfterFifteenMinutes) {
  // LIF-97
  put(world_, make_launched_claim("a"));
  const Step early = run(reconcile_lifecycle, "a");
  EXPECT_EQ(early.wake_at, kNow + config_.registration_timeout);
  now_ += config_.registration_timeout;
  EXPECT_EQ(write_of(run(reconcile_lifecycle, "a")).verb, k8s::Verb::kDelete);
}

TEST_F(Control, DeletedClaimTakesItsNodeThenItsInstanceThenItself) {
  // LIF-103, LIF-104, LIF-106
  k8s::NodeClaim claim = make_launched_claim("a");
  set_condition(claim.status.conditions, "Registered", "True");
  claim.meta.deletion_time = kNow;
  put(world_, claim);
  put(world_, make_ready_node("a"));
  EXPECT_EQ(write_of(run(reconcile_lifecycle, "a")).key.kind, k8s::Kind::kNode);
  remove(world_, make_ready_node("a"));
  const Step terminate = run(reconcile_lifecycle, "a");
  ASSERT_EQ(terminate.effects.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<act::Terminate>(terminate.effects[0].action));
  memory_.instances["id-a"] = {.is_gone = true, .at = now_};
  EXPECT_TRUE(has(write_of(run(reconcile_lifecycle, "a")), "InstanceTerminating"));
  set_condition(claim.status.conditions, "InstanceTerminating", "True");
  put(world_, claim);
  EXPECT_TRUE(has(write_of(run(reconcile_lifecycle, "a")), R"("finalizers":null)"));
}

TEST_F(Control, GracePeriodBecomesADeadlineOnce) {
  // LIF-102
  k8s::NodeClaim claim = make_launched_claim("a");
  claim.meta.deletion_time = kNow;
  claim.spec.termination_grace_period = k8s::kHour;
  put(world_, claim);
  const Step step = run(reconcile_lifecycle, "a");
  EXPECT_TRUE(has(write_of(step), std::string(world::kTerminationTimestampAnnotation)));
  EXPECT_EQ(reasons_of(step), std::vector<std::string>{"TerminationGracePeriodExpiring"});
}

TEST_F(Control, ConsolidatableAfterTheQuietTime) {
  // DIS-187
  k8s::NodePool pool = make_pool("default");
  pool.disruption.consolidate_after = k8s::kMinute;
  put(world_, pool);
  put(world_, make_initialized_claim("a"));
  const Step early = run(reconcile_claim_conditions, "a");
  EXPECT_TRUE(early.effects.empty());
  EXPECT_EQ(early.wake_at, kNow + k8s::kMinute);
  now_ = early.wake_at;
  EXPECT_TRUE(has(write_of(run(reconcile_claim_conditions, "a")), "Consolidatable"));
}

TEST_F(Control, ChangedTemplateIsDrift) {
  // DIS-190
  k8s::NodePool pool = make_pool("default");
  pool.meta.annotations[std::string(world::kPoolHashAnnotation)] = "1";
  pool.meta.annotations[std::string(world::kPoolHashVersionAnnotation)] = "v3";
  put(world_, pool);
  pool.disruption.consolidate_after = std::nullopt;
  put(world_, pool);
  k8s::NodeClaim claim = make_initialized_claim("a");
  claim.meta.annotations = pool.meta.annotations;
  put(world_, claim);
  EXPECT_TRUE(run(reconcile_claim_conditions, "a").effects.empty());
  claim.meta.annotations[std::string(world::kPoolHashAnnotation)] = "2";
  put(world_, claim);
  EXPECT_TRUE(has(write_of(run(reconcile_claim_conditions, "a")), "NodePoolDrifted"));
}

TEST_F(Control, ExpiredClaimIsDeletedAtTheInstant) {
  // LIF-109, DIS-200
  k8s::NodeClaim claim = make_launched_claim("a");
  claim.spec.expire_after = k8s::kHour;
  put(world_, claim);
  EXPECT_EQ(run(reconcile_expiration, "a").wake_at, kNow + k8s::kHour);
  now_ += k8s::kHour;
  EXPECT_EQ(write_of(run(reconcile_expiration, "a")).verb, k8s::Verb::kDelete);
}

TEST_F(Control, AllThatExpireGoAtOnce) {
  // DIS-203, improved: upstream deletes one, and rests for a second.
  for (const char* name : {"a", "b", "c"}) {
    k8s::NodeClaim claim = make_initialized_claim(name);
    claim.spec.expire_after = k8s::kHour;
    put(world_, claim);
  }
  now_ += k8s::kHour;
  for (const char* name : {"a", "b", "c"}) {
    EXPECT_EQ(deleted_by(run(reconcile_expiration, name)), std::vector<std::string>{name});
  }
}

TEST_F(Control, ExpiryAsksNobodyAndIsCounted) {
  // DIS-201, DIS-202
  k8s::NodeClaim claim = make_launched_claim("a");
  claim.spec.expire_after = k8s::kHour;
  claim.meta.labels[std::string(world::kCapacityTypeLabel)] = "spot";
  put(world_, claim);
  k8s::Node node = make_ready_node("a");
  node.meta.annotations[std::string(world::kDoNotDisruptAnnotation)] = "true";
  put(world_, node);
  k8s::Pod held = make_pod("held", "node-a");
  held.meta.annotations[std::string(world::kDoNotDisruptAnnotation)] = "true";
  put(world_, held);
  now_ += k8s::kHour;
  const Step step = run(reconcile_expiration, "a");
  ASSERT_EQ(deleted_by(step), std::vector<std::string>{"a"});
  const auto& counted = step.effects.back().metrics;
  ASSERT_EQ(counted.size(), 2U);
  EXPECT_EQ(counted[0].labels,
            (runtime::LabelValues{"expired", "default", "spot", "", "graceful"}));
  EXPECT_EQ(counted[1].facts, &metric::kPodsDisruptionInitiated);
  EXPECT_EQ(counted[1].amount, 1);
  EXPECT_EQ(step.logs.at(0).message, "deleting expired nodeclaim");
}

TEST_F(Control, MachinesWithRoomForBuffersAreNotEmpty) {
  // SCH-283, LIF-190
  put(world_, make_initialized_claim("a"));
  put(world_, make_ready_node("a"));
  put(world_, make_initialized_claim("b"));
  put(world_, make_ready_node("b"));
  const auto snapshot = world_.snapshot(now_);
  EXPECT_TRUE(buffered_claims(*snapshot, memory_).empty());
  memory_.buffered[snapshot->nodes[*world_.find_claim("b")].provider_id()] = 2;
  EXPECT_EQ(buffered_claims(*snapshot, memory_), (std::set<std::string, std::less<>>{"b"}));
}

TEST_F(Control, AClaimOfAnotherHashVersionIsMigratedUnderACurrentPoolToo) {
  // API-190: the pool's event may come before the claim's.
  k8s::NodePool pool = make_pool("default");
  pool.meta.annotations[std::string(world::kPoolHashAnnotation)] = world::pool_hash(pool);
  pool.meta.annotations[std::string(world::kPoolHashVersionAnnotation)] = "v3";
  put(world_, pool);
  k8s::NodeClaim claim = make_launched_claim("a");
  claim.meta.annotations[std::string(world::kPoolHashVersionAnnotation)] = "v0";
  put(world_, claim);
  EXPECT_EQ(write_of(run(reconcile_hash, "default")).key.kind, k8s::Kind::kNodeClaim);
  std::vector<std::string> keys;
  pools_and_stale_claims()(
      {k8s::Kind::kNodeClaim, k8s::EventOp::kModified, std::make_shared<k8s::NodeClaim>(claim)},
      world_,
      keys);
  EXPECT_EQ(keys, std::vector<std::string>{"default"});
}

TEST_F(Control, HashIsWrittenOnceAndMigratesClaims) {
  // LIF-160
  put(world_, make_launched_claim("a"));
  const k8s::WriteRequest migrate = write_of(run(reconcile_hash, "default"));
  EXPECT_EQ(migrate.key.kind, k8s::Kind::kNodeClaim);
  k8s::NodeClaim claim = make_launched_claim("a");
  claim.meta.annotations[std::string(world::kPoolHashVersionAnnotation)] = "v3";
  put(world_, claim);
  EXPECT_TRUE(has(write_of(run(reconcile_hash, "default")), world::pool_hash(make_pool("x"))));
}

TEST_F(Control, CounterShowsUsageOverZeros) {
  // LIF-159
  put(world_, make_launched_claim("a"));
  const k8s::WriteRequest write = write_of(run(reconcile_counter, "default"));
  EXPECT_EQ(write.subresource, "status");
  EXPECT_TRUE(has(write, R"("cpu":"4")")) << write.body;
  EXPECT_TRUE(has(write, R"("memory":"0")")) << write.body;
}

TEST_F(Control, ReadinessFollowsTheNodeClass) {
  // LIF-162
  EXPECT_TRUE(has(write_of(run(reconcile_readiness, "default")), R"("NodeClassReady")"));
  k8s::NodePool pool = make_pool("default");
  pool.template_spec.node_class.name = "absent";
  put(world_, pool);
  EXPECT_TRUE(has(write_of(run(reconcile_readiness, "default")), "NodeClassNotFound"));
}

TEST_F(Control, DrainTakesOneTierAtATime) {
  // LIF-140, LIF-141
  put(world_, make_launched_claim("a"));
  put(world_, make_ready_node("a"));
  k8s::Pod critical = make_pod("critical", "node-a");
  critical.spec.priority_class_name = "system-node-critical";
  put(world_, critical);
  put(world_, make_pod("plain", "node-a"));
  const auto snapshot = world_.snapshot(now_);
  const auto& row = snapshot->nodes[world_.find_claim("a").value()];
  const Drain drain = plan_drain(*snapshot, row, std::nullopt);
  EXPECT_EQ(drain.waiting, 2U);
  ASSERT_EQ(drain.evict.size(), 1U);
  EXPECT_EQ(snapshot->pods[drain.evict[0]].pod->meta.name, "plain");
  EXPECT_EQ(plan_drain(*snapshot, row, now_ - 1).evict.size(), 1U);
}

TEST_F(Control, TerminationTaintsBeforeItDrains) {
  // LIF-126
  put(world_, make_launched_claim("a"));
  k8s::NodeClaim claim = make_launched_claim("a");
  claim.meta.deletion_time = kNow;
  put(world_, claim);
  k8s::Node node = make_ready_node("a");
  node.meta.deletion_time = kNow;
  put(world_, node);
  const Step step = run(reconcile_termination, "node-a");
  ASSERT_EQ(step.effects.size(), 1U);
  EXPECT_TRUE(has(write_of(step), "karpenter.sh/disrupted"));
  EXPECT_TRUE(has(write_of(step), "exclude-from-external-load-balancers"));
}

TEST_F(Control, DeadlineForcesPodsOut) {
  // LIF-143
  k8s::Pod pod = make_pod("p", "n");
  pod.spec.termination_grace_seconds = 30;
  EXPECT_FALSE(needs_force_delete(pod, std::nullopt, now_));
  EXPECT_FALSE(needs_force_delete(pod, now_ + 31 * k8s::kSecond, now_));
  EXPECT_TRUE(needs_force_delete(pod, now_ + 29 * k8s::kSecond, now_));
  pod.meta.deletion_time = now_ + 100;
  EXPECT_TRUE(needs_force_delete(pod, now_ + 50, now_));
}

TEST_F(Control, RefusedEvictionIsRetriedAndReported) {
  // LIF-148
  put(world_, make_launched_claim("a"));
  put(world_, make_ready_node("a"));
  put(world_, make_pod("p", "node-a"));
  EXPECT_TRUE(run(reconcile_eviction, "default/p").effects.empty());  // LIF-146
  Memory::Eviction& eviction = memory_.evictions["uid-pod-p"];
  EXPECT_EQ(write_of(run(reconcile_eviction, "default/p")).verb, k8s::Verb::kEvict);
  eviction.attempts = 1;
  eviction.last = now_;
  eviction.error = base::Error{base::ErrorCode::kThrottled, "budget"};
  const Step step = run(reconcile_eviction, "default/p");
  EXPECT_EQ(reasons_of(step), std::vector<std::string>{"FailedDraining"});
  EXPECT_GT(step.wake_at, now_);
}

TEST_F(Control, NodeClassIsResolvedThenWritten) {
  // AWN-17, AWN-18, AWN-19
  const Step ask = run(reconcile_node_class, "default");
  ASSERT_EQ(ask.effects.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<act::ResolveClass>(ask.effects[0].action));
  cloud::ResolvedNodeClass resolved;
  resolved.subnets = {{.id = "subnet-1", .zone = "a", .zone_id = "z"}};
  resolved.instance_profile = "profile";
  memory_.classes.insert_or_assign("default", Memory::ResolvedClass{1, resolved, now_, 0});
  const k8s::WriteRequest write = write_of(run(reconcile_node_class, "default"));
  EXPECT_TRUE(has(write, "subnet-1"));
  EXPECT_TRUE(has(write, "SecurityGroupsNotFound"));
  EXPECT_TRUE(has(write, "AMINotFound"));
}

TEST(Batcher, NewIdsExtendTheWindowUpToItsLongest) {
  // SCH-103
  Batcher batcher(1 * k8s::kSecond, 10 * k8s::kSecond);
  EXPECT_FALSE(batcher.due());
  EXPECT_TRUE(batcher.trigger("a", 0));
  EXPECT_FALSE(batcher.trigger("a", k8s::kSecond / 2));
  EXPECT_EQ(batcher.due(), k8s::kSecond);
  for (int i = 1; i < 40; ++i) {
    batcher.trigger(std::to_string(i), i * k8s::kSecond / 2);
  }
  EXPECT_EQ(batcher.due(), 10 * k8s::kSecond);
}

}  // namespace
}  // namespace control

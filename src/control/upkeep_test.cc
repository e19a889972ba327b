// Smaller controllers: garbage collection, consistency, hydration, pod events, pool conditions,
// cost, overlays (spec 04 s5, s8, s11, s12).
#include <gtest/gtest.h>

#include "control/claim_conditions.h"
#include "control/cluster_cost.h"
#include "control/control_testing.h"
#include "control/event_keys.h"
#include "control/overlays.h"
#include "control/pool_health.h"
#include "control/pools.h"

namespace control {
namespace {

using namespace testing;

class Upkeep : public ControlTest {
 protected:
  Step collect() { return run(reconcile_garbage, ""); }

  void list(std::vector<std::string> provider_ids) {
    memory_.listing = {.launched = {}, .at = now_, .error = {}};
    for (std::string& id : provider_ids) {
      memory_.listing.launched[std::move(id)] = now_ - k8s::kHour;
    }
  }

  void put_machine(const std::string& name, const std::string& ready = "True") {
    put(world_, make_initialized_claim(name));
    k8s::Node node = make_ready_node(name);
    set_condition(node.status.conditions, "Ready", ready);
    put(world_, node);
  }

  k8s::NodeClaim priced_claim(const std::string& name, const std::string& zone) {
    k8s::NodeClaim claim = make_launched_claim(name);
    claim.meta.labels[std::string(world::kInstanceTypeLabel)] = "m5.large";
    claim.meta.labels[std::string(world::kZoneLabel)] = zone;
    claim.meta.labels[std::string(world::kCapacityTypeLabel)] = "on-demand";
    return claim;
  }
};

TEST_F(Upkeep, AClaimWithoutInstanceGoesWhenTheCloudConfirmsIt) {
  // LIF-110, LIF-111
  put_machine("a", "False");
  list({});
  EXPECT_NE(action_of<act::GetInstance>(collect()), nullptr);
  memory_.instances["id-a"] = {.is_gone = true, .at = now_};
  EXPECT_EQ(deleted_by(collect()), std::vector<std::string>{"a"});
}

TEST_F(Upkeep, ReadyNodesAndUnregisteredClaimsAreKept) {
  // LIF-110, LIF-111
  put_machine("ready");
  put(world_, make_launched_claim("unregistered"));
  list({});
  EXPECT_TRUE(collect().effects.empty());
}

TEST_F(Upkeep, AForgedClaimWithoutNodeGoes) {
  // LIF-110
  put(world_, make_initialized_claim("forged"));
  put(world_, make_claim("launching"));  // Does not hold the others up.
  list({});
  memory_.instances["id-forged"] = {.is_gone = true, .at = now_};
  EXPECT_EQ(deleted_by(collect()), std::vector<std::string>{"forged"});
}

TEST_F(Upkeep, AFailedListingDeletesNothing) {
  // LIF-112
  put_machine("a", "False");
  list({});
  memory_.listing.error = "throttled";
  EXPECT_TRUE(collect().effects.empty());
}

TEST_F(Upkeep, InstancesThatNobodyOwnsAreTerminated) {
  // LIF-110
  list({"id-orphan"});
  const Step step = collect();
  const auto* terminate = action_of<act::Terminate>(step);
  ASSERT_NE(terminate, nullptr);
  EXPECT_EQ(terminate->provider_id, "id-orphan");
  put(world_, make_claim("launching"));  // It may be this one's.
  EXPECT_EQ(action_of<act::Terminate>(collect()), nullptr);
}

TEST_F(Upkeep, ASmallerMachineThanBoughtIsReported) {
  // LIF-116, LIF-117
  k8s::NodeClaim claim = make_initialized_claim("a");
  claim.spec.requests.set("cpu", k8s::Quantity::units(1));
  claim.status.capacity.set("cpu", k8s::Quantity::units(8));
  put(world_, claim);
  put(world_, make_ready_node("a"));
  const Step step = run(reconcile_consistency, "a");
  const auto* event = action_of<act::PublishEvent>(step);
  ASSERT_NE(event, nullptr);
  EXPECT_EQ(event->message, "expected 8 of resource cpu, but found 4 (50.0% of expected)");
  EXPECT_TRUE(has(write_of(step), "ConsistencyCheckFailed"));
  EXPECT_EQ(step.wake_at, now_ + 10 * k8s::kMinute);
}

TEST_F(Upkeep, ConsistencyIsLookedAtEveryTenMinutes) {
  // LIF-115
  put_machine("a");
  EXPECT_TRUE(has(write_of(run(reconcile_consistency, "a")), "ConsistentStateFound"));
  memory_.consistency_checks["uid-a"] = now_;
  now_ += k8s::kMinute;
  const Step step = run(reconcile_consistency, "a");
  EXPECT_TRUE(step.effects.empty());
  EXPECT_EQ(step.wake_at, now_ + 9 * k8s::kMinute);
}

TEST_F(Upkeep, ClaimAndNodeCarryTheirClass) {
  // LIF-113, LIF-114
  put_machine("a");
  const auto writes = writes_of(run(reconcile_hydration, "a"));
  ASSERT_EQ(writes.size(), 2U);
  for (const k8s::WriteRequest& write : writes) {
    EXPECT_TRUE(has(write, R"("karpenter.k8s.aws/ec2nodeclass":"default")"));
    EXPECT_TRUE(write.resource_version.empty());
  }
}

TEST_F(Upkeep, PodEventsAreAtMostEveryTenSeconds) {
  // LIF-119, DIS-186
  k8s::NodeClaim claim = make_initialized_claim("a");
  put(world_, claim);
  EXPECT_TRUE(has(write_of(run(reconcile_pod_event, "a")), "lastPodEventTime"));
  claim.status.last_pod_event = now_ - 9 * k8s::kSecond;
  put(world_, claim);
  EXPECT_TRUE(run(reconcile_pod_event, "a").effects.empty());
  claim.status.last_pod_event = now_ - 10 * k8s::kSecond;
  put(world_, claim);
  EXPECT_FALSE(run(reconcile_pod_event, "a").effects.empty());
}

TEST_F(Upkeep, NewsOfAPodIsBindingEndAndLeaving) {
  // LIF-118, DIS-186
  put_machine("a");
  const KeysOf keys_of = pod_milestones();
  const auto count = [&](const k8s::Pod& pod) {
    std::vector<std::string> keys;
    keys_of({k8s::Kind::kPod, k8s::EventOp::kModified, std::make_shared<const k8s::Pod>(pod)},
            world_,
            keys);
    return keys.size();
  };
  k8s::Pod pod = make_pod("p");
  EXPECT_EQ(count(pod), 0U);
  pod.spec.node_name = "node-a";
  EXPECT_EQ(count(pod), 1U);
  EXPECT_EQ(count(pod), 0U);
  pod.status.phase = "Succeeded";
  EXPECT_EQ(count(pod), 1U);
  pod.meta.deletion_time = now_;
  EXPECT_EQ(count(pod), 1U);
}

TEST_F(Upkeep, ValidationFailsOnlyWithoutAnyKnownCapacityType) {
  // LIF-165
  k8s::NodePool pool = make_pool("default");
  const auto verdict = [&](std::vector<std::string> values) {
    pool.template_spec.requirements = {{.key = std::string(world::kCapacityTypeLabel),
                                        .op = "In",
                                        .values = std::move(values),
                                        .min_values = {}}};
    put(world_, pool);
    return has(write_of(run(reconcile_validation, "default")), "NodePoolValidationFailed");
  };
  EXPECT_TRUE(verdict({"cheap"}));
  EXPECT_FALSE(verdict({"cheap", "spot"}));
  EXPECT_FALSE(verdict({"on-demand"}));
}

TEST_F(Upkeep, ValidationSeesWhatTheSchemaDoesNot) {
  // LIF-165
  k8s::NodePool pool = make_pool("default");
  pool.template_labels[std::string(world::kPoolLabel)] = "x";
  put(world_, pool);
  EXPECT_TRUE(has(write_of(run(reconcile_validation, "default")), "NodePoolValidationFailed"));
}

TEST_F(Upkeep, ChangedPoolsStartTheirHealthAnew) {
  // LIF-163
  k8s::NodePool pool = make_pool("default");
  set_condition(pool.conditions, "NodeRegistrationHealthy", "False");
  pool.node_class_observed_generation = 1;
  put(world_, pool);
  EXPECT_TRUE(run(reconcile_registration_health, "default").forgotten_registrations.empty());
  pool.meta.generation = 2;
  put(world_, pool);
  const Step step = run(reconcile_registration_health, "default");
  EXPECT_EQ(step.forgotten_registrations, std::vector<std::string>{"uid-default"});
  EXPECT_TRUE(has(write_of(step), "AwaitingReconciliation"));
}

TEST_F(Upkeep, TwoFailuresOfFourAreUnhealthy) {
  // LIF-212, LIF-214
  k8s::NodeClaim claim = make_launched_claim("a");
  claim.meta.owners.push_back({.api_version = "karpenter.sh/v1",
                               .kind = "NodePool",
                               .name = "default",
                               .uid = "uid-default",
                               .controller = false,
                               .block_owner_deletion = true});
  const auto record = [&](std::vector<bool> before, bool is_success) {
    memory_.registrations["uid-default"] = std::move(before);
    const auto snapshot = world_.snapshot(now_);
    Step step;
    record_registration(View{*snapshot, world_, memory_, config_, now_}, claim, is_success, step);
    const k8s::WriteRequest write = write_of(step);
    return !has(write, "NodeRegistrationHealthy") ? "unchanged"
           : has(write, "RegistrationFailed")     ? "unhealthy"
                                                  : "healthy";
  };
  EXPECT_STREQ(record({}, false), "unchanged");
  EXPECT_STREQ(record({false}, false), "unhealthy");
  EXPECT_STREQ(record({false, false}, true), "unchanged");
  EXPECT_STREQ(record({false, false, true}, true), "unchanged");
  EXPECT_STREQ(record({false, true, true, true}, true), "healthy");
  EXPECT_STREQ(record({}, true), "healthy");
}

TEST_F(Upkeep, CostIsTheSumOfWhatRuns) {
  // LIF-216, LIF-217, DIS-225
  put(world_, priced_claim("a", "a"));
  put(world_, priced_claim("b", "b"));
  put(world_, make_launched_claim("unlabelled"));
  ClusterCost cost;
  cost.update(*world_.snapshot(now_));
  EXPECT_DOUBLE_EQ(cost.of_pool("default"), 0.2 + 0.1);
  EXPECT_DOUBLE_EQ(cost.total(), 0.2 + 0.1);
  remove(world_, priced_claim("a", "a"));
  cost.update(*world_.snapshot(now_));
  EXPECT_DOUBLE_EQ(cost.of_pool("default"), 0.1);
}

TEST_F(Upkeep, CostFollowsTheLabels) {
  // DIS-226, improved: upstream keeps the price of the day on which the claim was first seen.
  ClusterCost cost;
  const auto total = [&] {
    cost.update(*world_.snapshot(now_));
    return cost.total();
  };
  put(world_, priced_claim("a", "a"));
  EXPECT_DOUBLE_EQ(total(), 0.2);
  put(world_, priced_claim("a", "b"));  // As a reservation that becomes an on-demand machine.
  EXPECT_DOUBLE_EQ(total(), 0.1);
  remove(world_, make_launched_claim("never-counted"));
  EXPECT_DOUBLE_EQ(total(), 0.1);
  remove(world_, make_pool("default"));
  EXPECT_DOUBLE_EQ(total(), 0);
  EXPECT_TRUE(cost.by_pool().empty());
}

TEST_F(Upkeep, VanishedOfferingsKeepTheirPriceWhileInUse) {
  // LIF-219, DIS-227, DIS-228
  put(world_, priced_claim("a", "a"));
  ClusterCost cost;
  cost.update(*world_.snapshot(now_));
  world_.set_catalogue("EC2NodeClass", "default", std::make_shared<const cloud::Catalogue>());
  cost.update(*world_.snapshot(now_));
  EXPECT_DOUBLE_EQ(cost.of_pool("default"), 0.2);
  EXPECT_TRUE(cost.unpriced().empty());
  put(world_, priced_claim("c", "b"));
  cost.update(*world_.snapshot(now_));
  EXPECT_DOUBLE_EQ(cost.of_pool("default"), 0.2);
  EXPECT_EQ(cost.unpriced(), std::vector<std::string>{"default: m5.large b on-demand"});
}

TEST_F(Upkeep, OverlaysReachThePoolsAndGetTheirVerdict) {
  // LIF-204, LIF-205, LIF-211
  world::World world({.class_kinds = {}, .wants_overlays = true});
  world.mark_synced();
  put(world, make_pool("default"));
  world.set_catalogue(
      "EC2NodeClass", "default", std::make_shared<const cloud::Catalogue>(catalogue_));
  EXPECT_EQ(world.snapshot(now_)->pools[0]->catalogue, nullptr);
  k8s::NodeOverlay overlay;
  overlay.meta.name = "o";
  overlay.meta.generation = 1;
  overlay.requirements = {{.key = "node.kubernetes.io/instance-type",
                           .op = "In",
                           .values = {"m5.large"},
                           .min_values = {}}};
  overlay.price = "7";
  put(world, overlay);
  const auto snapshot = world.snapshot(now_);
  const Step step = reconcile_overlays(View{*snapshot, world, memory_, config_, now_}, "");
  EXPECT_TRUE(has(write_of(step), "ValidationSucceeded"));
  EXPECT_EQ(step.wake_at, now_ + 6 * k8s::kHour);
  ASSERT_TRUE(step.pool_catalogues.has_value());
  world.set_pool_catalogues(*step.pool_catalogues);
  const auto after = world.snapshot(now_);
  EXPECT_EQ(after->pools[0]->catalogue->types[0].offerings[0].price, 7);
  EXPECT_EQ(world.find_catalogue(make_claim("a"))->types[0].offerings[0].price, 7);
}

}  // namespace
}  // namespace control

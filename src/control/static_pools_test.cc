// Static pools: counting, limits, the order of removal (spec 04 s9, s19.5; spec 03 s15).
#include "control/static_pools.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "control/control_testing.h"
#include "k8s/codec.h"

namespace control {
namespace {

using namespace testing;

class StaticPool : public ControlTest {
 protected:
  StaticPool() { put(world_, pool_with(3)); }

  static k8s::NodePool pool_with(std::optional<std::int64_t> replicas) {
    k8s::NodePool pool = make_pool("fixed");
    pool.replicas = replicas;
    return pool;
  }

  static k8s::NodePool limited(std::int64_t replicas, std::int64_t nodes) {
    k8s::NodePool pool = pool_with(replicas);
    pool.limits.set("nodes", k8s::Quantity::units(nodes));
    return pool;
  }

  Step provision() { return run(pools_.provisioning()); }

  Step deprovision() { return run(StaticPools::deprovisioning()); }

  Step run(const Controller& controller) {
    const auto snapshot = world_.snapshot(now_);
    Step step = controller.reconcile(View{*snapshot, world_, memory_, config_, now_}, "fixed");
    for (const world::Intent& intent : step.intents) {
      world_.add_intent(intent);
    }
    return step;
  }

  void put_machine(const std::string& name) {
    put(world_, make_launched_claim(name, "fixed"));
    put(world_, make_ready_node(name, "fixed"));
  }

  void put_going(const std::string& name) {
    k8s::NodeClaim claim = make_launched_claim(name, "fixed");
    claim.meta.deletion_time = now_;
    put(world_, claim);
  }

  void put_pod(const std::string& name, const std::string& machine, const std::string& cost = "") {
    k8s::Pod pod = make_pod(name, "node-" + machine);
    if (!cost.empty()) {
      pod.meta.annotations["controller.kubernetes.io/pod-deletion-cost"] = cost;
    }
    put(world_, pod);
  }

  StaticPools pools_{nullptr, runtime::Rng(1)};
};

TEST_F(StaticPool, CreatesWhatIsMissing) {
  // LIF-169, LIF-171
  put_machine("a");
  const Step step = provision();
  EXPECT_EQ(writes_of(step).size(), 2U);
  EXPECT_EQ(step.wake_at, now_ + config_.static_period);
}

TEST_F(StaticPool, WrittenClaimsCountUntilTheyAreSeen) {
  // LIF-53, LIF-171
  EXPECT_EQ(writes_of(provision()).size(), 3U);
  EXPECT_TRUE(writes_of(provision()).empty());
}

TEST_F(StaticPool, DeletedClaimsAreReplaced) {
  // LIF-169
  put_machine("a");
  put_machine("b");
  put_going("c");
  EXPECT_EQ(writes_of(provision()).size(), 1U);
}

TEST_F(StaticPool, ClaimsThatWaitForTheirReplacementStillRun) {
  // LIF-169, DIS-146
  for (const char* name : {"a", "b", "c"}) {
    put_machine(name);
  }
  memory_.pending_disruption = {"a"};
  EXPECT_TRUE(writes_of(provision()).empty());
  put_machine("replacement");
  EXPECT_TRUE(deleted_by(deprovision()).empty());
}

TEST_F(StaticPool, NothingHappensWithoutReplicasOrReadiness) {
  // LIF-167
  put(world_, pool_with(std::nullopt));
  EXPECT_TRUE(writes_of(provision()).empty());
  k8s::NodePool unready = pool_with(3);
  set_condition(unready.conditions, "Ready", "False");
  put(world_, unready);
  EXPECT_TRUE(writes_of(provision()).empty());
  k8s::NodePool going = pool_with(3);
  going.meta.deletion_time = now_;
  put(world_, going);
  EXPECT_TRUE(writes_of(provision()).empty());
  EXPECT_EQ(provision().wake_at, 0);
}

TEST_F(StaticPool, NodesLimitCountsRunningAndGoing) {
  // LIF-170, LIF-53
  put(world_, limited(10, 4));
  put_machine("a");
  put_going("b");
  EXPECT_EQ(writes_of(provision()).size(), 2U);
  const Step full = provision();
  EXPECT_TRUE(writes_of(full).empty());
  EXPECT_EQ(full.wake_at, now_ + config_.static_limit_retry);
}

TEST_F(StaticPool, RepeatedPassesNeverExceedTheLimit) {
  // LIF-171, LIF-250
  put(world_, limited(50, 10));
  std::size_t created = 0;
  for (int pass = 0; pass < 50; ++pass) {
    created += writes_of(provision()).size();
  }
  EXPECT_EQ(created, 10U);
}

TEST_F(StaticPool, AThousandReplicas) {
  // LIF-171
  put(world_, pool_with(1000));
  EXPECT_EQ(writes_of(provision()).size(), 1000U);
}

TEST_F(StaticPool, TheTemplateIsTheClaim) {
  // LIF-171, SCH-245
  k8s::NodePool pool = pool_with(1);
  pool.template_labels["team"] = "a";
  pool.template_annotations["note"] = "b";
  pool.template_spec.taints = {{.key = "t", .value = "", .effect = "NoSchedule"}};
  pool.template_spec.requirements = {
      {.key = "kubernetes.io/arch", .op = "In", .values = {"arm64"}, .min_values = {}}};
  put(world_, pool);
  const auto writes = writes_of(provision());
  ASSERT_EQ(writes.size(), 1U);
  const auto object = k8s::decode_object(writes[0].body);
  ASSERT_TRUE(object.has_value());
  const auto& claim = k8s::as<k8s::NodeClaim>(**object);
  EXPECT_TRUE(claim.meta.name.starts_with("fixed-"));
  EXPECT_EQ(*claim.meta.label("team"), "a");
  EXPECT_EQ(*claim.meta.label(world::kPoolLabel), "fixed");
  EXPECT_EQ(*claim.meta.annotation("note"), "b");
  EXPECT_NE(claim.meta.annotation(world::kPoolHashAnnotation), nullptr);
  EXPECT_EQ(claim.spec.taints.size(), 1U);
  EXPECT_EQ(claim.meta.owners.front().uid, "uid-fixed");
  std::vector<std::string> keys;
  for (const k8s::SelectorTerm& term : claim.spec.requirements) {
    keys.push_back(term.key);
  }
  EXPECT_EQ(keys,
            (std::vector<std::string>{"karpenter.k8s.aws/ec2nodeclass",
                                      "karpenter.sh/nodepool",
                                      "kubernetes.io/arch",
                                      "team"}));
}

TEST_F(StaticPool, AnIncompletePictureIsNotCounted) {
  // LIF-168
  world::World fresh;
  put(fresh, pool_with(3));
  const auto snapshot = fresh.snapshot(now_);
  const Step step =
      pools_.provisioning().reconcile(View{*snapshot, fresh, memory_, config_, now_}, "fixed");
  EXPECT_TRUE(step.effects.empty());
  EXPECT_EQ(step.wake_at, now_ + k8s::kSecond);
}

TEST_F(StaticPool, UnlaunchedGoFirstThenEmptyThenCheap) {
  // LIF-174, DIS-219
  put(world_, pool_with(0));
  put(world_, make_claim("unlaunched", "fixed"));
  put_machine("costly");
  put_pod("p1", "costly", "2147483647");
  put_machine("cheap");
  put_pod("p2", "cheap", "-1000");
  put_machine("daemons");
  k8s::Pod daemon = make_pod("d", "node-daemons");
  daemon.meta.owners.push_back({.api_version = "apps/v1",
                                .kind = "DaemonSet",
                                .name = "d",
                                .uid = "uid-d",
                                .controller = true,
                                .block_owner_deletion = true});
  put(world_, daemon);
  put_machine("held");
  k8s::Pod held = make_pod("p3", "node-held");
  held.meta.annotations[std::string(world::kDoNotDisruptAnnotation)] = "true";
  put(world_, held);
  EXPECT_EQ(deleted_by(deprovision()),
            (std::vector<std::string>{"unlaunched", "daemons", "cheap", "costly", "held"}));
}

TEST_F(StaticPool, OnlyTheExcessGoes) {
  // LIF-173, DIS-218, DIS-220
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    put_machine(name);
  }
  put_going("z");
  const Step step = deprovision();
  EXPECT_EQ(deleted_by(step).size(), 2U);
  EXPECT_EQ(step.effects.size(), 2U);  // And no event.
  EXPECT_EQ(step.logs.at(0).message, "deprovisioning nodeclaims to satisfy replica count");
}

TEST_F(StaticPool, ShortLivedMachinesAreCheaper) {
  // LIF-174, DIS-212
  put(world_, pool_with(1));
  for (const auto& [name, life] : {std::pair{"a", k8s::kHour}, {"b", 10 * k8s::kHour}}) {
    k8s::NodeClaim claim = make_launched_claim(name, "fixed");
    claim.spec.expire_after = life;
    put(world_, claim);
    put(world_, make_ready_node(name, "fixed"));
    put_pod(std::string("p-") + name, name);
  }
  now_ += 30 * k8s::kMinute;
  EXPECT_EQ(deleted_by(deprovision()), std::vector<std::string>{"a"});
}

TEST_F(StaticPool, WhatIsLeftOfALifeCounts) {
  // DIS-30, DIS-42, DIS-212: all pods count, also those that nobody has to move.
  put(world_, pool_with(0));
  const auto put_living = [&](const std::string& name, std::optional<k8s::DurationNs> life) {
    k8s::NodeClaim claim = make_launched_claim(name, "fixed");
    claim.spec.expire_after = life;
    put(world_, claim);
    put(world_, make_ready_node(name, "fixed"));
    put_pod("p-" + name, name);
    k8s::Pod mirror = make_pod("m-" + name, "node-" + name);
    mirror.meta.owners.push_back({.api_version = "v1", .kind = "Node", .name = "node-" + name});
    put(world_, mirror);
  };
  put_living("c-dead", 20 * k8s::kMinute);
  put_living("b-half", k8s::kHour);
  put_living("a-never", std::nullopt);
  put_machine("d-cheap");
  put_pod("single", "d-cheap");  // One pod costs less than two, and more than half of two ...
  put_pod("more", "d-cheap", "-67108864");  // ... with one and a half.
  now_ += 30 * k8s::kMinute;
  EXPECT_EQ(deleted_by(deprovision()),
            (std::vector<std::string>{"c-dead", "b-half", "d-cheap", "a-never"}));
}

TEST_F(StaticPool, NoExcessOnlyWaits) {
  // LIF-173, DIS-218
  put_machine("a");
  const Step step = deprovision();
  EXPECT_TRUE(step.effects.empty());
  EXPECT_EQ(step.wake_at, now_ + config_.static_period);
}

TEST_F(StaticPool, TriggersAreReplicasReadinessAndLeavingClaims) {
  // LIF-166
  const Controller controller = pools_.provisioning();
  const auto keys_of = [&](const k8s::Object& object, k8s::EventOp op) {
    std::vector<std::string> keys;
    const k8s::ObjectPtr shared(&object, [](const k8s::Object*) {});
    controller.keys({object.kind, op, shared}, world_, keys);
    return keys.size();
  };
  k8s::NodePool pool = pool_with(3);
  EXPECT_EQ(keys_of(pool, k8s::EventOp::kModified), 1U);
  EXPECT_EQ(keys_of(pool, k8s::EventOp::kModified), 0U);
  pool.replicas = 4;
  EXPECT_EQ(keys_of(pool, k8s::EventOp::kModified), 1U);
  k8s::NodeClaim claim = make_launched_claim("a", "fixed");
  EXPECT_EQ(keys_of(claim, k8s::EventOp::kModified), 0U);
  claim.meta.deletion_time = now_;
  EXPECT_EQ(keys_of(claim, k8s::EventOp::kModified), 1U);
  EXPECT_EQ(keys_of(make_launched_claim("b", "default"), k8s::EventOp::kDeleted), 0U);
}

}  // namespace
}  // namespace control

// The loop of disruption (spec 03 s2, s6.4), step by step.
#include "control/disruption.h"

#include "base/text.h"
#include "control/disruption_testing.h"
#include "control/metrics.h"
#include "k8s/kinds.h"

namespace control {
namespace {

using namespace testing;

class DisruptionLoop : public DisruptionScene {};

class ExtendedLoop : public DisruptionScene {
 protected:
  ExtendedLoop() : DisruptionScene(true) {}
};

TEST_F(DisruptionLoop, WaitsBeforeItActs) {
  // DIS-110, T-TT2
  add_machine("a");
  EXPECT_LE(pass().wake_at, now_ + config_.validation_wait);
  now_ += config_.validation_wait - 1;
  EXPECT_TRUE(pass().enqueue.empty());
  now_ += 1;
  const Step step = pass();
  ASSERT_EQ(step.enqueue.size(), 1U);
  EXPECT_EQ(step.enqueue[0].first, "disruption.queue");
  EXPECT_EQ(disruption_.queue().size(), 1U);
}

TEST_F(DisruptionLoop, TakesOffMarksThatNobodyRemembers) {
  // DIS-4, DIS-5, DIS-6, T-QU1
  const auto put_marked = [&](const std::string& name, auto change) {
    show_marks(name);
    k8s::Node marked = node(name);
    for (const char* value : {"", "old"}) {
      marked.taints.push_back(
          {.key = "karpenter.sh/disrupted", .value = value, .effect = "NoSchedule"});
    }
    change(marked);
    put(world_, marked);
  };
  put_marked("a", [](k8s::Node&) {});
  put_marked("going", [&](k8s::Node& one) { one.meta.deletion_time = now_; });
  put_marked("joining", [](k8s::Node& one) { one.meta.labels.erase("karpenter.sh/initialized"); });
  put_marked("strange", [](k8s::Node&) {});
  remove(world_, claim("strange"));
  Texts cleaned;
  for (const k8s::WriteRequest& write : writes(pass())) {
    EXPECT_EQ(write.resource_version, "1");
    EXPECT_FALSE(write.body.contains("karpenter.sh/disrupted"));  // Nor its twin.
    EXPECT_FALSE(write.body.contains("DisruptionReason"));
    cleaned.push_back(base::concat(k8s::kind_name(write.key.kind), " ", write.key.name));
  }
  EXPECT_EQ(cleaned, (Texts{"Node node-a", "NodeClaim a", "NodeClaim going", "Node node-joining"}));
}

TEST_F(DisruptionLoop, DecidesNothingWhileMarksThatNobodyRemembersAreTakenOff) {
  // DIS-4, DIS-56: budgets count what the API says is marked, and a write can fail.
  add_drifted("a");
  put(world_, make_pod("web", "node-a"));
  show_marks("b");
  Step cleaning = pass();
  EXPECT_EQ(writes(cleaning).size(), 2U);
  EXPECT_EQ(disruption_.queue().size(), 0U);
  EXPECT_EQ(cleaning.wake_at, now_ + k8s::kMillisecond);
  put(world_, node("b"));
  cleaning = pass();
  EXPECT_EQ(writes(cleaning).size(), 1U);  // The claim's was in conflict.
  EXPECT_EQ(disruption_.queue().size(), 0U);
  put(world_, claim("b"));
  pass();
  EXPECT_EQ(disruption_.queue().held(), disrupt::ClaimNames{"a"});
}

TEST_F(DisruptionLoop, EmptyMachinesThatWaitDoNotHoldUpDrift) {
  // DIS-3, DIS-139: else a pool whose machines keep running empty would starve the others.
  add_machine("a");
  k8s::NodeClaim drifted = claim("b");
  set_condition(drifted.status.conditions, "Consolidatable", "False");
  set_condition(drifted.status.conditions, "Drifted", "True");
  put(world_, drifted);
  put(world_, node("b"));
  put(world_, make_pod("web", "node-b"));
  pass();
  EXPECT_EQ(disruption_.queue().held(), disrupt::ClaimNames{"b"});
}

TEST_F(DisruptionLoop, ConsolidationWaitsBesideEmptyMachines) {
  // DIS-3, DIS-110: its pod would fit on the empty machine, but that one is on its way out.
  add_machine("a");
  add_machine("b");
  put(world_, make_pod("web", "node-b"));
  pass();
  now_ += config_.validation_wait;
  const Step first = pass();
  EXPECT_EQ(counted(first, metric::kDisruptionDecisions), Texts{"delete,empty,empty 1"});
  const std::string id = first.enqueue.at(0).second;
  run(queue_, id);
  show_marks("a");
  run(queue_, id);
  const Step second = pass();
  EXPECT_EQ(counted(second, metric::kDisruptionDecisions), Texts{"replace,underutilized,single 1"});
  EXPECT_EQ(disruption_.queue().held(), (disrupt::ClaimNames{"a", "b"}));
}

TEST_F(DisruptionLoop, ConsolidationThatWaitsOutlivesEmptyMachinesThatDoNot) {
  // DIS-98, DIS-110
  add_machine("a");
  add_machine("b");
  put(world_, make_pod("web", "node-b"));
  pass();
  k8s::Pod big = make_pod("big", "node-a");
  big.spec.node_selector["disk"] = "fast";
  put(world_, big);
  now_ += config_.validation_wait;
  EXPECT_EQ(counted(pass(), metric::kFailedValidations), Texts{"empty 1"});
  EXPECT_EQ(disruption_.queue().size(), 0U);
  // The pod can now go to the machine that stays.
  const Step second = pass();
  EXPECT_TRUE(std::ranges::any_of(events(second), [](const std::string& event) {
    return event.starts_with("ConsolidationRejected: ");
  }));
}

TEST_F(DisruptionLoop, SingleNodesComeWhenSeveralDidNotHold) {
  // DIS-104, DIS-105, DIS-117, T-TT10
  for (const char* name : {"a", "b", "c"}) {
    add_machine(name);
    put(world_, make_pod(base::concat("web-", name), base::concat("node-", name)));
  }
  pass();
  for (const char* name : {"a", "b"}) {
    k8s::Pod guarded = make_pod(base::concat("guarded-", name), base::concat("node-", name));
    guarded.meta.annotations["karpenter.sh/do-not-disrupt"] = "true";
    put(world_, guarded);
  }
  now_ += config_.validation_wait;
  const Step step = pass();
  EXPECT_EQ(counted(step, metric::kFailedValidations), Texts{"multi 2"});
  Texts told;
  for (const std::string& event : event_objects(step)) {
    if (event.ends_with("ConsolidationRejected")) {
      told.push_back(event);
    }
  }
  EXPECT_EQ(told,
            (Texts{"Node node-a ConsolidationRejected",
                   "NodeClaim a ConsolidationRejected",
                   "Node node-b ConsolidationRejected",
                   "NodeClaim b ConsolidationRejected"}));
  EXPECT_TRUE(disruption_.queue().held().empty());
  EXPECT_EQ(step.wake_at, now_ + config_.validation_wait);  // The third by itself waits already.
  now_ += config_.validation_wait;
  EXPECT_EQ(counted(pass(), metric::kDisruptionDecisions), Texts{"delete,underutilized,single 1"});
  EXPECT_EQ(disruption_.queue().held(), disrupt::ClaimNames{"c"});
}

TEST_F(DisruptionLoop, OneThatDoesNotHoldEndsThePass) {
  // DIS-107: the others have to wait for the next.
  allow("1");
  for (const char* name : {"a", "b"}) {
    add_machine(name);
    put(world_, make_pod(base::concat("web-", name), base::concat("node-", name)));
  }
  pass();
  k8s::Pod guarded = make_pod("guarded", "node-a");
  guarded.meta.annotations["karpenter.sh/do-not-disrupt"] = "true";
  put(world_, guarded);
  now_ += config_.validation_wait;
  const std::uint64_t probes = disruption_.probes();
  const Step step = pass();
  EXPECT_EQ(counted(step, metric::kFailedValidations), Texts{"single 1"});
  EXPECT_EQ(disruption_.probes(), probes);
  EXPECT_EQ(step.wake_at, now_ + config_.disruption_period);
  now_ = step.wake_at;
  pass();
  now_ += config_.validation_wait;
  pass();
  EXPECT_EQ(disruption_.queue().held(), disrupt::ClaimNames{"b"});
}

TEST_F(DisruptionLoop, DropsWhatDoesNotHold) {
  // DIS-98, T-TT5
  add_machine("a");
  pass();
  put(world_, make_pod("web", "node-a"));
  now_ += config_.validation_wait;
  pass();
  EXPECT_EQ(disruption_.queue().size(), 0U);
}

TEST_F(DisruptionLoop, SearchesBesideTheLoop) {
  // DIS-1
  add_machine("a");
  put(world_, make_pod("web", "node-a"));
  const Step step = look();
  EXPECT_TRUE(disruption_.is_asking());
  EXPECT_EQ(step.wake_at, 0);
  EXPECT_EQ(disruption_.probes(), 0U);
  EXPECT_TRUE(look().effects.empty());  // One search at a time.
  EXPECT_TRUE(disruption_.is_asking());
  pass();
  EXPECT_GT(disruption_.probes(), 0U);
}

TEST_F(DisruptionLoop, NoticesWhatCameBetween) {
  // DIS-32, DIS-114, DIS-162: the node was annotated while the planner was at it.
  put(world_, node("a"));
  k8s::NodeClaim drifted = claim("a");
  set_condition(drifted.status.conditions, "Drifted", "True");
  drifted.status.conditions.erase(
      std::ranges::find(drifted.status.conditions, "Consolidatable", &k8s::Condition::type));
  put(world_, drifted);
  look();
  k8s::Node held = node("a");
  held.meta.annotations["karpenter.sh/do-not-disrupt"] = "true";
  put(world_, held);
  pass();
  EXPECT_EQ(disruption_.queue().size(), 0U);
  put(world_, node("a"));
  now_ += config_.disruption_period;
  pass();
  EXPECT_EQ(disruption_.queue().size(), 1U);
}

TEST_F(DisruptionLoop, CataloguesMayShrinkWhileACommandWaits) {
  // DIS-113, DIS-117: what it was to be replaced by is sold no more.
  add_machine("a");
  put(world_, make_pod("web", "node-a"));
  pass();
  auto less = std::make_shared<cloud::Catalogue>(*small_catalogue());
  std::erase_if(less->types, [](const cloud::InstanceType& type) { return type.name == "t2"; });
  world_.set_catalogue("EC2NodeClass", "default", less);
  now_ += config_.validation_wait;
  const Step step = pass();
  EXPECT_EQ(counted(step, metric::kFailedValidations), Texts{"single 1"});  // Better than DIS-117.
  EXPECT_TRUE(std::ranges::any_of(events(step), [](const std::string& event) {
    return event.starts_with(
        "ConsolidationRejected: Consolidation rejected: replace: [node-a] -> [1 replacement], "
        "reason: scheduling");
  }));
  EXPECT_EQ(disruption_.queue().size(), 0U);
}

TEST_F(DisruptionLoop, LooksAgainOnlyWhenSomethingChanges) {
  // DIS-75, DIS-77
  add_machine("a");
  k8s::Pod pod = make_pod("web", "node-a");
  pod.spec.node_selector["disk"] = "fast";  // Fits nowhere else.
  put(world_, pod);
  pass();
  const std::uint64_t probes = disruption_.probes();
  EXPECT_GT(probes, 0U);
  for (int i = 0; i < 360; ++i) {
    now_ += config_.disruption_period;
    put(world_, node("a"));  // A heartbeat.
    pass();
  }
  EXPECT_EQ(disruption_.probes(), probes);
  add_machine("b");
  pod.meta.name = "second";
  pod.meta.uid = "uid-second";
  pod.spec.node_name = "node-b";
  put(world_, pod);
  pass();
  EXPECT_GT(disruption_.probes(), probes);
}

TEST_F(DisruptionLoop, BudgetsThatOpenAreNoticed) {
  // DIS-76, DIS-97: nothing changes but the hour.
  k8s::NodePool pool = make_pool("default");
  pool.disruption.budgets[0] = {.reasons = {},
                                .nodes = "0",
                                .schedule = "@daily",
                                .duration = 23 * k8s::kHour};  // It is 22:13.
  put(world_, pool);
  add_machine("a");
  const k8s::TimeNs opening = kNow - kNow % (24 * k8s::kHour) + 23 * k8s::kHour;
  while (disruption_.queue().held().empty() && now_ < opening + k8s::kHour) {
    EXPECT_TRUE(pass().enqueue.empty() || now_ >= opening + config_.validation_wait);
    now_ += config_.disruption_period / 2;
  }
  EXPECT_EQ(disruption_.queue().held(), disrupt::ClaimNames{"a"});
  EXPECT_LE(now_, opening + config_.validation_wait + 2 * config_.disruption_period);
}

TEST_F(DisruptionLoop, WhatHappensDuringASearchIsNotMissed) {
  // DIS-76, improved: upstream takes the state at the end of the pass for the one it looked at.
  add_machine("a");
  add_machine("b");
  k8s::Pod pod = make_pod("web", "node-a");
  pod.spec.node_selector["disk"] = "fast";  // Fits nowhere else.
  put(world_, pod);
  k8s::Pod guarded = make_pod("guarded", "node-b");
  guarded.meta.annotations["karpenter.sh/do-not-disrupt"] = "true";
  put(world_, guarded);
  look();
  ASSERT_TRUE(disruption_.is_asking());
  pod.meta.uid = "uid-successor";
  pod.spec.node_selector.clear();
  put(world_, pod);
  pass();
  now_ += config_.disruption_period;
  pass();
  now_ += config_.validation_wait;
  pass();
  EXPECT_EQ(disruption_.queue().held(), disrupt::ClaimNames{"a"});
}

TEST_F(DisruptionLoop, TheFirstLookAfterAStartIsAlwaysTaken) {
  // DIS-78: a restart forgets that all was quiet.
  add_machine("a");
  k8s::Pod pod = make_pod("web", "node-a");
  pod.spec.node_selector["disk"] = "fast";
  put(world_, pod);
  pass();
  now_ += config_.disruption_period;
  look();
  EXPECT_FALSE(disruption_.is_asking());
  Disruption restarted(executor_, world_, memory_, runtime::Rng(2), runtime::Logger(logs_, "test"));
  run(restarted.controller(), "");
  EXPECT_TRUE(restarted.is_asking());
}

TEST_F(ExtendedLoop, LooksAgainWhenWaitingHasCostEnough) {
  // DIS-75, DIS-91: nothing happens, and for hours nobody asks anything.
  add_machine("a");
  for (int i = 0; i < 18; ++i) {
    k8s::Pod pod = make_pod(base::concat("web-", i), "node-a");
    pod.spec.containers[0].resources.requests.set("cpu", k8s::Quantity::milli(100));
    pod.spec.priority = 2'000'000'000;  // Dear to evict.
    put(world_, pod);
  }
  pass();
  std::uint64_t probes = disruption_.probes();
  int looks = 0;
  const k8s::TimeNs start = now_;
  while (now_ - start < k8s::kDay && disruption_.queue().held().empty()) {
    now_ += config_.validation_wait;
    pass();
    looks += disruption_.probes() > probes ? 1 : 0;
    probes = disruption_.probes();
  }
  EXPECT_EQ(disruption_.queue().held(), disrupt::ClaimNames{"a"});
  EXPECT_GT(now_ - start, 12 * k8s::kHour);
  EXPECT_LE(looks, 5);
}

}  // namespace
}  // namespace control

// The loop of disruption (spec 03 s2, s6.4), step by step.
#include "control/disruption.h"

#include "base/text.h"
#include "control/disruption_testing.h"
#include "control/metrics.h"

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
  // DIS-114, DIS-162: the node was annotated while the planner was at it.
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
  // DIS-113: what it was to be replaced by is sold no more.
  add_machine("a");
  put(world_, make_pod("web", "node-a"));
  pass();
  auto less = std::make_shared<cloud::Catalogue>(*small_catalogue());
  std::erase_if(less->types, [](const cloud::InstanceType& type) { return type.name == "t2"; });
  world_.set_catalogue("EC2NodeClass", "default", less);
  now_ += config_.validation_wait;
  const auto told = events(pass());
  EXPECT_TRUE(std::ranges::any_of(told, [](const std::string& event) {
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

TEST_F(ExtendedLoop, LooksAgainWhenWaitingHasCostAsMuchAsTheMove) {
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
  while (now_ - start < 5 * k8s::kHour && disruption_.queue().held().empty()) {
    now_ += config_.validation_wait;
    pass();
    looks += disruption_.probes() > probes ? 1 : 0;
    probes = disruption_.probes();
  }
  EXPECT_EQ(disruption_.queue().held(), disrupt::ClaimNames{"a"});
  EXPECT_GT(now_ - start, 3 * k8s::kHour);
  EXPECT_LE(looks, 5);
}

}  // namespace
}  // namespace control

// The loop of disruption and its queue (spec 03 s2, s6.4, s9), step by step.
#include "control/disruption.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "control/metrics.h"
#include "k8s/time.h"
#include "runtime/log_sinks.h"
#include "runtime/virtual_executor.h"
#include "world/pods.h"
#include "world/world_testing.h"

namespace control {
namespace {

using world::testing::put;
using world::testing::set_condition;

using Texts = std::vector<std::string>;

constexpr k8s::TimeNs kNow = world::testing::kNow;

k8s::Resources cpus(std::int64_t count) {
  k8s::Resources out;
  out.set("cpu", k8s::Quantity::units(count));
  out.set("memory", k8s::Quantity::units(count << 32));
  out.set("pods", k8s::Quantity::units(100));
  return out;
}

cloud::CataloguePtr catalogue() {
  auto out = std::make_shared<cloud::Catalogue>();
  for (const std::int64_t count : {2, 8}) {
    cloud::InstanceType& type = out->types.emplace_back();
    type.name = base::concat("t", count);
    type.capacity = cpus(count);
    type.labels = {{"karpenter.sh/capacity-type", {"on-demand"}},
                   {"node.kubernetes.io/instance-type", {type.name}},
                   {"topology.kubernetes.io/zone", {"z1"}}};
    type.offerings.push_back(
        {.zone = "z1", .capacity_type = "on-demand", .price = static_cast<double>(count) * 0.1});
  }
  return out;
}

class DisruptionLoop : public ::testing::Test {
 protected:
  DisruptionLoop()
      : disruption_(executor_, world_, memory_, runtime::Rng(1), runtime::Logger(sink_, "test")) {
    disruption_.on_answer = [] {};
    k8s::NodePool pool = world::testing::make_pool("default");
    pool.disruption.budgets[0].nodes = "100%";
    put(world_, pool);
    world_.set_catalogue("EC2NodeClass", "default", catalogue());
    world_.mark_synced();
    loop_ = disruption_.controller();
    queue_ = disruption_.queue().controller();
  }

  // Of type t8, at 0.8 dollars.
  void add_machine(const std::string& name) {
    put(world_, claim(name));
    put(world_, node(name));
  }

  k8s::NodeClaim claim(const std::string& name) {
    k8s::NodeClaim out = world::testing::make_launched_claim(name);
    for (const char* type : {"Registered", "Initialized", "Consolidatable"}) {
      set_condition(out.status.conditions, type, "True");
    }
    return out;
  }

  k8s::Node node(const std::string& name) {
    k8s::Node out = world::testing::make_ready_node(name);
    out.meta.labels.insert_or_assign("node.kubernetes.io/instance-type", "t8");
    out.meta.labels.insert_or_assign("karpenter.sh/capacity-type", "on-demand");
    out.meta.labels.insert_or_assign("topology.kubernetes.io/zone", "z1");
    out.meta.labels.insert_or_assign("kubernetes.io/hostname", out.meta.name);
    out.status.capacity = cpus(8);
    out.status.allocatable = cpus(8);
    return out;
  }

  Step run(const Controller& controller, const std::string& key) {
    const world::SnapshotPtr snapshot = world_.snapshot(now_);
    Step step = controller.reconcile(
        {.snapshot = *snapshot, .world = world_, .memory = memory_, .config = config_, .now = now_},
        key);
    for (const world::Intent& intent : step.intents) {
      world_.add_intent(intent);
    }
    return step;
  }

  Step look() { return run(loop_, ""); }

  // With the planner's answers.
  Step pass() {
    Step step = look();
    while (disruption_.is_asking()) {
      executor_.run_ready();
      Step next = look();
      std::ranges::move(next.effects, std::back_inserter(step.effects));
      std::ranges::move(next.metrics, std::back_inserter(step.metrics));
      std::ranges::move(next.enqueue, std::back_inserter(step.enqueue));
      step.wake_at = next.wake_at;
    }
    return step;
  }

  static std::vector<std::string> counted(const Step& step, const runtime::MetricFacts& facts) {
    std::vector<std::string> out;
    for (const runtime::MetricChange& change : step.metrics) {
      if (change.facts == &facts) {
        out.push_back(base::concat(base::join(change.labels, ","), " ", change.amount));
      }
    }
    return out;
  }

  // Until the command is in the queue; its key.
  std::string start() {
    pass();
    now_ += config_.validation_wait;
    return pass().enqueue.at(0).second;
  }

  static std::vector<k8s::WriteRequest> writes(const Step& step) {
    std::vector<k8s::WriteRequest> out;
    for (const act::Effect& effect : step.effects) {
      if (const auto* write = std::get_if<act::WriteObject>(&effect.action)) {
        out.push_back(write->request);
      }
    }
    return out;
  }

  static std::vector<std::string> events(const Step& step) {
    std::vector<std::string> out;
    for (const act::Effect& effect : step.effects) {
      if (const auto* event = std::get_if<act::PublishEvent>(&effect.action)) {
        out.push_back(event->reason + ": " + event->message);
      }
    }
    return out;
  }

  // The command has tainted and marked the machine.
  void show_marks(const std::string& name) {
    k8s::Node tainted = node(name);
    tainted.taints.push_back(world::disrupted_taint());
    put(world_, tainted);
    k8s::NodeClaim marked = claim(name);
    set_condition(marked.status.conditions, "DisruptionReason", "True");
    put(world_, marked);
  }

  runtime::VirtualExecutor executor_{{.order = runtime::VirtualExecutor::Order::kFifo}};
  runtime::NullLogSink sink_;
  world::World world_;
  Memory memory_;
  Disruption disruption_;
  Controller loop_;
  Controller queue_;
  Config config_;
  k8s::TimeNs now_ = kNow;
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
  put(world_, world::testing::make_pod("web", "node-b"));
  pass();
  EXPECT_EQ(disruption_.queue().held(), disrupt::ClaimNames{"b"});
}

TEST_F(DisruptionLoop, ConsolidationWaitsBesideEmptyMachines) {
  // DIS-3, DIS-110: its pod would fit on the empty machine, but that one is on its way out.
  add_machine("a");
  add_machine("b");
  put(world_, world::testing::make_pod("web", "node-b"));
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
  put(world_, world::testing::make_pod("web", "node-b"));
  pass();
  k8s::Pod big = world::testing::make_pod("big", "node-a");
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
  put(world_, world::testing::make_pod("web", "node-a"));
  now_ += config_.validation_wait;
  pass();
  EXPECT_EQ(disruption_.queue().size(), 0U);
}

TEST_F(DisruptionLoop, SearchesBesideTheLoop) {
  // DIS-1
  add_machine("a");
  put(world_, world::testing::make_pod("web", "node-a"));
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

TEST_F(DisruptionLoop, CountsWhatItEvaluates) {
  // DIS-7, DIS-9, DIS-155, DIS-181
  add_machine("a");
  const Step first = pass();
  EXPECT_EQ(counted(first, metric::kEligibleNodes).at(0), "empty 1");
  for (const std::string& count : counted(first, metric::kDecisionEvaluationDuration)) {
    EXPECT_FALSE(count.starts_with("empty,"));  // It waits.
  }
  executor_.run_for(std::chrono::seconds(15));
  now_ += config_.validation_wait;
  const Step second = pass();
  EXPECT_EQ(counted(second, metric::kDecisionEvaluationDuration), Texts{"empty,empty 15"});
  EXPECT_EQ(counted(second, metric::kDisruptionDecisions), Texts{"delete,empty,empty 1"});
  EXPECT_EQ(counted(second, metric::kDisruptionDecisionsByPool),
            Texts{"default,delete,empty,empty 1"});
}

TEST_F(DisruptionLoop, CountsWhatDidNotHold) {
  // DIS-111, DIS-112, T-VA1
  add_machine("a");
  pass();
  put(world_, world::testing::make_pod("web", "node-a"));
  now_ += config_.validation_wait;
  EXPECT_EQ(counted(pass(), metric::kFailedValidations), Texts{"empty 1"});
}

TEST_F(DisruptionLoop, CountsMachinesWithoutPrice) {
  // DIS-225
  add_machine("a");
  k8s::NodeClaim strange = claim("b");
  strange.meta.labels.insert_or_assign("node.kubernetes.io/instance-type", "t99");
  strange.meta.labels.insert_or_assign("karpenter.sh/capacity-type", "on-demand");
  strange.meta.labels.insert_or_assign("topology.kubernetes.io/zone", "z1");
  put(world_, strange);
  EXPECT_EQ(counted(pass(), metric::kCostTrackerErrors), Texts{"default 1"});
  now_ += config_.validation_wait;
  EXPECT_TRUE(counted(pass(), metric::kCostTrackerErrors).empty());  // Once.
}

TEST_F(DisruptionLoop, TellsWhatGuardsOfPodsMean) {
  // DIS-35
  add_machine("a");
  k8s::NodeClaim busy = claim("a");
  set_condition(busy.status.conditions, "Consolidatable", "False");
  put(world_, busy);
  const auto told = [&](const std::string& value) {
    k8s::Pod pod = world::testing::make_pod("web", "node-a");
    pod.meta.annotations["karpenter.sh/do-not-disrupt"] = value;
    pod.status.start_time = now_ - k8s::kHour;
    put(world_, pod);
    Texts about_pods = events(pass());
    std::erase_if(about_pods, [](const std::string& event) {
      return !event.contains("do-not-disrupt grace") && !event.starts_with("Invalid");
    });
    return about_pods;
  };
  EXPECT_EQ(
      told("2h"),
      Texts{"DoNotDisruptUntil: The karpenter.sh/do-not-disrupt grace period will elapse at " +
            k8s::format_time(kNow + k8s::kHour)});
  EXPECT_EQ(told("5m"),
            Texts{"DoNotDisruptGracePeriodElapsed: The karpenter.sh/do-not-disrupt grace period "
                  "has elapsed, pod is now disruptable"});
  EXPECT_EQ(told("-5m"),
            Texts{"InvalidDoNotDisruptAnnotation: Invalid karpenter.sh/do-not-disrupt annotation: "
                  "duration \"-5m\" must be positive, ignoring annotation"});
  EXPECT_TRUE(told("true").empty());
  EXPECT_TRUE(told("false").empty());
}

TEST_F(DisruptionLoop, TellsOfBudgetsThatCannotBeRead) {
  // DIS-55, DIS-62
  k8s::NodePool pool = world::testing::make_pool("default");
  pool.disruption.budgets[0].schedule = "* * *";
  pool.disruption.budgets[0].duration = k8s::kHour;
  put(world_, pool);
  add_machine("a");
  EXPECT_EQ(pass().wake_at, now_ + config_.disruption_period);  // Nothing is allowed.
  EXPECT_TRUE(disrupt::broken_budgets(*world_.snapshot(now_))
                  .at(0)
                  .starts_with("invalid disruption budgets in nodepool default, "));
}

TEST_F(DisruptionLoop, CataloguesMayShrinkWhileACommandWaits) {
  // DIS-113: what it was to be replaced by is sold no more.
  add_machine("a");
  put(world_, world::testing::make_pod("web", "node-a"));
  pass();
  auto less = std::make_shared<cloud::Catalogue>(*catalogue());
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
  k8s::Pod pod = world::testing::make_pod("web", "node-a");
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

TEST_F(DisruptionLoop, TaintsMarksAndDeletes) {
  // DIS-151, DIS-155, T-QU10
  add_machine("a");
  const std::string id = start();
  auto written = writes(run(queue_, id));
  ASSERT_EQ(written.size(), 1U);
  EXPECT_TRUE(written[0].body.contains("karpenter.sh/disrupted"));
  show_marks("a");
  const Step step = run(queue_, id);
  written = writes(step);
  ASSERT_EQ(written.size(), 1U);
  EXPECT_EQ(written[0].verb, k8s::Verb::kDelete);
  EXPECT_EQ(events(step),
            (std::vector<std::string>{"DisruptionTerminating: Disrupting Node: Empty",
                                      "DisruptionTerminating: Disrupting NodeClaim: Empty"}));
  EXPECT_TRUE(world_.has_intent(world::IntentKind::kDeletion, "a"));
}

TEST_F(DisruptionLoop, ReplacementsComeFirst) {
  // DIS-152, DIS-153, DIS-154, T-QU4, T-QU8
  add_machine("a");
  put(world_, world::testing::make_pod("web", "node-a"));
  const std::string id = start();
  show_marks("a");
  const auto created = writes(run(queue_, id));
  ASSERT_EQ(created.size(), 1U);
  EXPECT_EQ(created[0].verb, k8s::Verb::kCreate);
  EXPECT_FALSE(world_.has_intent(world::IntentKind::kDeletion, "a"));  // T-QU3
  EXPECT_TRUE(writes(run(queue_, id)).empty());                        // The echo is on its way.
  k8s::NodeClaim replacement = world::testing::make_launched_claim(created[0].key.name);
  put(world_, replacement);
  const Step waiting = run(queue_, id);
  EXPECT_TRUE(writes(waiting).empty());
  EXPECT_EQ(events(waiting).at(0), "DisruptionLaunching: Launching NodeClaim: Underutilized");
  EXPECT_TRUE(world_.has_intent(world::IntentKind::kDeletion, "a"));
  set_condition(replacement.status.conditions, "Initialized", "True");
  put(world_, replacement);
  EXPECT_EQ(writes(run(queue_, id)).at(0).verb, k8s::Verb::kDelete);
}

TEST_F(DisruptionLoop, LostReplacementsRollBack) {
  // DIS-157, DIS-4, T-QU2
  add_machine("a");
  put(world_, world::testing::make_pod("web", "node-a"));
  const std::string id = start();
  show_marks("a");
  const std::string name = writes(run(queue_, id)).at(0).key.name;
  const k8s::NodeClaim replacement = world::testing::make_launched_claim(name);
  put(world_, replacement);
  run(queue_, id);
  world::testing::remove(world_, replacement);
  run(queue_, id);
  EXPECT_EQ(disruption_.queue().size(), 0U);
  EXPECT_FALSE(world_.has_intent(world::IntentKind::kDeletion, "a"));
  const auto cleaned = writes(pass());
  ASSERT_EQ(cleaned.size(), 2U);
  EXPECT_EQ(cleaned[0].key.name, "node-a");
  EXPECT_FALSE(cleaned[0].body.contains("karpenter.sh/disrupted"));
}

TEST_F(DisruptionLoop, ReplacementsThatNeverComeUpTimeOut) {
  // DIS-156, T-QU5, T-QU7
  add_machine("a");
  put(world_, world::testing::make_pod("web", "node-a"));
  const std::string id = start();
  show_marks("a");
  const std::string name = writes(run(queue_, id)).at(0).key.name;
  put(world_, world::testing::make_launched_claim(name));
  now_ += 9 * k8s::kMinute;
  run(queue_, id);
  EXPECT_EQ(disruption_.queue().size(), 1U);
  now_ += 2 * k8s::kMinute;
  run(queue_, id);
  EXPECT_EQ(disruption_.queue().size(), 0U);
}

TEST_F(DisruptionLoop, TheNextCommandWaitsUntilBudgetsSeeTheLast) {
  // DIS-56, DIS-153
  k8s::NodePool pool = world::testing::make_pool("default");
  pool.disruption.budgets[0].nodes = "1";
  put(world_, pool);
  for (const char* name : {"a", "b"}) {
    add_machine(name);
    k8s::NodeClaim drifted = claim(name);
    set_condition(drifted.status.conditions, "Consolidatable", "False");
    set_condition(drifted.status.conditions, "Drifted", "True");
    put(world_, drifted);
  }
  const std::string id = pass().enqueue.at(0).second;
  now_ += k8s::kMillisecond;
  EXPECT_TRUE(pass().enqueue.empty());  // Its taint is on its way.
  show_marks("a");
  const Step settled = run(queue_, id);
  EXPECT_EQ(settled.enqueue.at(0).first, "disruption");
  EXPECT_TRUE(pass().enqueue.empty());  // Now the budget says so.
  EXPECT_EQ(disruption_.queue().size(), 1U);
}

TEST_F(DisruptionLoop, CommandsHoldTheirCandidates) {
  // DIS-20, DIS-163
  add_machine("a");
  start();
  EXPECT_EQ(disruption_.queue().held(), disrupt::ClaimNames{"a"});
  pass();
  now_ += config_.validation_wait;
  pass();
  EXPECT_EQ(disruption_.queue().size(), 1U);
}

}  // namespace
}  // namespace control

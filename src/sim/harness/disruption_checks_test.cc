// That what watches simulated lives sees each wrong when it is there, and nothing else.
#include "sim/harness/disruption_checks.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "runtime/virtual_executor.h"
#include "sim/apiserver/json.h"

namespace sim {
namespace {

constexpr k8s::TimeNs kMinute = 60'000'000'000;
// Midnight.
constexpr k8s::TimeNs kNow = 20'000LL * 24 * 60 * kMinute;

// A cluster as text, told to whoever watches it.
class Checks : public ::testing::Test {
 protected:
  void put(std::string_view json) {
    boost::json::object object = boost::json::parse(json).as_object();
    const auto type =
        api::find_kind(api::text_at(object, "apiVersion"), api::text_at(object, "kind"));
    const auto before = store_.find(
        *type, api::text_at(object, "metadata.namespace"), api::text_at(object, "metadata.name"));
    const auto after = store_.put(*type, api::Body(std::move(object)));
    guards_.on_change({.op = before == nullptr ? api::ChangeOp::kAdded : api::ChangeOp::kModified,
                       .version = 0,
                       .object = after,
                       .previous = before},
                      now_);
  }

  void put_pool(std::string_view budgets) {
    put(base::concat(R"({"apiVersion": "karpenter.sh/v1", "kind": "NodePool",
      "metadata": {"name": "default", "uid": "pool"},
      "spec": {"disruption": {"budgets": [)",
                     budgets,
                     "]}}}"));
  }

  struct Wishes {
    bool is_ready = true;
    bool is_tainted = false;
    bool is_guarded = false;
    std::string_view spec = R"("expireAfter": "Never")";
    int cpus = 4;
  };

  void put_machine(std::string_view name) { put_machine(name, {}); }

  void put_machine(std::string_view name, const Wishes& wishes) {
    put(base::concat(
        R"({"apiVersion": "v1", "kind": "Node", "metadata": {"name": ")",
        name,
        R"(", "uid": "node-)",
        name,
        R"(", "labels": {"karpenter.sh/initialized": "true"}, "annotations": {)",
        wishes.is_guarded ? R"("karpenter.sh/do-not-disrupt": "true")" : "",
        R"(}}, "spec": {"taints": [)",
        wishes.is_tainted ? R"({"key": "karpenter.sh/disrupted", "effect": "NoSchedule"})" : "",
        R"(]}, "status": {"allocatable": {"cpu": ")",
        wishes.cpus,
        R"(", "pods": "10"}, "conditions": [{"type": "Ready", "status": ")",
        wishes.is_ready ? "True" : "False",
        R"("}]}})"));
    put(base::concat(R"({"apiVersion": "karpenter.sh/v1", "kind": "NodeClaim", "metadata": {
      "name": ")",
                     name,
                     R"(", "uid": "claim-)",
                     name,
                     R"(", "labels": {"karpenter.sh/nodepool": "default"}}, "spec": {)",
                     wishes.spec,
                     R"(}, "status": {"nodeName": ")",
                     name,
                     R"(", "conditions": [{"type": "Initialized", "status": "True"}]}})"));
  }

  void put_pod(std::string_view name,
               std::string_view node,
               std::string_view guard = "",
               std::string_view cpu = "1") {
    put(base::concat(
        R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": ")",
        name,
        R"(", "namespace": "default", "uid": ")",
        name,
        R"(", "labels": {"app": "web"}, "annotations": {"karpenter.sh/do-not-disrupt": ")",
        guard,
        R"("}}, "spec": {"nodeName": ")",
        node,
        R"(", "containers": [{"name": "main", "resources": {"requests": {"cpu": ")",
        cpu,
        R"("}}}]}, "status": {"phase": "Running", "startTime": ")",
        k8s::format_time(now_),
        R"(", "conditions": [{"type": "Ready", "status": "True"}]}})"));
  }

  void put_budget(std::string_view name, int allowed, int desired = 0) {
    put(base::concat(R"({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {
      "name": ")",
                     name,
                     R"(", "namespace": "default", "uid": ")",
                     name,
                     R"("}, "spec": {"selector": {}}, "status": {"disruptionsAllowed": )",
                     allowed,
                     R"(, "desiredHealthy": )",
                     desired,
                     "}}"));
  }

  void pass(k8s::TimeNs time) {
    now_ += time;
    const auto machines = machines_of(store_);
    budgets_.look(machines, now_);
    marks_.look(machines, now_);
  }

  void mark(std::string_view name) { put_machine(name, {.is_tainted = true}); }

  void send(k8s::Verb verb, k8s::Kind kind, std::string_view name) {
    const k8s::WriteRequest request{
        .verb = verb, .key = {kind, kind == k8s::Kind::kPod ? "default" : "", std::string(name)}};
    guards_.on_arrival(request, now_);
    marks_.on_arrival(request, now_);
  }

  static Decision drift(std::string claim) {
    return {.method = "drift", .reason = "Drifted", .claims = {std::move(claim)}};
  }

  void decide(const Decision& decision) {
    guards_.on_decision(decision, now_);
    budgets_.on_decision(decision, now_);
    marks_.on_decision(decision, now_);
  }

  // Whether anything was found wrong since the last question.
  bool complains() { return std::exchange(problems_, 0) > 0; }

  int problems_ = 0;
  Observer observer_{.problem = [this](const std::string&) { ++problems_; },
                     .met = [](std::string_view) {}};
  api::Store store_;
  BudgetWatch budgets_{store_, k8s::kSecond, observer_};
  GuardWatch guards_{store_, k8s::kSecond, observer_};
  MarkWatch marks_{store_, observer_};
  k8s::TimeNs now_ = kNow;
};

TEST_F(Checks, BudgetsAreCountedOverDecisionsAndMarks) {
  // DIS-57
  put_pool(R"({"nodes": "1"})");
  put_machine("a");
  put_machine("b");
  pass(kMinute);
  decide(drift("a"));
  EXPECT_FALSE(complains());
  decide(drift("b"));
  EXPECT_TRUE(complains());
  mark("a");
  pass(kMinute);
  EXPECT_FALSE(complains());
  mark("b");
  pass(kMinute);
  EXPECT_TRUE(complains());
}

TEST_F(Checks, LeftMarksCountAfterARestart) {
  // DIS-57
  put_pool(R"({"nodes": "50%"})");
  put_machine("a");
  put_machine("b");
  pass(kMinute);
  decide(drift("a"));
  mark("a");
  pass(kMinute);
  budgets_.on_restart();
  EXPECT_FALSE(complains());
  decide(drift("b"));
  EXPECT_TRUE(complains());
}

TEST_F(Checks, NodesThatAreDownUseUpTheBudget) {
  // DIS-56
  put_pool(R"({"nodes": "1"})");
  put_machine("a");
  put_machine("b", {.is_ready = false});
  pass(kMinute);
  pass(kMinute);
  decide(drift("a"));
  EXPECT_TRUE(complains());
}

TEST_F(Checks, BudgetsOfOtherReasonsAndClosedWindowsAllowEverything) {
  // DIS-51, DIS-54
  put_pool(R"({"nodes": "0", "reasons": ["Empty"]},
              {"nodes": "0", "schedule": "*/10 * * * *", "duration": "4m"})");
  put_machine("a");
  pass(5 * kMinute);
  decide(drift("a"));
  EXPECT_FALSE(complains());
  budgets_.on_restart();
  pass(6 * kMinute);
  pass(kMinute);
  decide(drift("a"));
  EXPECT_TRUE(complains());
}

TEST(BudgetWindows, LastFromTheirMinuteOnForTheirDuration) {
  // DIS-51
  const k8s::Budget budget{
      .reasons = {}, .nodes = "0", .schedule = "30 */2 * * *", .duration = 10 * kMinute};
  EXPECT_FALSE(window_is_open(budget, kNow + 29 * kMinute));
  EXPECT_TRUE(window_is_open(budget, kNow + 30 * kMinute));
  EXPECT_TRUE(window_is_open(budget, kNow + 40 * kMinute - 1));
  EXPECT_FALSE(window_is_open(budget, kNow + 40 * kMinute));
  EXPECT_FALSE(window_is_open(budget, kNow + 95 * kMinute));
}

TEST_F(Checks, NobodyMarksWhatNobodyDecided) {
  // DIS-151
  put_pool(R"({"nodes": "100%"})");
  put_machine("a");
  pass(kMinute);
  mark("a");
  pass(kMinute);
  EXPECT_TRUE(complains());
}

TEST_F(Checks, PodsThatObjectAreLeftAlone) {
  // DIS-24, DIS-34
  put_pool(R"({"nodes": "100%"})");
  put_machine("a");
  put_pod("web", "a", "true");
  decide(drift("a"));
  EXPECT_FALSE(complains());  // It has come this very moment.
  pass(kMinute);
  decide(drift("a"));
  EXPECT_TRUE(complains());
  put_pod("web", "a", "5m");
  pass(4 * kMinute);
  decide(drift("a"));
  EXPECT_TRUE(complains());
  pass(kMinute);
  decide(drift("a"));
  EXPECT_FALSE(complains());
}

TEST_F(Checks, OnlyDriftWithAGracePeriodDisregardsThem) {
  // DIS-25
  put_pool(R"({"nodes": "100%"})");
  put_machine("a", {.spec = R"("terminationGracePeriod": "3m")"});
  put_pod("web", "a", "true");
  pass(kMinute);
  decide(drift("a"));
  EXPECT_FALSE(complains());
  decide({.method = "single", .reason = "Underutilized", .claims = {"a"}});
  EXPECT_TRUE(complains());
}

TEST_F(Checks, NodesThatObjectAreLeftAlone) {
  // DIS-20
  put_pool(R"({"nodes": "100%"})");
  put_machine("a", {.is_guarded = true});
  pass(kMinute);
  decide(drift("a"));
  EXPECT_TRUE(complains());
}

TEST_F(Checks, PodBudgetsThatAreClosedOrManyForbid) {
  // DIS-37
  put_pool(R"({"nodes": "100%"})");
  put_machine("a");
  put_pod("web", "a");
  put_budget("one", 1);
  pass(kMinute);
  decide(drift("a"));
  EXPECT_FALSE(complains());
  put_budget("one", 0);
  pass(kMinute);
  decide(drift("a"));
  EXPECT_TRUE(complains());
  put_budget("one", 1);
  put_budget("another", 1);
  pass(kMinute);
  decide(drift("a"));
  EXPECT_TRUE(complains());
}

TEST_F(Checks, EvictionsLeaveWhatBudgetsAskFor) {
  // LIF-148
  put_machine("a");
  put_pod("web", "a");
  put_budget("one", 1, 1);
  pass(kMinute);
  send(k8s::Verb::kEvict, k8s::Kind::kPod, "web");
  EXPECT_TRUE(complains());
  put_pod("web-2", "a");
  pass(kMinute);
  send(k8s::Verb::kEvict, k8s::Kind::kPod, "web");
  EXPECT_FALSE(complains());
}

TEST_F(Checks, PodsAreEvictedAndNotDeletedAndNotWhenTheyObject) {
  // LIF-143
  put_machine("a");
  put_pod("web", "a");
  send(k8s::Verb::kEvict, k8s::Kind::kPod, "web");
  EXPECT_FALSE(complains());
  send(k8s::Verb::kDelete, k8s::Kind::kPod, "web");
  EXPECT_TRUE(complains());
  put_pod("guarded", "a", "true");
  send(k8s::Verb::kEvict, k8s::Kind::kPod, "guarded");
  EXPECT_TRUE(complains());
}

TEST_F(Checks, MarksDoNotOutliveTheirCommand) {
  // DIS-156, DIS-157
  put_pool(R"({"nodes": "100%"})");
  put_machine("a");
  decide(drift("a"));
  mark("a");
  pass(0);
  pass(12 * kMinute);
  EXPECT_FALSE(complains());
  pass(2 * kMinute);
  EXPECT_TRUE(complains());
}

TEST_F(Checks, MarksDoNotOutliveTheirControllerForLong) {
  // DIS-4
  put_pool(R"({"nodes": "100%"})");
  put_machine("a");
  decide(drift("a"));
  mark("a");
  pass(0);
  marks_.on_restart(now_);
  pass(2 * kMinute);
  EXPECT_FALSE(complains());
  pass(2 * kMinute);
  EXPECT_TRUE(complains());
}

TEST_F(Checks, OneReplacementDoesNotStandForTwo) {
  // DIS-154
  put_pool(R"({"nodes": "100%"})");
  put_machine("a", {.is_tainted = true});
  put_machine("b", {.is_tainted = true});
  for (const char* claim : {"a", "b"}) {
    Decision decision = drift(claim);
    decision.replacements.emplace_back();
    decide(decision);
  }
  marks_.on_effect("disruption.queue: create NodeClaim new 0123");
  marks_.on_effect("disruption.queue: delete NodeClaim a");
  EXPECT_TRUE(complains());  // It is not up.
  put_machine("new");
  pass(0);
  marks_.on_effect("disruption.queue: delete NodeClaim a");
  EXPECT_FALSE(complains());
  marks_.on_effect("disruption.queue: delete NodeClaim b");
  EXPECT_TRUE(complains());
  for (const char* name : {"second", "third"}) {
    marks_.on_effect(base::concat("disruption.queue: create NodeClaim ", name, " 0123"));
  }
  EXPECT_TRUE(complains());  // Three are made for two.
}

TEST_F(Checks, NodesGoTaintedAndDecided) {
  // DIS-151, DIS-155
  put_pool(R"({"nodes": "100%"})");
  put_machine("a");
  send(k8s::Verb::kDelete, k8s::Kind::kNodeClaim, "a");
  EXPECT_TRUE(complains());
  decide(drift("a"));
  marks_.on_effect("disruption.queue: delete NodeClaim a");
  EXPECT_TRUE(complains());
  mark("a");
  marks_.on_effect("disruption.queue: delete NodeClaim a");
  EXPECT_FALSE(complains());
}

class RoomChecks : public Checks {
 protected:
  Room room(const Decision& decision, const std::vector<std::string>& going = {}) {
    const RoomQuestion question = room_question(decision, machines_of(store_), going);
    return find_room(question.movers, question.places);
  }
};

TEST_F(RoomChecks, PodsNeedAPlaceEach) {
  // DIS-81
  put_machine("a");
  put_pod("web-1", "a", "", "3");
  put_pod("web-2", "a", "", "1");
  EXPECT_EQ(room(drift("a")), Room::kNone);
  put_machine("b", {.cpus = 3});
  EXPECT_EQ(room(drift("a")), Room::kNone);
  put_machine("c", {.cpus = 1});
  EXPECT_EQ(room(drift("a")), Room::kEnough);
  put_machine("c", {.is_tainted = true});
  EXPECT_EQ(room(drift("a")), Room::kNone);
}

TEST_F(RoomChecks, RoomPromisedToOthersIsTaken) {
  // DIS-81, DIS-153
  put_machine("a");
  put_pod("web-1", "a", "", "3");
  put_machine("b");
  put_pod("web-2", "b", "", "3");
  put_machine("c");
  EXPECT_EQ(room(drift("b")), Room::kEnough);
  EXPECT_EQ(room(drift("b"), {"a"}), Room::kNone);
  Decision decision = drift("b");
  decision.replacements.push_back({.labels = {}, .taints = {}, .allocatable = {}});
  EXPECT_EQ(room(decision, {"a"}), Room::kNone);
  decision.replacements[0].allocatable.set("cpu", k8s::Quantity::units(3));
  decision.replacements[0].allocatable.set("pods", k8s::Quantity::units(1));
  EXPECT_EQ(room(decision, {"a"}), Room::kEnough);
}

TEST_F(RoomChecks, WhatFitsInOneWayOnlyIsFound) {
  // DIS-81: sums of two and of three have to be matched exactly.
  put_machine("a", {.cpus = 30});
  int number = 0;
  for (const char* cpu : {"4", "4", "4", "6", "6"}) {
    put_pod(base::concat("web-", ++number), "a", "", cpu);
  }
  put_machine("b", {.cpus = 12});
  put_machine("c", {.cpus = 12});
  EXPECT_EQ(room(drift("a")), Room::kEnough);
  put_machine("c", {.cpus = 11});
  EXPECT_EQ(room(drift("a")), Room::kNone);
}

TEST(Picture, HasToHoldWhatTheServerHolds) {
  // DIS-2
  runtime::VirtualExecutor executor({.seed = 1});
  const auto sandbox = *Sandbox::create(executor, {});
  int problems = 0;
  DisruptionChecks checks(
      *sandbox,
      {.lag = k8s::kSecond, .clock = executor.clock()},
      {.problem = [&](const std::string&) { ++problems; }, .met = [](std::string_view) {}});
  disrupt::Command command{.method = disrupt::Method::kDrift};
  auto claim = std::make_shared<k8s::NodeClaim>();
  auto row = std::make_shared<world::NodeRow>(world::NodeRow{.claim = claim});
  command.candidates.push_back({.row = row});
  world::Snapshot picture;
  picture.is_synced = true;
  checks.on_command(command, picture);
  EXPECT_EQ(problems, 0);
  ASSERT_TRUE(sandbox->apply(R"({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}})"));
  executor.run_for(std::chrono::minutes(1));
  checks.on_command(command, picture);
  EXPECT_EQ(problems, 1);
}

}  // namespace
}  // namespace sim

// What disruption tells: events, log lines, metrics (spec 03 s10, s11).
#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "control/disruption_testing.h"
#include "control/metrics.h"
#include "k8s/time.h"

namespace control {
namespace {

using namespace testing;

class DisruptionTells : public DisruptionScene {
 protected:
  void put_balanced_pool() {
    k8s::NodePool pool = make_pool("default");
    pool.disruption.consolidation_policy = "Balanced";
    pool.disruption.budgets[0].nodes = "100%";
    put(world_, pool);
  }
};

TEST_F(DisruptionTells, CountsWhatItEvaluates) {
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

TEST_F(DisruptionTells, HowManyDriftOfAllPools) {
  // DIS-8, improved: upstream's second method hides what the first has counted.
  k8s::NodePool fixed = make_pool("fixed");
  fixed.replicas = 1;
  fixed.limits.set("nodes", k8s::Quantity::units(1));  // No room for a replacement.
  put(world_, fixed);
  k8s::NodePool closed = make_pool("default");
  closed.disruption.budgets[0].nodes = "0";
  put(world_, closed);
  add_drifted("a");
  add_drifted("b");
  k8s::NodeClaim of_fixed = *world_.nodes()[*world_.find_claim("b")].claim;
  of_fixed.meta.labels["karpenter.sh/nodepool"] = "fixed";
  put(world_, of_fixed);
  k8s::Node beside = node("b");
  beside.meta.labels["karpenter.sh/nodepool"] = "fixed";
  put(world_, beside);
  EXPECT_EQ(counted(pass(), metric::kEligibleNodes),
            (Texts{"empty 0", "drifted 1", "drifted 2", "underutilized 0", "underutilized 0"}));
}

TEST_F(DisruptionTells, CountsWhatDidNotHold) {
  // DIS-111, DIS-112, T-VA1
  add_machine("a");
  pass();
  put(world_, make_pod("web", "node-a"));
  now_ += config_.validation_wait;
  EXPECT_EQ(counted(pass(), metric::kFailedValidations), Texts{"empty 1"});
}

TEST_F(DisruptionTells, CountsMachinesWithoutPrice) {
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

TEST_F(DisruptionTells, TellsWhatGuardsOfPodsMean) {
  // DIS-35
  add_machine("a");
  k8s::NodeClaim busy = claim("a");
  set_condition(busy.status.conditions, "Consolidatable", "False");
  put(world_, busy);
  const auto told = [&](const std::string& value) {
    k8s::Pod pod = make_pod("web", "node-a");
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

TEST_F(DisruptionTells, TellsOfBudgetsThatCannotBeRead) {
  // DIS-55, DIS-62
  k8s::NodePool pool = make_pool("default");
  pool.disruption.budgets[0].schedule = "* * *";
  pool.disruption.budgets[0].duration = k8s::kHour;
  put(world_, pool);
  add_machine("a");
  EXPECT_EQ(pass().wake_at, now_ + config_.disruption_period);  // Nothing is allowed.
  EXPECT_TRUE(disrupt::broken_budgets(*world_.snapshot(now_))
                  .at(0)
                  .starts_with("invalid disruption budgets in nodepool default, "));
}

TEST_F(DisruptionTells, OfPoolsWithoutInstanceTypes) {
  // DIS-13: once, and the machines of others go.
  k8s::NodePool bare = make_pool("bare");
  bare.template_spec.node_class.name = "bare";
  put(world_, bare);
  add_machine("a");
  for (int i = 0; i < 3; ++i) {
    pass();
    now_ += config_.validation_wait;
  }
  EXPECT_EQ(disruption_.queue().held(), disrupt::ClaimNames{"a"});
  EXPECT_EQ(logs_.count("skipping NodePool, no instance types are known"), 1U);
}

TEST_F(DisruptionTells, WhatACommandDoes) {
  // DIS-150, DIS-170, DIS-173, DIS-174
  add_machine("a");
  put(world_, make_pod("web", "node-a"));
  const std::string id = start();
  const auto records = logs_.records();
  const auto found = std::ranges::find(records, "disrupting node(s)", &runtime::LogRecord::message);
  ASSERT_NE(found, records.end());
  const auto field = [&](std::string_view key) { return found->field(key)->to_plain(); };
  EXPECT_EQ(field("command"),
            "Underutilized/" + id +
                ": replace: nodepools=[default]: [node-a] -> [1 replacement] (savings: $0.60)");
  EXPECT_EQ(field("decision"), "replace");
  EXPECT_EQ(field("disrupted-node-count"), "1");
  EXPECT_EQ(field("replacement-node-count"), "1");
  EXPECT_EQ(field("pod-count"), "1");
  EXPECT_EQ(field("disrupted-nodes"),
            R"([{"Node":{"name":"node-a"},"NodeClaim":{"name":"a"},"instance-type":"t8",)"
            R"("capacity-type":"on-demand"}])");
  EXPECT_EQ(field("replacement-nodes"), R"([{"capacity-type":"on-demand","instance-types":"t2"}])");
}

TEST_F(DisruptionTells, OfReplacementsBeforeTheyAreValidated) {
  // DIS-94, DIS-171, DIS-172
  add_machine("a");
  put(world_, make_pod("web", "node-a"));
  const Step step = pass();
  const std::string told =
      "ConsolidationCandidate: Consolidation candidate: replace: [node-a] -> [1 replacement] "
      "(savings: $0.60)";
  EXPECT_EQ(events(step), (Texts{told, told}));
  EXPECT_EQ(event_objects(step),
            (Texts{"Node node-a ConsolidationCandidate", "NodeClaim a ConsolidationCandidate"}));
}

TEST_F(DisruptionTells, NothingOfDeletionsBeforeTheyAreValidated) {
  // DIS-94
  add_machine("a");
  EXPECT_TRUE(events(pass()).empty());
}

TEST_F(DisruptionTells, WhyAMachineIsNoCandidate) {
  // DIS-31
  add_machine("a");
  k8s::Node held = node("a");
  held.meta.annotations["karpenter.sh/do-not-disrupt"] = "true";
  put(world_, held);
  const Step step = pass();
  const std::string told =
      R"(DisruptionBlocked: Disruption is blocked through the "karpenter.sh/do-not-disrupt" )"
      "annotation";
  ASSERT_FALSE(events(step).empty());
  EXPECT_EQ(events(step).at(0), told);
  EXPECT_EQ(event_objects(step).at(0), "Node node-a DisruptionBlocked");
  EXPECT_EQ(event_objects(step).at(1), "NodeClaim a DisruptionBlocked");
  for (const act::Effect& effect : step.effects) {
    EXPECT_EQ(std::get<act::PublishEvent>(effect.action).dedupe_for, 2 * k8s::kMinute);
  }
}

TEST_F(DisruptionTells, DoesNotRepeatWhatItSaidLately) {
  // DIS-31, OPR-81
  add_machine("a");
  k8s::Node held = node("a");
  held.meta.annotations["karpenter.sh/do-not-disrupt"] = "true";
  put(world_, held);
  act::PublishEvent about_node;
  about_node.reason = "DisruptionBlocked";
  about_node.dedupe = {held.meta.uid};
  said_.admit(about_node, now_);
  const Texts told = event_objects(pass());
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(std::ranges::count(told, "NodeClaim a DisruptionBlocked"), std::ssize(told));
}

TEST_F(DisruptionTells, WhyAMachineCannotBeConsolidated) {
  // DIS-73
  k8s::NodePool pool = make_pool("default");
  pool.disruption.consolidation_policy = "WhenEmpty";
  put(world_, pool);
  add_machine("a");
  put(world_, make_pod("web", "node-a"));
  const Step step = pass();
  ASSERT_FALSE(events(step).empty());
  EXPECT_TRUE(events(step).at(0).starts_with("Unconsolidatable: ")) << events(step).at(0);
  EXPECT_EQ(std::get<act::PublishEvent>(step.effects.at(0).action).dedupe_for, 15 * k8s::kMinute);
}

TEST_F(DisruptionTells, HowAMoveOfABalancedPoolWasScored) {
  // DIS-123, DIS-125, DIS-128, DIS-129, DIS-171
  put_balanced_pool();
  add_machine("a");
  put(world_, make_pod("web", "node-a"));
  const Step step = pass();
  EXPECT_EQ(counted(step, metric::kConsolidationMoves), Texts{"approved,default,Balanced 1"});
  EXPECT_EQ(events(step).at(0),
            "ConsolidationApproved: score 0.75 >= threshold 0.50 (k: 2, savings 75.0%, disruption "
            "100.0%)");
  EXPECT_EQ(event_objects(step).at(0), "Node node-a ConsolidationApproved");
  const auto records = logs_.records();
  const auto found =
      std::ranges::find(records, "consolidation score", &runtime::LogRecord::message);
  ASSERT_NE(found, records.end());
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, std::string>>{{"nodepool", "default"},
                                                        {"score", "0.75"},
                                                        {"savings_fraction", "0.75"},
                                                        {"disruption_fraction", "1"},
                                                        {"disruption_cost", "2"},
                                                        {"nodepool_total_cost", "0.8"},
                                                        {"nodepool_total_disruption_cost", "2"},
                                                        {"threshold", "0.5"},
                                                        {"k", "2"},
                                                        {"approved", "true"},
                                                        {"decision", "approved"},
                                                        {"candidates", "1"}}) {
    EXPECT_TRUE(found->field(key)->to_plain().starts_with(value)) << key;
  }
}

TEST_F(DisruptionTells, ABalancedPoolOfWhatSeveralMachinesSave) {
  // DIS-104, DIS-130, DIS-131: once, before it is validated, and on the pool.
  put_balanced_pool();
  for (const char* name : {"a", "b", "c", "d"}) {
    add_machine(name);
    put(world_, make_pod(base::concat("web-", name), base::concat("node-", name)));
  }
  const Step step = pass();
  EXPECT_EQ(counted(step, metric::kConsolidationMoves), Texts{"approved,default,Balanced 1"});
  EXPECT_EQ(counted(step, metric::kConsolidationScore).size(), 1U);
  Texts approvals = event_objects(step);
  std::erase_if(approvals,
                [](const std::string& event) { return !event.ends_with("ConsolidationApproved"); });
  EXPECT_EQ(approvals, Texts{"NodePool default ConsolidationApproved"});
}

TEST_F(DisruptionTells, NobodyOfMovesThatAreNotWorthIt) {
  // DIS-126, DIS-130: counted and logged, and that is all.
  put_balanced_pool();
  const auto add_priced = [&](const std::string& name) {
    add_machine(name);
    k8s::NodeClaim priced = claim(name);
    priced.meta.labels = node(name).meta.labels;
    put(world_, priced);
  };
  for (const char* name : {"a", "b"}) {
    add_priced(name);
    for (int i = 0; i < 30; ++i) {
      k8s::Pod pod = make_pod(base::concat("web-", name, i), base::concat("node-", name));
      pod.spec.containers[0].resources.requests.set("cpu", k8s::Quantity::milli(10));
      put(world_, pod);
    }
  }
  for (int i = 0; i < 9; ++i) {  // They cost much, and there is nothing to disturb.
    const std::string name = base::concat("held-", i);
    add_priced(name);
    k8s::Node held = node(name);
    held.meta.annotations["karpenter.sh/do-not-disrupt"] = "true";
    held.taints.push_back({.key = "own", .value = "", .effect = "NoSchedule"});
    put(world_, held);
  }
  const Step step = pass();
  EXPECT_EQ(counted(step, metric::kConsolidationMoves), Texts{"rejected,default,Balanced 1"});
  EXPECT_EQ(logs_.count("consolidation score"), 1U);
  for (const std::string& event : events(step)) {
    EXPECT_TRUE(event.starts_with("DisruptionBlocked: ")) << event;  // Of the annotation.
  }
}

TEST_F(DisruptionTells, OfLongGapsBetweenPasses) {
  // DIS-11
  pass();
  now_ += 15 * k8s::kMinute;
  pass();
  EXPECT_EQ(logs_.count("abnormal time between runs"), 0U);
  now_ += 15 * k8s::kMinute + 1;
  pass();
  EXPECT_EQ(logs_.count("abnormal time between runs"), 1U);
}

}  // namespace
}  // namespace control

// The planner against the reference scheduler and against the properties of every plan, over many
// small random problems.
//
// KARPENTER_PROBLEMS=N plans N problems instead of the usual number, KARPENTER_SEED=S only the
// problem of that seed, KARPENTER_REASONS=1 compares the words of the reasons too. A problem that
// shows a fault is made smaller and printed as manifests. Without shards of ctest:
//   KARPENTER_PROBLEMS=1000000 test_plan --gtest_filter='*Differential*'
#include <algorithm>
#include <iostream>
#include <map>
#include <optional>
#include <string_view>

#include <gtest/gtest.h>

#include "base/text.h"
#include "plan/properties_testing.h"
#include "plan/random_problem_testing.h"
#include "plan/reference/plain_plan_testing.h"

namespace plan::reference {
namespace {

using testing::BuiltProblem;
using testing::Draft;

constexpr int kShards = 4;  // Run side by side by ctest.

struct Settings {
  std::int64_t first = 1;
  std::int64_t problems = 20'000;
  bool with_reasons = false;
};

Settings& settings() {
  static Settings the_settings;
  return the_settings;
}

enum class Fault { kNone, kDisagreement, kProperty, kStranger, kOrder, kRepeat };

PlainPlan planned(const Draft& draft) {
  const BuiltProblem built = testing::build(draft);
  return plain(built.problem(), compute_plan(built.problem()));
}

// The problem with one more pod that no machine will ever take and that nobody selects.
Draft with_stranger(Draft draft) {
  k8s::Pod& pod = draft.pods.emplace_back();
  pod.meta.name = "stranger";
  pod.meta.namespace_ = "strangers";
  pod.meta.uid = "uid-stranger";
  pod.meta.creation_time = 1;
  pod.spec.containers.emplace_back().resources.requests = {
      {"cpu", k8s::Quantity::units(1'000'000)}};
  pod.status.conditions.push_back(
      {.type = "PodScheduled", .status = "False", .reason = "Unschedulable"});
  return draft;
}

Draft reversed(Draft draft) {
  std::ranges::reverse(draft.pods);
  std::ranges::reverse(draft.nodes);
  std::ranges::reverse(draft.claims);
  std::ranges::reverse(draft.pools);
  std::ranges::reverse(draft.types);
  std::ranges::reverse(draft.workloads);
  return draft;
}

Fault fault_of(const Draft& draft) {
  const BuiltProblem built = testing::build(draft);
  const Problem problem = built.problem();
  const Plan plan = compute_plan(problem);
  const PlainPlan actual = plain(problem, plan);
  const PlainPlan expected = reference_plan(problem);
  if (settings().with_reasons ? actual.text_with_reasons() != expected.text_with_reasons()
                              : actual.text() != expected.text()) {
    return Fault::kDisagreement;
  }
  if (!testing::broken_properties(problem, plan).empty()) {
    return Fault::kProperty;
  }
  if (draft.seed % 8 != 0) {
    return Fault::kNone;
  }
  if (plain(problem, compute_plan(problem)).text_with_reasons() != actual.text_with_reasons()) {
    return Fault::kRepeat;
  }
  PlainPlan with_more = planned(with_stranger(draft));
  with_more.reasons.erase("strangers/stranger");
  if (with_more.text_with_reasons() != actual.text_with_reasons()) {
    return Fault::kStranger;
  }
  // Which of several obstacles a reason names may depend on the order.
  return planned(reversed(draft)).text() == actual.text() ? Fault::kNone : Fault::kOrder;
}

std::string report(const Draft& draft, Fault fault) {
  static constexpr std::string_view kNames[] = {"",
                                                "disagreement",
                                                "property",
                                                "a stranger changes it",
                                                "order changes it",
                                                "not repeatable"};
  const Draft small = testing::shrink(draft, [&](const Draft& d) { return fault_of(d) == fault; });
  const BuiltProblem built = testing::build(small);
  const Problem problem = built.problem();
  const Plan plan = compute_plan(problem);
  std::string out = base::concat(kNames[static_cast<int>(fault)],
                                 ", replay with KARPENTER_SEED=",
                                 draft.seed,
                                 "\n",
                                 testing::manifests(small),
                                 "=== got\n",
                                 plain(problem, plan).text_with_reasons());
  if (fault == Fault::kDisagreement) {
    out += "=== expected\n" + reference_plan(problem).text_with_reasons();
  } else if (fault == Fault::kProperty) {
    out += "=== " + base::join(testing::broken_properties(problem, plan), "\n");
  } else if (fault == Fault::kStranger) {
    out += "=== with a stranger\n" + planned(with_stranger(small)).text_with_reasons();
  } else if (fault == Fault::kOrder) {
    out += "=== reversed\n" + planned(reversed(small)).text_with_reasons();
  }
  return out;
}

// How much the problems ask, so that agreement about nothing would be seen.
struct Tally {
  std::int64_t problems = 0;
  std::map<Fault, std::int64_t> faults;
  std::size_t claims = 0;
  std::size_t on_claims = 0;
  std::size_t on_nodes = 0;
  std::size_t unplaced = 0;

  void count(const Draft& draft) {
    const BuiltProblem built = testing::build(draft);
    const Plan plan = compute_plan(built.problem());
    claims += plan.claims.size();
    for (const PlannedClaim& claim : plan.claims) {
      on_claims += claim.pods.size();
    }
    for (const ExistingPlacement& placement : plan.existing) {
      on_nodes += placement.pods.size();
    }
    unplaced += plan.unplaced.size();
  }

  std::int64_t wrong() const {
    return problems - (faults.contains(Fault::kNone) ? faults.at(Fault::kNone) : 0);
  }

  std::string text() {
    return base::concat(problems,
                        " problems: ",
                        on_claims,
                        " pods on ",
                        claims,
                        " claims, ",
                        on_nodes,
                        " on nodes, ",
                        unplaced,
                        " unplaced; ",
                        faults[Fault::kDisagreement],
                        " disagreements, ",
                        faults[Fault::kProperty],
                        " broken properties, ",
                        faults[Fault::kStranger] + faults[Fault::kOrder] + faults[Fault::kRepeat],
                        " unstable plans\n");
  }
};

Tally run_problems(std::int64_t first, std::int64_t count, std::int64_t step) {
  constexpr int kReports = 3;  // Of each kind.
  Tally tally;
  for (std::int64_t i = 0; i < count; i += step) {
    const Draft draft = testing::random_draft(static_cast<std::uint64_t>(first + i));
    const Fault fault = fault_of(draft);
    ++tally.problems;
    tally.count(draft);
    if (++tally.faults[fault] <= kReports && fault != Fault::kNone) {
      ADD_FAILURE() << report(draft, fault);
    }
  }
  return tally;
}

class Differential : public ::testing::TestWithParam<int> {};

// SCH-139..161, SCH-180..184, SCH-190..197, SCH-300..345: equal plans, claim by claim, and the
// properties hold.
TEST_P(Differential, PlannerAgreesWithTheReference) {
  Tally tally =
      run_problems(settings().first + GetParam(), settings().problems - GetParam(), kShards);
  std::cout << tally.text();
  EXPECT_EQ(tally.wrong(), 0);
}

INSTANTIATE_TEST_SUITE_P(Shards, Differential, ::testing::Range(0, kShards));

// SCH-139: the few that sanitizers have time for.
TEST(PlannerAndReference, AgreeOnAFewProblems) {
  EXPECT_EQ(run_problems(1, 300, 1).wrong(), 0);
}

}  // namespace

// Called by main with "NAME=VALUE".
void take_setting(std::string_view setting) {
  const auto [name, value] = base::split_once(setting, '=');
  const std::optional<std::int64_t> number = base::parse_int(value.value_or(""));
  if (name == "KARPENTER_PROBLEMS" && number) {
    settings().problems = *number;
  } else if (name == "KARPENTER_SEED" && number) {
    settings().first = *number;
    settings().problems = 1;
  } else if (name == "KARPENTER_REASONS") {
    settings().with_reasons = true;
  }
}

}  // namespace plan::reference

// Own main instead of GoogleTest's, because only it is handed the environment.
int main(int count, char** arguments, char** environment) {
  ::testing::InitGoogleTest(&count, arguments);
  for (char** entry = environment; *entry != nullptr; ++entry) {
    plan::reference::take_setting(*entry);
  }
  return RUN_ALL_TESTS();
}

// Times, durations, selectors, taints, cron, conditions and kinds.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "k8s/conditions.h"
#include "k8s/cron.h"
#include "k8s/kinds.h"
#include "k8s/selector.h"
#include "k8s/taints.h"
#include "k8s/time.h"

namespace k8s {
namespace {

TEST(Time, ReadsAndPrintsRfc3339) {
  EXPECT_EQ(*parse_time("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(*parse_time("2024-02-29T12:00:00+02:00"), *parse_time("2024-02-29T10:00:00Z"));
  EXPECT_EQ(format_time(*parse_time("1969-12-31T23:59:59.5Z")), "1969-12-31T23:59:59Z");
  EXPECT_EQ(format_micro_time(*parse_time("2024-05-01T01:02:03.1234567Z")),
            "2024-05-01T01:02:03.123456Z");
  for (const char* bad : {"",
                          "2024-13-01T00:00:00Z",
                          "2023-02-29T00:00:00Z",
                          "2024-01-01",
                          "2024-01-01T00:00:00",
                          "2024-01-01T24:00:00Z",
                          "2024-01-01T00:00:00.Z",
                          "9999-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_time(bad)) << bad;
  }
}

TEST(Duration, ReadsWhatGoReads) {
  // API-21
  EXPECT_EQ(*parse_duration("1h30m"), kHour + 30 * kMinute);
  EXPECT_EQ(*parse_duration("-1.5h"), -90 * kMinute);
  EXPECT_EQ(*parse_duration("300ms"), 300 * kMillisecond);
  EXPECT_EQ(*parse_duration("5s1h"), kHour + 5 * kSecond);
  EXPECT_EQ(*parse_duration("0"), 0);
  EXPECT_EQ(*parse_duration("1\xC2\xB5s"), 1000);
  for (const char* bad : {"", "1", "h", "1d", "-", ".s", "9999999h", "1h ", "1 h"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
}

TEST(Duration, PrintsAsGoPrints) {
  // API-22
  const std::map<DurationNs, std::string> vectors = {
      {0, "0s"},
      {30 * kSecond, "30s"},
      {20 * kMinute, "20m0s"},
      {48 * kHour, "48h0m0s"},
      {kHour + 30 * kMinute, "1h30m0s"},
      {1, "1ns"},
      {1500, "1.5\xC2\xB5s"},
      {300 * kMillisecond, "300ms"},
      {kSecond + kMillisecond, "1.001s"},
      {-90 * kMinute, "-1h30m0s"},
      {std::numeric_limits<DurationNs>::min(), "-2562047h47m16.854775808s"}};
  for (const auto& [value, text] : vectors) {
    EXPECT_EQ(format_duration(value), text);
    EXPECT_EQ(*parse_duration(text), value) << text;
  }
}

TEST(Duration, NeverIsNil) {
  // API-23
  EXPECT_EQ(*parse_nillable_duration("Never"), std::optional<DurationNs>());
  EXPECT_EQ(*parse_nillable_duration("1s"), std::optional<DurationNs>(kSecond));
  EXPECT_FALSE(parse_nillable_duration("never"));
}

bool selects(std::string_view selector, const StringMap& labels) {
  const auto terms = parse_label_selector(selector);
  EXPECT_TRUE(terms) << terms.error().detail;
  return terms && matches(*terms, labels);
}

TEST(LabelSelector, MatchesKubectlSelectors) {
  const StringMap labels = {{"app", "web"}, {"n", "5"}};
  for (const char* yes : {"",
                          "app",
                          "app=web",
                          "app==web",
                          "app!=db",
                          "app in (web, db)",
                          "app notin (db)",
                          "!other",
                          "app,n=5",
                          "n>4",
                          "n<6",
                          "other!=x",
                          " app = web , n "}) {
    EXPECT_TRUE(selects(yes, labels)) << yes;
  }
  for (const char* no : {"other",
                         "app=db",
                         "app!=web",
                         "app in (db)",
                         "app notin (web)",
                         "!app",
                         "n>5",
                         "app=",
                         "other in (x)"}) {
    EXPECT_FALSE(selects(no, labels)) << no;
  }
  for (const char* bad :
       {"=x", "a in", "a in (", "a in x", "a>b", "a b", ",a", "a,", "!", "a=b=c"}) {
    EXPECT_FALSE(parse_label_selector(bad)) << bad;
  }
}

TEST(LabelSelector, AbsentSelectsNothingAndEmptyAll) {
  EXPECT_FALSE(matches(std::optional<LabelSelector>(), {}));
  EXPECT_TRUE(matches(std::optional(LabelSelector()), {}));
}

TEST(FieldSelector, ParsesAndMatches) {
  const auto terms =
      parse_field_selector("metadata.name=a\\,b,status.phase!=Running,spec.nodeName==");
  ASSERT_TRUE(terms) << terms.error().detail;
  EXPECT_EQ(*terms,
            (std::vector<FieldTerm>{{"metadata.name", "a,b", false},
                                    {"status.phase", "Running", true},
                                    {"spec.nodeName", "", false}}));
  EXPECT_TRUE(matches(*terms, [](std::string_view path) -> std::string {
    return path == "metadata.name" ? "a,b" : "";
  }));
  EXPECT_FALSE(parse_field_selector("a"));
  EXPECT_FALSE(parse_field_selector("=a"));
}

TEST(Taints, AreToleratedByKubernetesRules) {
  // SCH-33
  const Taint taint{"k", "5", "NoSchedule", 0};
  EXPECT_TRUE(tolerates({"", "Exists", "", "", {}}, taint));
  EXPECT_TRUE(tolerates({"k", "", "5", "", {}}, taint));
  EXPECT_TRUE(tolerates({"k", "Gt", "4", "NoSchedule", {}}, taint));
  EXPECT_TRUE(tolerates({"k", "Lt", "6", "", {}}, taint));
  EXPECT_FALSE(tolerates({"k", "Gt", "5", "", {}}, taint));
  EXPECT_FALSE(tolerates({"k", "Lt", "x", "", {}}, taint));
  EXPECT_FALSE(tolerates({"k", "Exists", "", "NoExecute", {}}, taint));
  EXPECT_FALSE(tolerates({"k", "Equal", "6", "", {}}, taint));
}

TEST(Taints, EveryEffectMustBeTolerated) {
  // SCH-33
  const std::vector<Taint> taints = {{"a", "", "NoSchedule", 0}, {"b", "", "PreferNoSchedule", 0}};
  EXPECT_EQ(find_untolerated({{"a", "Exists", "", "", {}}}, taints), &taints[1]);
  EXPECT_EQ(find_untolerated({{"", "Exists", "", "", {}}}, taints), nullptr);
}

TEST(Taints, EphemeralOnesAreKnown) {
  // SCH-34
  EXPECT_TRUE(is_known_ephemeral({"node.kubernetes.io/not-ready", "x", "NoExecute", 0}));
  EXPECT_TRUE(is_known_ephemeral({"readiness.k8s.io/any", "", "PreferNoSchedule", 0}));
  EXPECT_FALSE(is_known_ephemeral({"node.kubernetes.io/unreachable", "", "NoExecute", 0}));
}

TEST(Taints, MergeKeepsTheLeft) {
  // SCH-37
  const auto merged = merge_taints({{"a", "1", "NoSchedule", 0}},
                                   {{"a", "2", "NoSchedule", 0}, {"a", "2", "NoExecute", 0}});
  ASSERT_EQ(merged.size(), 2U);
  EXPECT_EQ(taint_text(merged[0]), "a=1:NoSchedule");
  EXPECT_EQ(taint_text({"k", "", "NoExecute", 0}), "k:NoExecute");
}

std::string next_of(std::string_view schedule, std::string_view after) {
  const auto cron = Cron::parse(schedule);
  EXPECT_TRUE(cron) << cron.error().detail;
  const auto next = cron->next(*parse_time(after));
  return next ? format_time(*next) : "none";
}

TEST(Cron, FiresByTheFields) {
  // API-165
  EXPECT_EQ(next_of("* * * * *", "2024-01-01T00:00:00Z"), "2024-01-01T00:01:00Z");
  EXPECT_EQ(next_of("0 9 * * mon-fri", "2024-01-05T09:00:00Z"), "2024-01-08T09:00:00Z");
  EXPECT_EQ(next_of("*/15 0-6/2 * JAN ?", "2024-01-01T06:45:00Z"), "2024-01-02T00:00:00Z");
  EXPECT_EQ(next_of("50/5 1,3 * * *", "2024-01-01T01:55:00Z"), "2024-01-01T03:50:00Z");
  EXPECT_EQ(next_of("@yearly", "2024-01-01T00:00:00Z"), "2025-01-01T00:00:00Z");
  EXPECT_EQ(next_of("@weekly", "2024-01-01T00:00:00Z"), "2024-01-07T00:00:00Z");
  EXPECT_EQ(next_of("0 0 29 2 *", "2024-03-01T00:00:00Z"), "2028-02-29T00:00:00Z");
}

TEST(Cron, EitherDayIsEnoughWhenBothAreRestricted) {
  // API-166
  EXPECT_EQ(next_of("0 0 13 * fri", "2024-01-01T00:00:00Z"), "2024-01-05T00:00:00Z");
  EXPECT_EQ(next_of("0 0 */2 * sun", "2024-01-01T00:00:00Z"), "2024-01-03T00:00:00Z");
  EXPECT_EQ(next_of("0 0 * * sun", "2024-01-01T00:00:00Z"), "2024-01-07T00:00:00Z");
}

TEST(Cron, GivesUpAfterFiveYears) {
  // API-167
  EXPECT_EQ(next_of("0 0 30 2 *", "2024-01-01T00:00:00Z"), "none");
}

TEST(Cron, RefusesWithTheReason) {
  // API-168
  EXPECT_NE(Cron::parse("0 0 * * tue-mon")
                .error()
                .detail.find("beginning of range (2) beyond end of range (1)"),
            std::string::npos);
  for (const char* bad : {"",
                          "* * * *",
                          "* * * * * *",
                          "60 * * * *",
                          "* * 0 * *",
                          "* * * * 7",
                          "*/0 * * * *",
                          "@every 1h",
                          "TZ=UTC 0 0 * * *",
                          "a * * * *",
                          "-1 * * * *",
                          "1-2-3 * * * *",
                          "@Daily"}) {
    EXPECT_FALSE(Cron::parse(bad)) << bad;
  }
}

TEST(Conditions, MissingOnesAreAddedAsUnknownRootLast) {
  // LIF-9, API-133
  std::vector<Condition> conditions;
  ObjectMeta meta;
  meta.creation_time = 5;
  const ConditionSet set(conditions, Kind::kNodeClaim, meta);
  ASSERT_EQ(conditions.size(), 4U);
  EXPECT_EQ(conditions[0].type, "Launched");
  EXPECT_EQ(conditions[0].reason, "AwaitingReconciliation");
  EXPECT_EQ(conditions[0].last_transition, 5);
  EXPECT_EQ(conditions[3].type, "Ready");
}

TEST(Conditions, TransitionMovesOnlyWithTheStatus) {
  // LIF-10, API-134
  std::vector<Condition> conditions;
  const ObjectMeta meta;
  ConditionSet set(conditions, Kind::kNodeClaim, meta);
  EXPECT_TRUE(set.set_true("Launched", 10));
  EXPECT_FALSE(set.set_true("Launched", 20));
  EXPECT_EQ(find_condition(conditions, "Launched")->last_transition, 10);
  EXPECT_TRUE(set.set_false("Launched", "X", "m", 30));
  EXPECT_TRUE(set.set_false("Launched", "Y", "m", 40));
  EXPECT_EQ(find_condition(conditions, "Launched")->last_transition, 30);
}

TEST(Conditions, RootFollowsTheDependents) {
  // LIF-14, API-136, API-138
  std::vector<Condition> conditions;
  const ObjectMeta meta;
  ConditionSet set(conditions, Kind::kNodeClaim, meta);
  set.set_true("Launched", 1);
  EXPECT_EQ(find_condition(conditions, "Ready")->status, "Unknown");
  EXPECT_EQ(find_condition(conditions, "Ready")->reason, "ReconcilingDependents");
  set.set_false("Registered", "No", "no", 2);
  EXPECT_EQ(find_condition(conditions, "Ready")->message, "Registered=False, Initialized=Unknown");
  set.set_true("Registered", 3);
  set.set_true("Initialized", 4);
  EXPECT_TRUE(is_true(conditions, "Ready"));
  EXPECT_EQ(find_condition(conditions, "Ready")->reason, "Ready");
  set.set_true("Drifted", 5);
  EXPECT_EQ(conditions.back().type, "Ready");
  EXPECT_TRUE(set.clear("Drifted"));
  EXPECT_FALSE(set.clear("Drifted"));
}

TEST(Conditions, RootStandsAloneAndComesLast) {
  // API-136, API-137, API-139
  std::vector<Condition> conditions;
  const ObjectMeta meta;
  ConditionSet set(conditions, Kind::kNodeOverlay, meta);
  set.set_false("ValidationSucceeded", "RuntimeValidation", "m", 5);
  set.set_true("Ready", 6);
  EXPECT_TRUE(is_true(conditions, "Ready"));
  EXPECT_EQ(find_condition(conditions, "Ready")->reason, "Ready");
  set.set_true("Other", 7);
  EXPECT_EQ(find_condition(conditions, "Ready")->reason, "UnhealthyDependents");
  ASSERT_EQ(conditions.size(), 3U);
  EXPECT_EQ(conditions[0].type, "ValidationSucceeded");
  EXPECT_EQ(conditions[1].type, "Other");
  EXPECT_EQ(conditions[2].type, "Ready");
  EXPECT_TRUE(set.clear("Other"));
  EXPECT_EQ(conditions[0].type, "Ready");
}

TEST(Conditions, AnOldGenerationIsNotHealthy) {
  // API-138, API-145
  std::vector<Condition> conditions;
  ObjectMeta meta;
  meta.generation = 1;
  {
    ConditionSet set(conditions, Kind::kNodePool, meta);
    set.set_true("ValidationSucceeded", 1);
    set.set_false("NodeClassReady", "NodeClassNotFound", "m", 2);
  }
  EXPECT_EQ(find_condition(conditions, "Ready")->status, "False");
  meta.generation = 2;
  ConditionSet set(conditions, Kind::kNodePool, meta);
  set.set_true("ValidationSucceeded", 3);
  EXPECT_EQ(find_condition(conditions, "Ready")->status, "Unknown");
  EXPECT_EQ(find_condition(conditions, "Ready")->message, "NodeClassReady=False");
}

TEST(Conditions, EachKindHasItsDependents) {
  // API-76, LIF-15
  EXPECT_TRUE(dependent_conditions(Kind::kKWOKNodeClass).empty());
  EXPECT_EQ(dependent_conditions(Kind::kNodeClaim).size(), 3U);
  const auto ec2 = dependent_conditions(Kind::kEC2NodeClass);
  EXPECT_EQ(ec2.size(), 7U);
  for (const std::string_view type : {"PlacementGroupReady", "CapacityReservationsReady"}) {
    EXPECT_NE(std::ranges::find(ec2, type), ec2.end()) << type;
  }
}

TEST(Conditions, DeletionRefreshesTheOthers) {
  // LIF-11, API-135
  std::vector<Condition> conditions;
  ObjectMeta meta;
  ConditionSet set(conditions, Kind::kNodeClaim, meta);
  meta.generation = 7;
  meta.deletion_time = 1;
  set.set_true("InstanceTerminating", 2);
  EXPECT_EQ(find_condition(conditions, "Launched")->observed_generation, 7);
}

TEST(Kinds, AreFoundByAnyName) {
  // API-1
  EXPECT_EQ(find_kind("karpenter.sh/v1", "NodePool"), Kind::kNodePool);
  EXPECT_EQ(find_kind("karpenter.sh/v1beta1", "NodePool"), std::nullopt);
  EXPECT_EQ(find_resource("apps", "v1", "deployments"), Kind::kDeployment);
  EXPECT_EQ(find_kind_by_alias("ec2nc"), Kind::kEC2NodeClass);
  EXPECT_EQ(find_kind_by_alias("Deployments.apps"), Kind::kDeployment);
  EXPECT_EQ(find_kind_by_alias("pods.apps"), std::nullopt);
  EXPECT_EQ(api_version(Kind::kLease), "coordination.k8s.io/v1");
}

}  // namespace
}  // namespace k8s

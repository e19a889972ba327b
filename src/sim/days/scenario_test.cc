// Scenario documents: what is read, and what is refused and where.
#include "sim/days/scenario.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "sim/days/calendar.h"

namespace sim::days {
namespace {

constexpr std::string_view kHead =
    "apiVersion: simulate/v1\n"
    "kind: Scenario\n"
    "metadata: {name: a-day}\n"
    "spec:\n";

base::Result<Scenario> parse(std::string_view spec) {
  const std::string text = base::concat(kHead, spec);
  const auto manifests = k8s::read_manifests(text, "day.yaml");
  if (!manifests) {
    return base::fail(manifests.error());
  }
  return parse_scenario(manifests->front(), text);
}

std::string refusal(std::string_view spec) {
  const auto scenario = parse(spec);
  return scenario ? "" : scenario.error().detail;
}

TEST(Scenario, ReadsWorkloadsAndWeather) {
  const auto scenario = parse(R"(
  days: 2
  deployments:
    - name: web
      pod: {cpu: 500m, memory: 1Gi, spec: {nodeSelector: {a: b}}}
      curve: {"08:00": 10, "20:00": 30}
      releases: ["11:00", "2 15:30"]
      disruptionBudget: {maxUnavailable: 1}
  jobs:
    - name: render
      pod: {cpu: 2, memory: 4Gi}
      perHour: 6
      hours: {from: "22:00", to: "06:00"}
      duration: 10m
      p95Duration: 1h
  cloud:
    insufficientCapacity: [{from: "09:00", to: "10:00", zones: [us-east-1a]}]
    imageReleases: ["19:00"]
)");
  ASSERT_TRUE(scenario.has_value()) << scenario.error().detail;
  EXPECT_EQ(scenario->title, "a-day");
  EXPECT_EQ(scenario->days, 2);
  const DeploymentPlan& web = scenario->deployments.at(0);
  EXPECT_EQ(web.pod.spec, R"({"nodeSelector":{"a":"b"}})");
  EXPECT_EQ(web.max_unavailable, "1");
  EXPECT_EQ(web.releases.at(1).day, 2);
  EXPECT_EQ(scenario->jobs.at(0).pod.cpu, "2");
  EXPECT_EQ(scenario->jobs.at(0).p95, k8s::kHour);
  EXPECT_EQ(scenario->shortages.at(0).what.zones, std::vector<std::string>{"us-east-1a"});
}

TEST(Scenario, RefusalsNameFileLineAndField) {
  EXPECT_EQ(refusal("  days: 2\n  dayz: 3\n").substr(0, 41),
            "day.yaml:6: spec.dayz: unknown field; kno");
  EXPECT_EQ(refusal("  deployments:\n"
                    "    - name: web\n"
                    "      pod: {cpu: lots, memory: 1Gi}\n"
                    "      replicas: 1\n"),
            "day.yaml:7: spec.deployments[0].pod.cpu: expected a quantity like 500m, 2 or 4Gi");
}

TEST(Scenario, EveryProblemIsTold) {
  const std::string text = refusal("  days: 0\n  step: 1s\n  start: yesterday\n");
  EXPECT_TRUE(text.contains("spec.days: expected a number of at least 1")) << text;
  EXPECT_TRUE(text.contains("spec.step: expected from 10s to 1h")) << text;
  EXPECT_TRUE(text.contains("spec.start: expected a time like")) << text;
}

struct Bad {
  std::string_view spec;
  std::string_view says;
};

class BadScenario : public testing::TestWithParam<Bad> {};

TEST_P(BadScenario, IsRefused) {
  const std::string text = refusal(GetParam().spec);
  EXPECT_TRUE(text.contains(GetParam().says)) << text;
}

INSTANTIATE_TEST_SUITE_P(
    Documents,
    BadScenario,
    testing::Values(
        Bad{"  days: 61\n", "spec.days: at most 60"},
        Bad{"  start: 2026-01-05T10:00:00Z\n", "spec.start: expected midnight"},
        Bad{"  manifests: pools.yaml\n", "spec.manifests: expected a list"},
        Bad{"  deployments: [{name: Web, replicas: 1}]\n", "expected a name"},
        Bad{"  deployments: [{name: a, pod: {cpu: 1, memory: 1Gi}}]\n", "say either curve or"},
        Bad{"  deployments: [{name: a, replicas: 1, curve: {\"01:00\": 2}}]\n", "say either"},
        Bad{"  deployments: [{name: a, curve: {\"25:00\": 2}}]\n", "curve.25:00: expected a time"},
        Bad{"  deployments: [{name: a, curve: {}}]\n  days: x\n", "spec.days"},
        Bad{"  deployments: [{name: a, replicas: 1000000}]\n", "at most 50000 replicas"},
        Bad{"  deployments: [{name: a, replicas: 1, copies: 3}]\n", "needs a pod"},
        Bad{"  deployments: [{name: a, replicas: 1, releases: [11]}]\n", "expected text"},
        Bad{"  deployments: [{name: a, replicas: 1}, {name: a, replicas: 2}]\n",
            "spec.deployments[1].name: there is another"},
        Bad{"  deployments: [{name: a, replicas: 1, noise: 2}]\n", "expected a number from 0 to 1"},
        Bad{"  jobs: [{name: j, pod: {cpu: 1, memory: 1}, perHour: 1}]\n", "duration: is missing"},
        Bad{"  jobs: [{name: j, pod: {cpu: 1, memory: 1}, duration: 5m}]\n", "say when the job"},
        Bad{"  jobs: [{name: j, pod: {cpu: 1, memory: 1}, perHour: 1, duration: 5m, "
            "p95Duration: 1m}]\n",
            "is shorter than duration"},
        Bad{"  jobs: [{name: j, pod: {cpu: 1, memory: 1}, at: [\"1:00\"], duration: 5m}]\n",
            "jobs[0].at[0]: expected a time in quotes"},
        Bad{"  cloud: {spotReclaims: [{at: \"02:00\", share: 3}]}\n", "from 0 to 1"},
        Bad{"  cloud: {insufficientCapacity: [{from: \"02:00\"}]}\n", "[0].to: expected a time"}));

TEST(Scenario, OtherVersionsAreRefused) {
  const std::string text = "apiVersion: simulate/v2\nkind: Scenario\nspec: {}\n";
  const auto manifests = k8s::read_manifests(text, "day.yaml");
  ASSERT_TRUE(is_scenario(manifests->front()));
  EXPECT_EQ(parse_scenario(manifests->front(), text).error().detail,
            "day.yaml:1: apiVersion: expected simulate/v1");
}

TEST(Curve, IsStraightBetweenPointsAndRoundMidnight) {
  const std::vector<CurvePoint> curve{{.of_day = 6 * k8s::kHour, .value = 10},
                                      {.of_day = 18 * k8s::kHour, .value = 34}};
  EXPECT_DOUBLE_EQ(value_at(curve, 6 * k8s::kHour), 10);
  EXPECT_DOUBLE_EQ(value_at(curve, 9 * k8s::kHour), 16);
  EXPECT_DOUBLE_EQ(value_at(curve, 21 * k8s::kHour), 28);
  EXPECT_DOUBLE_EQ(value_at(curve, 0), 22);
  EXPECT_DOUBLE_EQ(value_at({{.of_day = 0, .value = 7}}, 5 * k8s::kHour), 7);
}

TEST(Pattern, StarsStandForAnything) {
  EXPECT_TRUE(matches_pattern("m7g.*", "m7g.large"));
  EXPECT_TRUE(matches_pattern("*.large", "m7g.large"));
  EXPECT_TRUE(matches_pattern("m*g*e", "m7g.large"));
  EXPECT_FALSE(matches_pattern("m7g", "m7g.large"));
  EXPECT_FALSE(matches_pattern("*.metal", "m7g.large"));
}

TEST(Calendar, NightWindowsReachIntoTheNextDay) {
  const Calendar calendar{.start = 0, .days = 2};
  const auto windows = calendar.windows(
      {.from = {.day = 0, .of_day = 22 * k8s::kHour}, .to = {.day = 0, .of_day = 6 * k8s::kHour}});
  ASSERT_EQ(windows.size(), 2U);
  EXPECT_EQ(windows[0].to, k8s::kDay + 6 * k8s::kHour);
  EXPECT_EQ(calendar.moments({.day = 2, .of_day = k8s::kHour}),
            std::vector<k8s::TimeNs>{k8s::kDay + k8s::kHour});
}

TEST(Calendar, KnowsWeekends) {
  const auto at = [](std::string_view text) { return *k8s::parse_time(text); };
  EXPECT_FALSE(is_weekend(at("2026-01-05T00:00:00Z")));
  EXPECT_FALSE(is_weekend(at("2026-01-09T23:59:59Z")));
  EXPECT_TRUE(is_weekend(at("2026-01-10T00:00:00Z")));
  EXPECT_TRUE(is_weekend(at("2026-01-11T23:00:00Z")));
}

}  // namespace
}  // namespace sim::days

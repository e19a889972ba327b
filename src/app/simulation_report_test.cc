// What simulated days look like: the stable JSON, the table, the page.
#include "app/simulation_report.h"

#include <gtest/gtest.h>

#include "app/simulation_page.h"
#include "app/time_chart.h"

namespace app {
namespace {

SimulationOutcome outcome() {
  sim::days::Report report;
  report.title = "A <day>";
  report.days = 1;
  report.seed = 7;
  report.step = 5 * k8s::kMinute;
  report.cost = 12.5;
  report.cost_by_capacity_type = {{"spot", 12.5}};
  report.evictions = {{"Underutilized", 30}, {"Drifted", 4}};
  report.waits = {.pods = 2, .p50 = 50 * k8s::kMillisecond, .p90 = 0, .p99 = 41 * k8s::kSecond};
  report.samples = {{.nodes = 2, .price = 1}, {.nodes = 3, .price = 1.5, .pods = 9, .pending = 1}};
  report.decisions = {
      {.at = 0, .what = "replace", .reason = "Empty", .text = "a & b", .savings = 1}};
  return {.report = std::move(report)};
}

TEST(SimulationReport, JsonHasTheDocumentedFields) {
  const std::string text = to_json(outcome());
  for (const char* part : {"\"dollars\": 12.5",
                           "\"consolidation\": 30",
                           "\"p99\": 41",
                           "\"pendingPods\": [",
                           "\"time\": \"1970-01-01T00:00:00Z\""}) {
    EXPECT_TRUE(text.contains(part)) << part << "\n" << text;
  }
  EXPECT_FALSE(text.contains("baseline"));
}

TEST(SimulationReport, TheBaselineSaysWhatADollarTakes) {
  SimulationOutcome both = outcome();
  both.baseline = both.report;
  both.baseline->cost = 22.5;
  both.baseline->evictions = {{"Drifted", 4}};
  const Worth worth = worth_of(both);
  EXPECT_DOUBLE_EQ(worth.saved, 10);
  EXPECT_EQ(worth.more_evictions, 30);
  EXPECT_DOUBLE_EQ(worth.evictions_per_dollar.value_or(0), 3);
  both.baseline->cost = 12.5;
  EXPECT_FALSE(worth_of(both).evictions_per_dollar.has_value());
  EXPECT_TRUE(to_json(both).contains("\"evictionsPerDollarSaved\": null"));
}

TEST(SimulationReport, TheTableHasTheSums) {
  const std::string text = to_table(outcome());
  EXPECT_TRUE(text.contains("cost        $12.50, spot $12.50")) << text;
  EXPECT_TRUE(text.contains("waiting     p50 50ms, p90 0s, p99 41s")) << text;
  EXPECT_TRUE(text.contains("evictions   34 (4 Drifted, 30 Underutilized)")) << text;
}

TEST(SimulationPage, IsSelfContainedAndEscaped) {
  const std::string page = to_page(outcome());
  EXPECT_TRUE(page.contains("A &lt;day&gt;"));
  EXPECT_TRUE(page.contains("a &amp; b"));
  EXPECT_FALSE(page.contains("src="));
  EXPECT_FALSE(page.contains("href="));
  EXPECT_TRUE(page.contains("role=\"img\" aria-label=\"Price of the fleet: between $1.00"));
}

TEST(TimeChart, AxesHaveRoundSteps) {
  EXPECT_DOUBLE_EQ(round_step(4, 4), 1);
  EXPECT_DOUBLE_EQ(round_step(7.3, 4), 2);
  EXPECT_DOUBLE_EQ(round_step(1'000, 4), 250);
  EXPECT_DOUBLE_EQ(round_step(0.03, 4), 0.01);
}

}  // namespace
}  // namespace app

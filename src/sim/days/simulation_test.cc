// Simulated days, small ones: what they count, and that a seed repeats them.
#include "sim/days/simulation.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace sim::days {
namespace {

constexpr std::string_view kClass = R"({
  "apiVersion": "karpenter.k8s.aws/v1", "kind": "EC2NodeClass", "metadata": {"name": "default"},
  "spec": {"role": "node", "amiSelectorTerms": [{"alias": "al2023@latest"}],
    "subnetSelectorTerms": [{"tags": {"karpenter.sh/discovery": "demo"}}],
    "securityGroupSelectorTerms": [{"tags": {"karpenter.sh/discovery": "demo"}}]}})";

std::string pool(std::string_view capacity_type) {
  return base::concat(R"({"apiVersion": "karpenter.sh/v1", "kind": "NodePool",
  "metadata": {"name": "default"}, "spec": {"disruption": {"consolidateAfter": "30s"},
  "template": {"spec": {
    "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"},
    "requirements": [
      {"key": "karpenter.k8s.aws/instance-category", "operator": "In", "values": ["c", "m"]},
      {"key": "karpenter.k8s.aws/instance-cpu", "operator": "Lt", "values": ["9"]},
      {"key": "karpenter.sh/capacity-type", "operator": "In", "values": [")",
                      capacity_type,
                      R"("]}]}}}})");
}

DeploymentPlan web() {
  DeploymentPlan plan;
  plan.name = "web";
  plan.pod = {.cpu = "900m", .memory = "1Gi", .labels = {}, .annotations = {}};
  plan.curve = {{.of_day = 0, .value = 4}, {.of_day = 12 * k8s::kHour, .value = 16}};
  return plan;
}

Simulation one_day(std::string_view capacity_type = "on-demand") {
  Simulation simulation;
  simulation.scenario.start = *k8s::parse_time("2026-01-05T00:00:00Z");
  simulation.scenario.deployments = {web()};
  simulation.manifests = {std::string(kClass), pool(capacity_type)};
  return simulation;
}

Report play(const Simulation& simulation) {
  auto report = simulate(simulation);
  EXPECT_TRUE(report.has_value()) << (report ? "" : report.error().detail);
  return report.value_or(Report{});
}

TEST(SimulatedDay, ADailyRhythmGrowsAndShrinksTheFleet) {
  const Report report = play(one_day());
  EXPECT_EQ(report.samples.size(), 288U);
  EXPECT_GE(report.most_pods, 16U);
  EXPECT_GT(report.samples[144].nodes, report.samples[2].nodes);
  EXPECT_GT(report.samples[144].price, report.samples[287].price);
  EXPECT_EQ(report.still_pending, 0U);
  EXPECT_GT(report.waits.p99, report.waits.p50);
  EXPECT_FALSE(report.decisions.empty());
  double sum = 0;  // The price over time is the cost.
  for (const Sample& sample : report.samples) {
    sum += sample.price / 12;
  }
  EXPECT_NEAR(sum, report.cost, 1e-6 * report.cost);
}

TEST(SimulatedDay, SameSeedSameReport) {
  Simulation simulation = one_day("spot");
  simulation.scenario.deployments[0].noise = 0.2;
  simulation.scenario.interruptions_per_node_day = 4;
  const Report a = play(simulation);
  const Report b = play(simulation);
  EXPECT_EQ(a.cost, b.cost);
  EXPECT_EQ(a.evictions, b.evictions);
  ASSERT_EQ(a.decisions.size(), b.decisions.size());
  for (std::size_t i = 0; i < a.decisions.size(); ++i) {
    EXPECT_EQ(a.decisions[i].text, b.decisions[i].text);
    EXPECT_EQ(a.decisions[i].at, b.decisions[i].at);
  }
  simulation.seed = 2;
  EXPECT_NE(play(simulation).cost, a.cost);
}

TEST(SimulatedDay, ConsolidationMovesPodsAndSaysWhatItSaves) {
  Simulation simulation = one_day();
  simulation.scenario.deployments[0].curve[1].value = 60;
  simulation.scenario.deployments[0].noise = 0.1;
  const Report report = play(simulation);
  EXPECT_GT(report.consolidation_savings(), 0);
  EXPECT_GT(report.consolidation_evictions(), 0U);
  EXPECT_TRUE(report.methods.contains("single") || report.methods.contains("multi"));
}

TEST(SimulatedDay, ReleasedImagesRollEveryNode) {
  // AWI-333, DIS-193
  Simulation simulation = one_day();
  simulation.scenario.image_releases = {{.day = 0, .of_day = 14 * k8s::kHour}};
  const Report report = play(simulation);
  EXPECT_GE(report.methods.at("drift").nodes, 2U);
  EXPECT_GT(report.evictions.at("Drifted"), 0U);
}

TEST(SimulatedDay, InterruptionsMovePods) {
  Simulation simulation = one_day("spot");
  simulation.scenario.reclaims = {{.at = {.day = 0, .of_day = 12 * k8s::kHour}}};
  const Report report = play(simulation);
  EXPECT_GT(report.evictions.at("Interruption"), 0U);
  EXPECT_EQ(report.still_pending, 0U);
}

TEST(SimulatedDay, ShortagesMakePodsWait) {
  Simulation simulation = one_day();
  simulation.scenario.shortages = {{.when = {.from = {.day = 0, .of_day = 8 * k8s::kHour},
                                             .to = {.day = 0, .of_day = 11 * k8s::kHour}}}};
  const Report report = play(simulation);
  EXPECT_GT(report.waits.longest, k8s::kHour);
  EXPECT_EQ(report.still_pending, 0U);
}

TEST(SimulatedDay, JobsRunAndAreTidiedAway) {
  Simulation simulation = one_day();
  simulation.scenario.deployments.clear();
  JobPlan job;
  job.name = "render";
  job.pod = {.cpu = "1", .memory = "1Gi", .labels = {}, .annotations = {}};
  job.at = {{.day = 0, .of_day = 2 * k8s::kHour}};
  job.fewest_pods = job.most_pods = 10;
  job.median = job.p95 = 20 * k8s::kMinute;
  simulation.scenario.jobs = {job};
  const Report report = play(simulation);
  EXPECT_EQ(report.pods_started, 10U);
  EXPECT_EQ(report.samples.back().pods, 0);
  EXPECT_EQ(report.samples.back().nodes, 0);
  EXPECT_NEAR(report.samples[27].pods, 10, 0.5);
}

TEST(SimulatedDay, RefusedWorkloadsAreNamed) {
  Simulation simulation = one_day();
  simulation.scenario.deployments[0].pod.spec = R"({"tolerations": 3})";
  const auto report = simulate(simulation);
  ASSERT_FALSE(report.has_value());
  EXPECT_TRUE(report.error().detail.contains("deployment web")) << report.error().detail;
  simulation = one_day();
  simulation.scenario.deployments[0].is_given = true;
  EXPECT_TRUE(simulate(simulation).error().detail.contains("is not among the manifests"));
}

}  // namespace
}  // namespace sim::days

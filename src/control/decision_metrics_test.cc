#include "control/decision_metrics.h"

#include <gtest/gtest.h>

#include "control/disruption_metrics.h"
#include "world/world_testing.h"

namespace control {
namespace {

using disrupt::Method;

std::string text_of(const MetricChanges& changes) {
  runtime::Metrics metrics;
  for (const runtime::MetricChange& change : changes) {
    metrics.apply(change, {});
  }
  return metrics.text({});
}

disrupt::Command command_of(Method method, std::vector<std::string> pools) {
  disrupt::Command command;
  command.method = method;
  for (const std::string& pool : pools) {
    auto row = std::make_shared<world::PoolRow>();
    row->pool = std::make_shared<const k8s::NodePool>(world::testing::make_pool(pool));
    disrupt::Candidate candidate;
    candidate.pool = std::move(row);
    command.candidates.push_back(std::move(candidate));
  }
  return command;
}

bool has(const std::string& text, std::string_view line) {
  return text.find(std::string(line) + "\n") != std::string::npos;
}

TEST(DecisionMetrics, ACommandCountsOnceAndOncePerPool) {
  // DIS-181
  MetricChanges changes;
  count_decision(command_of(Method::kMultiNode, {"a", "b", "a"}), changes);
  const std::string text = text_of(changes);
  EXPECT_TRUE(has(text,
                  R"(karpenter_voluntary_disruption_decisions_total{decision="delete",)"
                  R"(reason="underutilized",consolidation_type="multi"} 1)"))
      << text;
  for (const std::string_view pool : {"a", "b"}) {
    EXPECT_TRUE(has(text,
                    "karpenter_voluntary_disruption_decisions_by_nodepool_total{nodepool=\"" +
                        std::string(pool) +
                        R"(",decision="delete",reason="underutilized",)"
                        R"(consolidation_type="multi"} 1)"));
  }
}

TEST(DecisionMetrics, DriftHasNoConsolidationType) {
  // DIS-181
  EXPECT_EQ(disrupt::consolidation_type_of(Method::kDrift), "");
  MetricChanges changes;
  count_rejection(command_of(Method::kSingleNode, {"a"}), changes);
  count_failure(command_of(Method::kDrift, {"a"}), 2, changes);
  const std::string text = text_of(changes);
  EXPECT_TRUE(has(text,
                  "karpenter_voluntary_disruption_failed_validations_total{"
                  "consolidation_type=\"single\"} 1"));
  EXPECT_TRUE(has(text,
                  R"(karpenter_voluntary_disruption_queue_failures_total{decision="delete",)"
                  R"(reason="drifted",consolidation_type=""} 2)"));
}

TEST(DecisionMetrics, SearchesOfMillisecondsAndOfMinutesAreToldApart) {
  // DIS-9, DIS-180
  MetricChanges changes;
  count_evaluation(Method::kEmptiness, std::chrono::seconds(17), changes);
  const std::string text = text_of(changes);
  std::string bounds;
  for (std::size_t at = text.find("le=\""); at != std::string::npos; at = text.find("le=\"", at)) {
    at += 4;
    bounds += text.substr(at, text.find('"', at) - at) + " ";
  }
  EXPECT_EQ(bounds,
            "0.005 0.01 0.025 0.05 0.1 0.15 0.2 0.25 0.3 0.35 0.4 0.45 0.5 0.6 0.7 0.8 0.9 1 1.25 "
            "1.5 1.75 2 2.5 3 3.5 4 4.5 5 6 7 8 9 10 15 20 25 30 40 50 60 120 150 300 450 600 "
            "+Inf ");
  EXPECT_TRUE(text.contains(R"(consolidation_type="empty",le="15"} 0)"));
  EXPECT_TRUE(text.contains(R"(consolidation_type="empty",le="20"} 1)"));
}

TEST(DisruptionMetrics, ClaimsCountByReasonPolicyAndMode) {
  // OPR-64, DIS-182, DIS-183
  k8s::NodeClaim claim = world::testing::make_claim("c");
  claim.meta.labels["karpenter.sh/capacity-type"] = "spot";
  claim.spec.termination_grace_period = 5;
  act::Effect effect;
  count_disruption(
      effect, claim, {.reason = "empty", .policy = "WhenEmptyOrUnderutilized", .pods = 3});
  const std::string labels =
      R"({reason="empty",nodepool="default",capacity_type="spot",)"
      R"(consolidation_policy="when_empty_or_underutilized",termination_mode="eventual"} )";
  const std::string text = text_of(effect.metrics);
  EXPECT_TRUE(has(text, "karpenter_nodeclaims_disrupted_total" + labels + "1"));
  EXPECT_TRUE(has(text, "karpenter_pods_disruption_initiated_total" + labels + "3"));
}

}  // namespace
}  // namespace control

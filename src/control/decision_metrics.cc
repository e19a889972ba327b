#include "control/decision_metrics.h"

#include <algorithm>
#include <set>
#include <string>

#include "base/text.h"
#include "control/metrics.h"
#include "world/names.h"

namespace control {

namespace {

std::string label_of(disrupt::Method method) {
  return base::to_lower(disrupt::reason_of(method));
}

}  // namespace

void count_findings(disrupt::Method method,
                    const disrupt::Findings& findings,
                    MetricChanges& changes) {
  changes.emplace_back(metric::kEligibleNodes,
                       runtime::LabelValues{label_of(method)},
                       static_cast<double>(findings.eligible));
  for (const disrupt::Scoring& scoring : findings.scorings) {
    const auto labels = [&](bool is_approved) {
      return runtime::LabelValues{
          is_approved ? "approved" : "rejected", scoring.pool, scoring.policy};
    };
    changes.emplace_back(metric::kConsolidationMoves, labels(scoring.is_move_approved));
    if (scoring.is_scored) {  // DIS-130: the pool's own decision.
      changes.emplace_back(
          metric::kConsolidationScore, labels(scoring.is_approved), scoring.score.value);
    }
  }
}

void count_evaluation(disrupt::Method method, base::Duration took, MetricChanges& changes) {
  changes.emplace_back(
      metric::kDecisionEvaluationDuration,
      runtime::LabelValues{label_of(method), std::string(disrupt::consolidation_type_of(method))},
      base::to_seconds(took));
}

void count_unpriced(const std::vector<std::string>& before,
                    const std::vector<std::string>& now,
                    MetricChanges& changes) {
  for (const std::string& one : now) {
    if (!std::ranges::binary_search(before, one)) {
      changes.emplace_back(metric::kCostTrackerErrors,
                           runtime::LabelValues{std::string(base::split_once(one, ':').before)});
    }
  }
}

void count_decision(const disrupt::Command& command, MetricChanges& changes) {
  const std::string decision(command.decision());
  const std::string reason = label_of(command.method);
  const std::string type(disrupt::consolidation_type_of(command.method));
  changes.emplace_back(metric::kDisruptionDecisions, runtime::LabelValues{decision, reason, type});
  std::set<std::string> pools;
  for (const disrupt::Candidate& candidate : command.candidates) {
    pools.insert(candidate.pool_name());
  }
  for (const std::string& pool : pools) {
    changes.emplace_back(metric::kDisruptionDecisionsByPool,
                         runtime::LabelValues{pool, decision, reason, type});
  }
}

void count_rejection(const disrupt::Command& command, MetricChanges& changes) {
  changes.emplace_back(
      metric::kFailedValidations,
      runtime::LabelValues{std::string(disrupt::consolidation_type_of(command.method))},
      static_cast<double>(command.candidates.size()));
}

// Better than upstream, which writes the decision where the type belongs (spec 05 B.1).
void count_failure(const disrupt::Command& command, std::size_t unready, MetricChanges& changes) {
  changes.emplace_back(
      metric::kDisruptionQueueFailures,
      runtime::LabelValues{std::string(command.decision()),
                           label_of(command.method),
                           std::string(disrupt::consolidation_type_of(command.method))},
      static_cast<double>(unready));
}

runtime::MetricChange replacement_created(const disrupt::Command& command,
                                          const k8s::NodeClaim& claim) {
  const std::string* relaxed = claim.meta.annotation(world::kMinValuesRelaxedAnnotation);
  const std::string* pool = claim.meta.label(world::kPoolLabel);
  return {metric::kNodeClaimsCreated,
          {label_of(command.method),
           pool != nullptr ? *pool : std::string(),
           relaxed != nullptr ? *relaxed : "false"}};
}

}  // namespace control

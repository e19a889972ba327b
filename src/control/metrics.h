// What the controllers count: names, labels and buckets of the metrics that change when something
// happens (spec 05 B.1, 03 s11, 04 s17). They are upstream's, to the letter. Gauges that follow
// from the state of the cluster are in ops/cluster_metrics.h.
//
//   effect.metrics.push_back({metric::kPodsDrained, {reason}});      // When it went well.
//   step.metrics.push_back({metric::kNodesDrained, {pool}});         // At once.
//
// Thread rule: constants.
#pragma once

#include <array>
#include <string_view>

#include "runtime/metrics.h"

namespace control::metric {

using runtime::MetricFacts;
using enum runtime::MetricType;

namespace detail {

// OPR-61
inline constexpr std::array kDurations{0.005, 0.01, 0.025, 0.05, 0.1,   0.15,  0.2,   0.25,  0.3,
                                       0.35,  0.4,  0.45,  0.5,  0.6,   0.7,   0.8,   0.9,   1.0,
                                       1.25,  1.5,  1.75,  2.0,  2.5,   3.0,   3.5,   4.0,   4.5,
                                       5.0,   6.0,  7.0,   8.0,  9.0,   10.0,  15.0,  20.0,  25.0,
                                       30.0,  40.0, 50.0,  60.0, 120.0, 150.0, 300.0, 450.0, 600.0};
inline constexpr std::array kDefault{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0};
inline constexpr std::array kPowers11{
    1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0};
inline constexpr std::array kPowers12{
    1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0};
// 15, 30, 45 minutes; 1, 2, 4, 6, 8, 10, 12, 16, 20 hours; 1, 2, 3, 5, 10, 15, 20, 25, 30 days.
inline constexpr std::array kLifetimes{
    900.0,    1800.0,   2700.0,   3600.0,    7200.0,    14400.0,   21600.0,
    28800.0,  36000.0,  43200.0,  57600.0,   72000.0,   86400.0,   172800.0,
    259200.0, 432000.0, 864000.0, 1296000.0, 1728000.0, 2160000.0, 2592000.0};
inline constexpr std::array kScores{0.1, 0.25, 0.33, 0.5, 1.0, 2.0, 5.0, 10.0};

template <typename... Names>
constexpr auto names(Names... texts) {
  return std::array<std::string_view, sizeof...(Names)>{std::string_view(texts)...};
}

inline constexpr auto kReasonNodepoolMinValuesRelaxedLabels =
    names("reason", "nodepool", "min_values_relaxed");
inline constexpr auto kNodepoolCapacityTypeZoneLabels = names("nodepool", "capacity_type", "zone");
inline constexpr auto kReasonNodepoolCapacityTypeConsolidationPolicyTerminationModeLabels =
    names("reason", "nodepool", "capacity_type", "consolidation_policy", "termination_mode");
inline constexpr auto kConditionNodepoolCapacityTypeImageIdLabels =
    names("condition", "nodepool", "capacity_type", "image_id");
inline constexpr auto kNodepoolLabels = names("nodepool");
inline constexpr auto kNodepoolZoneLabels = names("nodepool", "zone");
inline constexpr auto kCodeLabels = names("code");
inline constexpr auto kReasonLabels = names("reason");
inline constexpr auto kNodepoolReasonLabels = names("nodepool", "reason");
inline constexpr auto kReasonConsolidationTypeLabels = names("reason", "consolidation_type");
inline constexpr auto kDecisionReasonConsolidationTypeLabels =
    names("decision", "reason", "consolidation_type");
inline constexpr auto kNodepoolDecisionReasonConsolidationTypeLabels =
    names("nodepool", "decision", "reason", "consolidation_type");
inline constexpr auto kConsolidationTypeLabels = names("consolidation_type");
inline constexpr auto kDecisionNodepoolPolicyLabels = names("decision", "nodepool", "policy");
inline constexpr auto kControllerLabels = names("controller");
inline constexpr auto kControllerSchedulingIdLabels = names("controller", "scheduling_id");
inline constexpr auto kControllerZoneLabels = names("controller", "zone");
inline constexpr auto kControllerMethodProviderLabels = names("controller", "method", "provider");
inline constexpr auto kControllerMethodProviderErrorLabels =
    names("controller", "method", "provider", "error");

}  // namespace detail

inline constexpr MetricFacts kNodeClaimsCreated{"karpenter_nodeclaims_created_total",
                                                kCounter,
                                                "NodeClaims that were created.",
                                                detail::kReasonNodepoolMinValuesRelaxedLabels};
inline constexpr MetricFacts kNodeClaimsTerminated{"karpenter_nodeclaims_terminated_total",
                                                   kCounter,
                                                   "NodeClaims that are gone.",
                                                   detail::kNodepoolCapacityTypeZoneLabels};
inline constexpr MetricFacts kNodeClaimsDisrupted{
    "karpenter_nodeclaims_disrupted_total",
    kCounter,
    "NodeClaims that were deleted by us, and why.",
    detail::kReasonNodepoolCapacityTypeConsolidationPolicyTerminationModeLabels};
inline constexpr MetricFacts kPodsDisruptionInitiated{
    "karpenter_pods_disruption_initiated_total",
    kCounter,
    "Pods that have to move because their NodeClaim was deleted by us.",
    detail::kReasonNodepoolCapacityTypeConsolidationPolicyTerminationModeLabels};
inline constexpr MetricFacts kNodeClaimsUnhealthyDisrupted{
    "karpenter_nodeclaims_unhealthy_disrupted_total",
    kCounter,
    "NodeClaims that node repair deleted.",
    detail::kConditionNodepoolCapacityTypeImageIdLabels};
inline constexpr MetricFacts kInstanceTerminationDuration{
    "karpenter_nodeclaims_instance_termination_duration_seconds",
    kHistogram,
    "From the order to terminate an instance until it is gone.",
    detail::kNodepoolLabels,
    detail::kPowers11};
inline constexpr MetricFacts kClaimTerminationDuration{
    "karpenter_nodeclaims_termination_duration_seconds",
    kHistogram,
    "From the deletion of a NodeClaim until it is gone.",
    detail::kNodepoolLabels,
    detail::kPowers12};
inline constexpr MetricFacts kNodesCreated{"karpenter_nodes_created_total",
                                           kCounter,
                                           "Nodes that registered.",
                                           detail::kNodepoolZoneLabels};
inline constexpr MetricFacts kNodesTerminated{"karpenter_nodes_terminated_total",
                                              kCounter,
                                              "Nodes that are gone.",
                                              detail::kNodepoolZoneLabels};
inline constexpr MetricFacts kNodeTerminationDuration{
    "karpenter_nodes_termination_duration_seconds",
    kSummary,
    "From the deletion of a Node until it is gone.",
    detail::kNodepoolLabels};
inline constexpr MetricFacts kNodesDrained{
    "karpenter_nodes_drained_total", kCounter, "Nodes that were drained.", detail::kNodepoolLabels};
inline constexpr MetricFacts kNodeLifetime{"karpenter_nodes_lifetime_duration_seconds",
                                           kHistogram,
                                           "Age of Nodes when they are gone.",
                                           detail::kNodepoolLabels,
                                           detail::kLifetimes};
inline constexpr MetricFacts kPodsStartupDuration{"karpenter_pods_startup_duration_seconds",
                                                  kSummary,
                                                  "From the creation of a pod until it is ready.",
                                                  {}};
inline constexpr MetricFacts kPodsBoundDuration{"karpenter_pods_bound_duration_seconds",
                                                kHistogram,
                                                "From the creation of a pod until it is bound.",
                                                {},
                                                detail::kDurations};
inline constexpr MetricFacts kPodsProvisioningBoundDuration{
    "karpenter_pods_provisioning_bound_duration_seconds",
    kHistogram,
    "From the first plan with room for a pod until it is bound.",
    {},
    detail::kDurations};
inline constexpr MetricFacts kPodsProvisioningStartupDuration{
    "karpenter_pods_provisioning_startup_duration_seconds",
    kHistogram,
    "From the first plan with room for a pod until it is ready.",
    {},
    detail::kDurations};
inline constexpr MetricFacts kPodsDecisionDuration{
    "karpenter_pods_scheduling_decision_duration_seconds",
    kHistogram,
    "From the first sight of a pod until the first decision about it.",
    {},
    detail::kDurations};
inline constexpr MetricFacts kEvictionRequests{
    "karpenter_pods_eviction_requests_total",
    kCounter,
    "Evictions that were asked for, by HTTP code of the answer.",
    detail::kCodeLabels};
inline constexpr MetricFacts kPodsDrained{
    "karpenter_pods_drained_total",
    kCounter,
    "Pods that were evicted, by the reason of the disruption.",
    detail::kReasonLabels};
inline constexpr MetricFacts kCostTrackerErrors{"karpenter_nodepools_cost_tracker_errors_total",
                                                kCounter,
                                                "Machines whose price is not known.",
                                                detail::kNodepoolLabels};
inline constexpr MetricFacts kAllowedDisruptions{
    "karpenter_nodepools_allowed_disruptions",
    kGauge,
    "Nodes that the budgets of a NodePool allow to go.",
    detail::kNodepoolReasonLabels};
inline constexpr MetricFacts kNodesConsumingBudgets{
    "karpenter_nodepools_nodes_consuming_budgets",
    kGauge,
    "Nodes that count against the budgets of a NodePool.",
    detail::kNodepoolReasonLabels};
inline constexpr MetricFacts kDecisionEvaluationDuration{
    "karpenter_voluntary_disruption_decision_evaluation_duration_seconds",
    kHistogram,
    "Duration of a search for nodes to disrupt.",
    detail::kReasonConsolidationTypeLabels,
    detail::kDurations};
inline constexpr MetricFacts kDisruptionDecisions{"karpenter_voluntary_disruption_decisions_total",
                                                  kCounter,
                                                  "Decisions to disrupt nodes.",
                                                  detail::kDecisionReasonConsolidationTypeLabels};
inline constexpr MetricFacts kDisruptionDecisionsByPool{
    "karpenter_voluntary_disruption_decisions_by_nodepool_total",
    kCounter,
    "Decisions to disrupt nodes, by NodePool.",
    detail::kNodepoolDecisionReasonConsolidationTypeLabels};
inline constexpr MetricFacts kEligibleNodes{"karpenter_voluntary_disruption_eligible_nodes",
                                            kGauge,
                                            "Nodes that may be disrupted.",
                                            detail::kReasonLabels};
inline constexpr MetricFacts kConsolidationTimeouts{
    "karpenter_voluntary_disruption_consolidation_timeouts_total",
    kCounter,
    "Searches for consolidation that ran out of time.",
    detail::kConsolidationTypeLabels};
inline constexpr MetricFacts kFailedValidations{
    "karpenter_voluntary_disruption_failed_validations_total",
    kCounter,
    "Candidates whose consolidation was not valid any more.",
    detail::kConsolidationTypeLabels};
inline constexpr MetricFacts kDisruptionQueueFailures{
    "karpenter_voluntary_disruption_queue_failures_total",
    kCounter,
    "Replacements that did not become ready.",
    detail::kDecisionReasonConsolidationTypeLabels};
inline constexpr MetricFacts kConsolidationScore{"karpenter_consolidation_score",
                                                 kHistogram,
                                                 "Scores of the balanced policy.",
                                                 detail::kDecisionNodepoolPolicyLabels,
                                                 detail::kScores};
inline constexpr MetricFacts kConsolidationMoves{"karpenter_consolidation_moves_total",
                                                 kCounter,
                                                 "Consolidation moves that were judged.",
                                                 detail::kDecisionNodepoolPolicyLabels};
inline constexpr MetricFacts kSchedulingDuration{"karpenter_scheduler_scheduling_duration_seconds",
                                                 kHistogram,
                                                 "Duration of a plan.",
                                                 detail::kControllerLabels,
                                                 detail::kDurations};
inline constexpr MetricFacts kQueueDepth{"karpenter_scheduler_queue_depth",
                                         kGauge,
                                         "Pods that a plan has still to place.",
                                         detail::kControllerSchedulingIdLabels};
inline constexpr MetricFacts kUnfinishedWork{"karpenter_scheduler_unfinished_work_seconds",
                                             kGauge,
                                             "Age of the plan under way.",
                                             detail::kControllerSchedulingIdLabels};
inline constexpr MetricFacts kIgnoredPods{
    "karpenter_scheduler_ignored_pods_count", kGauge, "Pods that cannot be planned for.", {}};
inline constexpr MetricFacts kUnschedulablePods{"karpenter_scheduler_unschedulable_pods_count",
                                                kGauge,
                                                "Pods for which there is no room.",
                                                detail::kControllerLabels};
inline constexpr MetricFacts kPendingPodsByZone{
    "karpenter_scheduler_pending_pods_by_effective_zone_count",
    kGauge,
    "Pending pods by the zone that they wait for.",
    detail::kControllerZoneLabels};
inline constexpr MetricFacts kCloudDuration{"karpenter_cloudprovider_duration_seconds",
                                            kHistogram,
                                            "Duration of calls to the cloud.",
                                            detail::kControllerMethodProviderLabels,
                                            detail::kDefault};
inline constexpr MetricFacts kCloudErrors{"karpenter_cloudprovider_errors_total",
                                          kCounter,
                                          "Calls to the cloud that failed.",
                                          detail::kControllerMethodProviderErrorLabels};

// Every one of them, for documentation and tests.
inline constexpr std::array kAll{
    &kNodeClaimsCreated,
    &kNodeClaimsTerminated,
    &kNodeClaimsDisrupted,
    &kPodsDisruptionInitiated,
    &kNodeClaimsUnhealthyDisrupted,
    &kInstanceTerminationDuration,
    &kClaimTerminationDuration,
    &kNodesCreated,
    &kNodesTerminated,
    &kNodeTerminationDuration,
    &kNodesDrained,
    &kNodeLifetime,
    &kPodsStartupDuration,
    &kPodsBoundDuration,
    &kPodsProvisioningBoundDuration,
    &kPodsProvisioningStartupDuration,
    &kPodsDecisionDuration,
    &kEvictionRequests,
    &kPodsDrained,
    &kCostTrackerErrors,
    &kAllowedDisruptions,
    &kNodesConsumingBudgets,
    &kDecisionEvaluationDuration,
    &kDisruptionDecisions,
    &kDisruptionDecisionsByPool,
    &kEligibleNodes,
    &kConsolidationTimeouts,
    &kFailedValidations,
    &kDisruptionQueueFailures,
    &kConsolidationScore,
    &kConsolidationMoves,
    &kSchedulingDuration,
    &kQueueDepth,
    &kUnfinishedWork,
    &kIgnoredPods,
    &kUnschedulablePods,
    &kPendingPodsByZone,
    &kCloudDuration,
    &kCloudErrors,
};

}  // namespace control::metric

#include "ops/object_metrics.h"

#include <gtest/gtest.h>

#include "ops/pod_metrics.h"

#include "control/metrics.h"
#include "world/world_testing.h"

namespace ops {
namespace {

using namespace world::testing;
namespace metric = control::metric;

constexpr k8s::TimeNs kSecond = 1'000'000'000;

struct Bed {
  runtime::Metrics metrics;
  std::vector<act::PublishEvent> events;
  ObjectMetrics objects{metrics,
                        {.class_label = "karpenter.kwok.sh/kwoknodeclass"},
                        [this](act::PublishEvent event) { events.push_back(std::move(event)); }};
  int version = 0;

  template <typename T>
  void see(T object, k8s::TimeNs now = kNow, k8s::EventOp op = k8s::EventOp::kModified) {
    object.meta.resource_version = std::to_string(++version);
    const k8s::Kind kind = object.kind;
    objects.on_event({kind, op, std::make_shared<const T>(std::move(object))}, now, {});
  }

  bool has(std::string_view line) const {
    return metrics.text({}).find(std::string(line) + "\n") != std::string::npos;
  }
};

constexpr std::string_view kClaimTransitions =
    "operator_nodeclaim_status_condition_transitions_total";

TEST(ObjectMetrics, FirstSightCountsButTellsNothing) {
  // OPR-73
  Bed bed;
  bed.see(make_launched_claim("c1"));
  EXPECT_TRUE(bed.has(std::string(kClaimTransitions) +
                      R"({type="Launched",status="True",reason="Launched",)"
                      R"(karpenter_kwok_sh_kwoknodeclass="",karpenter_sh_nodepool="default"} 1)"));
  EXPECT_TRUE(bed.has(R"(operator_status_condition_transitions_total{group="karpenter.sh",)"
                      R"(kind="NodeClaim",type="Launched",status="True",reason="Launched"} 1)"));
  EXPECT_TRUE(bed.events.empty());
}

TEST(ObjectMetrics, TransitionIsMeasuredUnderTheOldStatusAndTold) {
  // OPR-72, OPR-73
  Bed bed;
  k8s::NodeClaim claim = make_claim("c1");
  set_condition(claim.status.conditions, "Registered", "Unknown", kNow);
  bed.see(claim);
  set_condition(claim.status.conditions, "Registered", "True", kNow + 3 * kSecond);
  claim.status.conditions.back().message = "well";
  bed.see(claim);
  EXPECT_TRUE(bed.has(R"(operator_nodeclaim_status_condition_transition_seconds_bucket{)"
                      R"(type="Registered",status="Unknown",karpenter_kwok_sh_kwoknodeclass="",)"
                      R"(karpenter_sh_nodepool="default",le="4"} 1)"));
  ASSERT_EQ(bed.events.size(), 1U);
  EXPECT_EQ(bed.events[0].reason, "Registered");
  EXPECT_EQ(bed.events[0].type, "Normal");
  EXPECT_EQ(bed.events[0].message,
            "Status condition transitioned, Type: Registered, Status: Unknown -> True, Reason: "
            "Registered, Message: well");
}

TEST(ObjectMetrics, AWatchThatLagsBehindOurOwnWritesTellsNothing) {
  // OPR-73
  Bed bed;
  k8s::NodeClaim claim = make_claim("c1");
  set_condition(claim.status.conditions, "Launched", "Unknown");
  bed.version = 10;
  bed.see(claim);
  set_condition(claim.status.conditions, "Launched", "True");
  bed.see(claim);
  set_condition(claim.status.conditions, "Launched", "Unknown");
  bed.version = 9;
  bed.see(claim);
  EXPECT_EQ(bed.events.size(), 1U);
}

TEST(ObjectMetrics, NodesHaveNoDeprecatedTwin) {
  // OPR-70
  Bed bed;
  bed.see(make_ready_node("c1"));
  const std::string text = bed.metrics.text({});
  EXPECT_NE(text.find("operator_node_status_condition_transitions_total{"), std::string::npos);
  EXPECT_EQ(text.find("operator_status_condition_transitions_total{"), std::string::npos);
}

TEST(ObjectMetrics, CountsLivesOfClaims) {
  Bed bed;
  k8s::NodeClaim claim = make_claim("c1");
  claim.meta.labels["topology.kubernetes.io/zone"] = "a";
  claim.meta.labels["karpenter.sh/capacity-type"] = "spot";
  set_condition(claim.status.conditions, "Registered", "Unknown");
  bed.see(claim);
  set_condition(claim.status.conditions, "Registered", "True");
  bed.see(claim);
  claim.meta.deletion_time = kNow;
  set_condition(claim.status.conditions, "Drained", "True");
  set_condition(claim.status.conditions, "InstanceTerminating", "True", kNow + 7 * kSecond);
  bed.see(claim);
  bed.see(claim);
  bed.see(claim, kNow + 10 * kSecond, k8s::EventOp::kDeleted);
  EXPECT_EQ(bed.metrics.at(metric::kNodesCreated, {"default", "a"}).value(), 1);
  EXPECT_EQ(bed.metrics.at(metric::kNodesDrained, {"default"}).value(), 1);
  EXPECT_EQ(bed.metrics.at(metric::kNodeClaimsTerminated, {"default", "spot", "a"}).value(), 1);
  EXPECT_EQ(bed.metrics.at(metric::kClaimTerminationDuration, {"default"}).sum(), 10);
  EXPECT_EQ(bed.metrics.at(metric::kInstanceTerminationDuration, {"default"}).sum(), 3);
  EXPECT_TRUE(bed.has(R"(operator_termination_duration_seconds_sum{group="karpenter.sh",)"
                      R"(kind="NodeClaim"} 10)"));
  EXPECT_EQ(bed.events.back().message, "Finalized karpenter.sh/termination");
}

TEST(ObjectMetrics, AClaimThatIsRegisteredWhenFirstSeenIsNotCounted) {
  Bed bed;
  k8s::NodeClaim claim = make_claim("c1");
  set_condition(claim.status.conditions, "Registered", "True");
  bed.see(claim);
  EXPECT_EQ(bed.metrics.find(metric::kNodesCreated, {"default", ""}), nullptr);
}

TEST(ObjectMetrics, CountsLivesOfOurNodesOnly) {
  Bed bed;
  k8s::Node node = make_ready_node("c1");
  node.meta.creation_time = kNow - 3600 * kSecond;
  node.meta.deletion_time = kNow;
  bed.see(node, kNow + 5 * kSecond, k8s::EventOp::kDeleted);
  node.meta.labels.erase(std::string(world::kPoolLabel));
  bed.see(node, kNow + 5 * kSecond, k8s::EventOp::kDeleted);
  EXPECT_EQ(bed.metrics.at(metric::kNodesTerminated, {"default", ""}).value(), 1);
  EXPECT_EQ(bed.metrics.find(metric::kNodesTerminated, {"", ""}), nullptr);
  EXPECT_EQ(bed.metrics.at(metric::kNodeTerminationDuration, {"default"}).sum(), 5);
  EXPECT_EQ(bed.metrics.at(metric::kNodeLifetime, {"default"}).sum(), 3605);
}

struct PodBed {
  runtime::Metrics metrics;
  PodMetrics pods{metrics, true};

  void see(const k8s::Pod& pod, k8s::TimeNs now, k8s::EventOp op = k8s::EventOp::kModified) {
    pods.on_event({k8s::Kind::kPod, op, std::make_shared<const k8s::Pod>(pod)}, now, {});
  }

  // A plan that has room for the pod.
  void plan_for(const k8s::Pod& pod, k8s::TimeNs now) {
    world::World world;
    put(world, pod);
    plan::Plan plan;
    plan.existing.push_back({.node = 0, .pods = {*world.find_pod("default", pod.meta.name)}});
    pods.on_plan(*world.snapshot(now), plan, now);
  }

  std::string page(k8s::TimeNs now) const {
    runtime::MetricWriter out;
    pods.write(out, now);
    return out.text();
  }
};

TEST(PodMetrics, MeasureTheWayFromPendingToReady) {
  // OPR-66, OPR-67
  PodBed bed;
  k8s::Pod pod = make_pod("web");
  bed.see(pod, kNow);
  set_condition(pod.status.conditions, "PodScheduled", "False");
  pod.status.conditions.back().reason = "Unschedulable";
  bed.see(pod, kNow + 1 * kSecond);
  EXPECT_NE(bed.page(kNow + 2 * kSecond)
                .find("karpenter_pods_provisioning_scheduling_undecided_time_seconds{name=\"web\","
                      "namespace=\"default\"} 1\n"),
            std::string::npos);
  bed.plan_for(pod, kNow + 3 * kSecond);
  bed.plan_for(pod, kNow + 4 * kSecond);
  EXPECT_EQ(bed.page(kNow + 5 * kSecond).find("undecided"), std::string::npos);
  pod.spec.node_name = "n";
  set_condition(pod.status.conditions, "PodScheduled", "True", kNow + 10 * kSecond);
  bed.see(pod, kNow + 11 * kSecond);
  bed.see(pod, kNow + 12 * kSecond);
  const std::string page = bed.page(kNow + 20 * kSecond);
  EXPECT_EQ(page.find("karpenter_pods_unbound_time_seconds"), std::string::npos);
  EXPECT_NE(page.find("karpenter_pods_unstarted_time_seconds{name=\"web\",namespace=\"default\"} "
                      "20\n"),
            std::string::npos);
  set_condition(pod.status.conditions, "Ready", "True", kNow + 30 * kSecond);
  bed.see(pod, kNow + 31 * kSecond);
  EXPECT_EQ(bed.metrics.at(metric::kPodsDecisionDuration).sum(), 2);
  EXPECT_EQ(bed.metrics.at(metric::kPodsDecisionDuration).count(), 1U);
  EXPECT_EQ(bed.metrics.at(metric::kPodsBoundDuration).sum(), 10);
  EXPECT_EQ(bed.metrics.at(metric::kPodsBoundDuration).count(), 1U);
  EXPECT_EQ(bed.metrics.at(metric::kPodsProvisioningBoundDuration).sum(), 7);
  EXPECT_EQ(bed.metrics.at(metric::kPodsStartupDuration).sum(), 30);
  EXPECT_EQ(bed.metrics.at(metric::kPodsProvisioningStartupDuration).sum(), 27);
  EXPECT_EQ(bed.pods.size(), 0U);
}

TEST(PodMetrics, PodsThatRunAlreadyOrEndAreNobodysWait) {
  // OPR-67
  PodBed bed;
  k8s::Pod running = make_pod("old", "n");
  set_condition(running.status.conditions, "Ready", "True");
  bed.see(running, kNow);
  k8s::Pod failed = make_pod("web");
  bed.see(failed, kNow);
  failed.status.phase = "Failed";
  bed.see(failed, kNow + kSecond);
  k8s::Pod deleted = make_pod("gone");
  bed.see(deleted, kNow);
  bed.see(deleted, kNow, k8s::EventOp::kDeleted);
  EXPECT_EQ(bed.pods.size(), 0U);
  EXPECT_EQ(bed.metrics.text({}), "");
}

}  // namespace
}  // namespace ops

#include "plan/buffers.h"

#include <gtest/gtest.h>

#include "plan/pods_testing.h"

namespace plan::testing {
namespace {

struct BufferScene {
  Scene scene;
  std::shared_ptr<k8s::CapacityBuffer> buffer = std::make_shared<k8s::CapacityBuffer>();
  std::shared_ptr<k8s::PodTemplateObject> pods = std::make_shared<k8s::PodTemplateObject>();

  BufferScene() {
    scene.pool("default");
    pods->meta.namespace_ = "default";
    pods->meta.name = "template";
    pods->meta.generation = 4;
    pods->pod_template.labels = {{"app", "spare"}};
    pods->pod_template.annotations = {{"not", "copied"}};
    pods->pod_template.spec.containers.emplace_back().resources.requests = resources("1", "1Gi");
    pods->pod_template.spec.node_name = "somewhere";
    pods->pod_template.spec.volumes = {{.name = "data", .claim_name = "pvc"},
                                       {.name = "scratch", .claim_name = "", .ephemeral = true},
                                       {.name = "config", .claim_name = ""}};
    buffer->meta.namespace_ = "default";
    buffer->meta.name = "spare";
    buffer->meta.uid = "uid";
    buffer->pod_template = "template";
    buffer->status_replicas = 2;
    buffer->conditions = {{.type = "ReadyForProvisioning", .status = "True"}};
  }

  BufferedSnapshot buffered() {
    scene.build();
    auto snapshot = std::make_shared<world::Snapshot>(scene.snapshot());
    snapshot->capacity_buffers.push_back(buffer);
    snapshot->pod_templates.push_back(pods);
    return add_virtual_pods(snapshot);
  }

  Plan plan(const BufferedSnapshot& with) {
    const Candidates candidates = find_candidates(*with.snapshot, scene.options);
    return compute_plan(
        {.snapshot = *with.snapshot, .pods = candidates.pods, .options = scene.options});
  }

  BufferOutcome outcome() {
    const BufferedSnapshot with = buffered();
    return buffer_outcomes(*with.snapshot, plan(with)).at(0);
  }
};

TEST(Buffers, AReadyBufferStandsForItsReplicas) {
  // SCH-281, LIF-186, LIF-187
  BufferScene cluster;
  const BufferedSnapshot with = cluster.buffered();
  ASSERT_EQ(with.pods.size(), 2U);
  const k8s::Pod& pod = *with.snapshot->pods[with.pods[1]].pod;
  EXPECT_EQ(pod.meta.name, "capacity-buffer-spare-2");
  EXPECT_EQ(pod.meta.uid, "uid-2");
  EXPECT_EQ(pod.meta.namespace_, "default");
  EXPECT_EQ(pod.meta.labels.at("app"), "spare");
  EXPECT_EQ(pod.meta.annotations,
            (k8s::StringMap{{"karpenter.sh/capacity-buffer-fake-pod", "true"},
                            {"karpenter.sh/capacity-buffer-name", "spare"},
                            {"karpenter.sh/capacity-buffer-namespace", "default"}}));
  EXPECT_EQ(pod.spec.priority, -2147483648);
  EXPECT_EQ(pod.spec.node_name, "");
  ASSERT_EQ(pod.spec.volumes.size(), 1U);
  EXPECT_EQ(pod.spec.volumes[0].name, "config");
  EXPECT_EQ(pod.status.phase, "");
  EXPECT_TRUE(is_provisionable(pod));
  EXPECT_TRUE(is_virtual(pod));
}

TEST(Buffers, OnlyReadyBuffersThatReferToATemplateCount) {
  // SCH-280, LIF-185
  const auto pods_of = [](auto change) {
    BufferScene cluster;
    change(*cluster.buffer);
    return cluster.buffered().pods.size();
  };
  EXPECT_EQ(pods_of([](auto&) {}), 2U);
  EXPECT_EQ(pods_of([](auto& b) { b.conditions.clear(); }), 0U);
  EXPECT_EQ(pods_of([](auto& b) { b.status_replicas = 0; }), 0U);
  EXPECT_EQ(pods_of([](auto& b) { b.status_replicas.reset(); }), 0U);
  EXPECT_EQ(pods_of([](auto& b) { b.pod_template.reset(); }), 0U);
  EXPECT_EQ(pods_of([](auto& b) { b.pod_template = "gone"; }), 0U);
}

TEST(Buffers, TheWorldsSnapshotStaysAsItIs) {
  BufferScene cluster;
  cluster.scene.pod("real");
  cluster.scene.build();
  auto snapshot = std::make_shared<world::Snapshot>(cluster.scene.snapshot());
  EXPECT_EQ(add_virtual_pods(snapshot).snapshot, snapshot);
  snapshot->capacity_buffers.push_back(cluster.buffer);
  snapshot->pod_templates.push_back(cluster.pods);
  const BufferedSnapshot with = add_virtual_pods(snapshot);
  EXPECT_EQ(snapshot->pods.size(), 1U);
  EXPECT_EQ(with.snapshot->pods.size(), 3U);
}

TEST(Buffers, NewClaimsAreMadeForThem) {
  // SCH-285, SCH-284
  BufferScene cluster;
  const BufferOutcome outcome = cluster.outcome();
  EXPECT_EQ(outcome.fresh, 2);
  EXPECT_EQ(outcome.provisioning->status, "False");
  EXPECT_EQ(outcome.provisioning->reason, "RequiresNewCapacity");
  EXPECT_EQ(outcome.provisioning->message, "2/2 virtual pods required new capacity, 0 failed");
}

TEST(Buffers, RoomOnANodeIsRoomEnough) {
  // SCH-283, SCH-284
  BufferScene cluster;
  cluster.scene.node("node-1", "default", "test-zone-1").provider_id = "cloud:///1";
  const BufferedSnapshot with = cluster.buffered();
  const Plan plan = cluster.plan(with);
  const BufferOutcome outcome = buffer_outcomes(*with.snapshot, plan).at(0);
  EXPECT_EQ(outcome.existing, 2);
  EXPECT_EQ(outcome.provisioning->status, "True");
  EXPECT_EQ(outcome.provisioning->reason, "FitsExistingCapacity");
  EXPECT_EQ(outcome.provisioning->message, "All 2 virtual pods fit on existing capacity");
  EXPECT_EQ(buffered_machines(*with.snapshot, plan),
            (std::map<std::string, std::int64_t>{{"cloud:///1", 2}}));
}

TEST(Buffers, ConditionsOfBuffersWithoutPods) {
  // SCH-284
  BufferScene cluster;
  cluster.buffer->status_replicas = 0;
  EXPECT_EQ(cluster.outcome().provisioning->reason, "BufferEmpty");
  cluster.buffer->conditions.clear();
  EXPECT_EQ(cluster.outcome().provisioning->reason, "NotReadyForProvisioning");
  cluster.buffer->conditions = {{.type = "ReadyForProvisioning", .status = "True"}};
  cluster.buffer->status_replicas = 3;
  cluster.buffer->pod_template = "gone";
  EXPECT_EQ(cluster.outcome().provisioning, std::nullopt);
}

TEST(Buffers, PodsThatFitNowhereAreCounted) {
  // SCH-284
  BufferScene cluster;
  cluster.pods->pod_template.spec.containers[0].resources.requests = resources("1000", "1Gi");
  EXPECT_EQ(cluster.outcome().provisioning->message,
            "0/2 virtual pods required new capacity, 2 failed");
}

TEST(Buffers, RealPodsGetTheRoomFirst) {
  // SCH-282, improved: a large virtual pod does not take what is left of a node.
  BufferScene cluster;
  cluster.scene.node("node-1", "default", "test-zone-1");
  cluster.pods->pod_template.spec.containers[0].resources.requests = resources("3", "1Gi");
  pods(cluster.scene, "real").cpu("2");
  const BufferedSnapshot with = cluster.buffered();
  const Plan plan = cluster.plan(with);
  ASSERT_EQ(plan.existing.size(), 1U);
  ASSERT_EQ(plan.existing[0].pods.size(), 1U);
  EXPECT_EQ(with.snapshot->pods[plan.existing[0].pods[0]].pod->meta.name, "real");
}

TEST(Buffers, SelectorsOfTheTemplateHold) {
  // SCH-282
  BufferScene cluster;
  cluster.pods->pod_template.spec.node_selector[kZone] = "test-zone-2";
  const BufferedSnapshot with = cluster.buffered();
  const Plan plan = cluster.plan(with);
  ASSERT_EQ(plan.claims.size(), 1U);
  EXPECT_EQ(requirement(plan.claims[0].claim(), kZone)->values,
            std::vector<std::string>{"test-zone-2"});
}

TEST(BufferResolution, TemplatesAndWorkloads) {
  // LIF-179, LIF-180, LIF-181, LIF-182
  BufferScene cluster;
  cluster.scene.build();
  world::Snapshot snapshot = cluster.scene.snapshot();
  snapshot.pod_templates.push_back(cluster.pods);
  auto deployment = std::make_shared<k8s::Workload>(k8s::Kind::kDeployment);
  deployment->meta.namespace_ = "default";
  deployment->meta.name = "web";
  deployment->replicas = 10;
  snapshot.workloads.push_back(deployment);
  k8s::CapacityBuffer& buffer = *cluster.buffer;
  buffer.replicas = 3;
  const BufferResolution of_template = resolve_buffer(snapshot, buffer);
  EXPECT_EQ(of_template.pod_template, &cluster.pods->pod_template);
  EXPECT_EQ(of_template.generation, 4);
  EXPECT_EQ(of_template.replicas, 3);
  EXPECT_EQ(of_template.ready.reason, "Resolved");

  buffer.pod_template = "gone";
  EXPECT_EQ(resolve_buffer(snapshot, buffer).ready.reason, "PodTemplateNotFound");
  EXPECT_TRUE(resolve_buffer(snapshot, buffer).is_missing);
  buffer.pod_template.reset();
  EXPECT_EQ(resolve_buffer(snapshot, buffer).ready.message,
            "Neither podTemplateRef nor scalableRef is set");

  buffer.scalable = k8s::ScalableRef{.api_group = "apps", .kind = "Deployment", .name = "web"};
  EXPECT_EQ(resolve_buffer(snapshot, buffer).pod_template, &deployment->pod_template);
  buffer.scalable->name = "gone";
  EXPECT_EQ(resolve_buffer(snapshot, buffer).ready.reason, "ScalableRefNotFound");
  buffer.scalable->kind = "Job";
  EXPECT_EQ(resolve_buffer(snapshot, buffer).ready.message, "unsupported kind \"Job\"");
  buffer.scalable->api_group = "batch";
  EXPECT_EQ(resolve_buffer(snapshot, buffer).ready.message,
            "unsupported scalableRef API group \"batch\"");
}

struct Count {
  std::optional<std::int32_t> replicas;
  std::optional<std::int32_t> percentage;
  std::int64_t scaled;
  std::string cpu_limit;  // Of pods with 1 CPU each; "": none.
  std::int32_t expected;
};

TEST(BufferResolution, Counts) {
  // LIF-183, API-72
  const Count table[] = {
      {7, {}, 0, "", 7},
      {10, {}, 0, "3", 3},
      {3, {}, 0, "100", 3},
      {{}, {}, 0, "5", 5},
      {{}, 20, 10, "", 2},
      {2, 50, 10, "", 5},
      {8, 50, 10, "", 8},
      {8, 50, 10, "4", 4},
      {{}, 10, 1, "", 1},
      {{}, 0, 10, "", 0},
      {{}, 200, 3, "", 6},
      {{}, 20, 0, "5", 0},
      {{}, {}, 10, "", 0},
      {0, {}, 0, "", 0},
      {{}, {}, 0, "0.5", 0},
  };
  for (const Count& row : table) {
    world::Snapshot snapshot;
    auto workload = std::make_shared<k8s::Workload>(k8s::Kind::kStatefulSet);
    workload->meta.name = "db";
    workload->replicas = row.scaled;
    workload->pod_template.spec.containers.emplace_back().resources.requests =
        resources("1", "1Gi");
    snapshot.workloads.push_back(workload);
    k8s::CapacityBuffer buffer;
    buffer.scalable = k8s::ScalableRef{.api_group = "", .kind = "StatefulSet", .name = "db"};
    buffer.replicas = row.replicas;
    buffer.percentage = row.percentage;
    if (!row.cpu_limit.empty()) {
      buffer.limits.emplace().set("cpu", *k8s::Quantity::parse(row.cpu_limit));
    }
    EXPECT_EQ(resolve_buffer(snapshot, buffer).replicas, row.expected) << &row - table;
  }
}

TEST(BufferResolution, LimitsBearOnWhatPodsAskFor) {
  // LIF-183
  const auto q = [](const char* text) { return *k8s::Quantity::parse(text); };
  EXPECT_EQ(replicas_within({{"cpu", q("3500m")}}, {{"cpu", q("1")}}), 3);
  EXPECT_EQ(replicas_within({{"cpu", q("8")}, {"memory", q("3Gi")}},
                            {{"cpu", q("1")}, {"memory", q("1Gi")}}),
            3);
  EXPECT_EQ(replicas_within({{"memory", q("3Gi")}}, {{"cpu", q("1")}}), std::nullopt);
  EXPECT_EQ(replicas_within({{"cpu", q("3")}}, {}), std::nullopt);
}

}  // namespace
}  // namespace plan::testing

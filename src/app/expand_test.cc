#include "app/expand.h"

#include <gtest/gtest.h>

#include "k8s/codec.h"
#include "k8s/workload.h"

namespace app {
namespace {

std::shared_ptr<k8s::Workload> workload(k8s::Kind kind, const std::string& name, int replicas) {
  auto result = std::make_shared<k8s::Workload>(kind);
  result->meta.name = name;
  result->meta.namespace_ = "default";
  result->replicas = replicas;
  result->parallelism = replicas;
  result->completions = replicas;
  result->pod_template.labels["app"] = name;
  return result;
}

std::vector<const k8s::Pod*> pods(const std::vector<k8s::ObjectPtr>& objects) {
  std::vector<const k8s::Pod*> result;
  for (const k8s::ObjectPtr& object : objects) {
    if (object->kind == k8s::Kind::kPod) {
      result.push_back(&k8s::as<k8s::Pod>(*object));
    }
  }
  return result;
}

TEST(Expand, NamesPodsByIndexAndSpacesThemOneSecondApart) {
  ClusterInput input;
  input.objects.push_back({.object = workload(k8s::Kind::kDeployment, "web", 2)});
  input.objects.push_back({.object = workload(k8s::Kind::kJob, "batch", 1)});

  const auto objects = expand(input, 1'000'000'000);
  const auto made = pods(objects);

  ASSERT_EQ(made.size(), 3U);
  EXPECT_EQ(made[0]->meta.name, "web-0");
  EXPECT_EQ(made[1]->meta.name, "web-1");
  EXPECT_EQ(made[2]->meta.name, "batch-0");
  EXPECT_EQ(made[1]->meta.creation_time - made[0]->meta.creation_time, 1'000'000'000);
  EXPECT_EQ(made[2]->meta.creation_time - made[1]->meta.creation_time, 1'000'000'000);
  EXPECT_EQ(made[0]->meta.labels.at("app"), "web");
}

TEST(Expand, MakesPodsProvisionable) {
  // SCH-80
  ClusterInput input;
  input.objects.push_back({.object = std::make_shared<k8s::Pod>()});

  const auto objects = expand(input, 0);

  const k8s::Condition* condition =
      k8s::find_condition(pods(objects)[0]->status.conditions, "PodScheduled");
  ASSERT_NE(condition, nullptr);
  EXPECT_EQ(condition->reason, "Unschedulable");
}

TEST(Expand, LeavesBoundPodsAlone) {
  auto pod = std::make_shared<k8s::Pod>();
  pod->spec.node_name = "node-a";
  ClusterInput input;
  input.objects.push_back({.object = pod});

  const auto objects = expand(input, 0);

  EXPECT_EQ(k8s::find_condition(pods(objects)[0]->status.conditions, "PodScheduled"), nullptr);
}

TEST(Expand, DoesNotExpandAWorkloadWhosePodsAreInTheDump) {
  auto replica_set = workload(k8s::Kind::kReplicaSet, "web-abc", 2);
  replica_set->meta.owners.push_back({.kind = "Deployment", .name = "web", .controller = true});
  auto pod = std::make_shared<k8s::Pod>();
  pod->meta.name = "web-abc-1";
  pod->meta.namespace_ = "default";
  pod->meta.owners.push_back({.kind = "ReplicaSet", .name = "web-abc", .controller = true});
  ClusterInput input;
  input.objects.push_back({.object = workload(k8s::Kind::kDeployment, "web", 2)});
  input.objects.push_back({.object = replica_set});
  input.objects.push_back({.object = pod});

  EXPECT_EQ(pods(expand(input, 0)).size(), 1U);
}

TEST(Expand, GivesStatefulSetPodsTheirVolumeClaims) {
  // SCH-42
  auto set = workload(k8s::Kind::kStatefulSet, "db", 1);
  k8s::PersistentVolumeClaim claim;
  claim.meta.name = "data";
  claim.storage_class = "gp3";
  set->claim_templates.push_back(claim);
  ClusterInput input;
  input.objects.push_back({.object = set});

  const auto objects = expand(input, 0);

  ASSERT_EQ(objects.size(), 3U);
  EXPECT_EQ(pods(objects)[0]->spec.volumes.read().at(0).claim_name, "data-db-0");
  EXPECT_EQ(objects[2]->meta.name, "data-db-0");
}

}  // namespace
}  // namespace app

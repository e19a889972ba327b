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

TEST(Expand, KnowsTheDeploymentOfPodsWhoseReplicaSetIsNotInTheDump) {
  auto pod = std::make_shared<k8s::Pod>();
  pod->meta.name = "web-7d9f8c-x";
  pod->meta.namespace_ = "default";
  pod->meta.labels["pod-template-hash"] = "7d9f8c";
  pod->meta.owners.push_back({.kind = "ReplicaSet", .name = "web-7d9f8c", .controller = true});
  ClusterInput input;
  input.objects.push_back({.object = workload(k8s::Kind::kDeployment, "web", 2)});
  input.objects.push_back({.object = workload(k8s::Kind::kDeployment, "other", 1)});
  input.objects.push_back({.object = pod});

  const auto objects = expand(input, 0);
  const auto made = pods(objects);

  ASSERT_EQ(made.size(), 2U);
  EXPECT_EQ(made[0]->meta.name, "other-0");
  EXPECT_EQ(made[1]->meta.name, "web-7d9f8c-x");
}

TEST(Expand, LeavesVolumeClaimsOfTheInputAlone) {
  // SCH-42
  auto set = workload(k8s::Kind::kStatefulSet, "db", 2);
  k8s::PersistentVolumeClaim claim;
  claim.meta.name = "data";
  set->claim_templates.push_back(claim);
  auto bound = std::make_shared<k8s::PersistentVolumeClaim>();
  bound->meta.name = "data-db-0";
  bound->meta.namespace_ = "default";
  bound->volume_name = "pv-0";
  ClusterInput input;
  input.objects.push_back({.object = bound});
  input.objects.push_back({.object = set});

  std::vector<std::string> claims;
  for (const k8s::ObjectPtr& object : expand(input, 0)) {
    if (object->kind == k8s::Kind::kPersistentVolumeClaim) {
      claims.push_back(object->meta.name +
                       k8s::as<k8s::PersistentVolumeClaim>(*object).volume_name);
    }
  }
  EXPECT_EQ(claims, (std::vector<std::string>{"data-db-0pv-0", "data-db-1"}));
}

TEST(Expand, JobsThatAreSuspendedOrFinishedWantNoPods) {
  const auto count = [](const std::string& spec, const std::string& status) {
    const auto job = k8s::decode_object(
        R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j","namespace":"n"},"spec":{)" +
        spec + R"("parallelism":2,"completions":3,"template":{}},"status":{)" + status + "}}");
    EXPECT_TRUE(job) << job.error().detail;
    ClusterInput input;
    input.objects.push_back({.object = *job});
    return pods(expand(input, 0)).size();
  };
  EXPECT_EQ(count("", ""), 2U);
  EXPECT_EQ(count(R"("suspend":false,)", R"("conditions":[{"type":"Failed","status":"False"}])"),
            2U);
  EXPECT_EQ(count(R"("suspend":true,)", ""), 0U);
  EXPECT_EQ(count("", R"("conditions":[{"type":"Complete","status":"True"}])"), 0U);
  EXPECT_EQ(count("", R"("conditions":[{"type":"Failed","status":"True"}])"), 0U);
}

}  // namespace
}  // namespace app

#include "sim/apiserver/managed_fields.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "sim/apiserver/cluster_testing.h"
#include "sim/apiserver/json.h"

namespace sim::api {
namespace {

constexpr std::string_view kDeployment = "/apis/apps/v1/namespaces/default/deployments/web";

std::string deployment(std::string_view spec_fields, std::string_view container_fields) {
  return R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{)" +
         std::string(spec_fields) +
         R"("selector":{"matchLabels":{"app":"w"}},"template":{"metadata":{"labels":{"app":"w"}},)"
         R"("spec":{"containers":[{"name":"c",)" +
         std::string(container_fields) + R"("image":"pause"}]}}}})";
}

runtime::HttpResponse apply(TestCluster& cluster,
                            const std::string& body,
                            std::string_view manager,
                            bool force = false) {
  return cluster.call("PATCH",
                      std::string(kDeployment) + "?fieldManager=" + std::string(manager) +
                          (force ? "&force=true" : ""),
                      body,
                      {{"Content-Type", "application/apply-patch+yaml"}});
}

std::string field(const TestCluster& cluster, std::string_view path) {
  return cluster.field(k8s::Kind::kDeployment, "default", "web", path);
}

TEST(ServerSideApply, CreatesThenMerges) {
  TestCluster cluster;
  EXPECT_EQ(apply(cluster, deployment(R"("replicas":2,)", ""), "one").status, 201);
  EXPECT_EQ(apply(cluster, deployment(R"("replicas":3,)", ""), "one").status, 200);
  EXPECT_EQ(field(cluster, "spec.replicas"), "3");
}

TEST(ServerSideApply, FieldNoLongerAppliedIsRemoved) {
  TestCluster cluster;
  apply(cluster, deployment("", R"("workingDir":"/x",)"), "one");
  EXPECT_NE(field(cluster, "spec.template.spec.containers").find("workingDir"), std::string::npos);
  apply(cluster, deployment("", ""), "one");
  EXPECT_EQ(field(cluster, "spec.template.spec.containers").find("workingDir"), std::string::npos);
}

TEST(ServerSideApply, FieldOfAnotherManagerConflictsUnlessForced) {
  TestCluster cluster;
  apply(cluster, deployment(R"("replicas":2,)", ""), "one");
  const auto refused = apply(cluster, deployment(R"("replicas":5,)", ""), "two");
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find(".spec.replicas"), std::string::npos);
  EXPECT_EQ(apply(cluster, deployment(R"("replicas":5,)", ""), "two", true).status, 200);
  EXPECT_EQ(field(cluster, "spec.replicas"), "5");
}

TEST(ServerSideApply, UpdateTakesOwnership) {
  TestCluster cluster;
  apply(cluster, deployment(R"("replicas":2,)", ""), "one");
  cluster.call("PATCH",
               std::string(kDeployment) + "?fieldManager=editor",
               R"({"spec":{"replicas":4}})",
               {{"Content-Type", "application/merge-patch+json"}});
  EXPECT_EQ(apply(cluster, deployment(R"("replicas":2,)", ""), "one").status, 409);
  EXPECT_EQ(apply(cluster, deployment("", ""), "one").status, 200);
  EXPECT_EQ(field(cluster, "spec.replicas"), "4");
}

}  // namespace
}  // namespace sim::api

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "sim/apiserver/cluster_testing.h"
#include "sim/apiserver/json.h"

namespace sim::api {
namespace {

using k8s::Kind;

constexpr std::string_view kPods = "/api/v1/namespaces/default/pods";
constexpr std::string_view kPool = "/apis/karpenter.sh/v1/nodepools";

std::string pool_json(std::string_view name) {
  return R"({"apiVersion":"karpenter.sh/v1","kind":"NodePool","metadata":{"name":")" +
         std::string(name) +
         R"("},"spec":{"template":{"spec":{"nodeClassRef":{"group":"karpenter.k8s.aws",)"
         R"("kind":"EC2NodeClass","name":"default"},"requirements":[]}}}})";
}

std::string path_of(std::string_view name) {
  return std::string(kPods) + "/" + std::string(name);
}

json::object parsed(const runtime::HttpResponse& response) {
  return json::parse(response.body).as_object();
}

TEST(Registry, CreatedPodHasIdentityAndPendingStatus) {
  TestCluster cluster;
  EXPECT_EQ(cluster.status_of("POST", kPods, pod_json("a")), 201);
  EXPECT_EQ(cluster.field(Kind::kPod, "default", "a", "status.phase"), "Pending");
  EXPECT_EQ(cluster.field(Kind::kPod, "default", "a", "spec.priority"), "0");
  EXPECT_FALSE(cluster.field(Kind::kPod, "default", "a", "metadata.uid").empty());
  EXPECT_EQ(cluster.field(Kind::kPod, "default", "a", "metadata.generation"), "1");
}

TEST(Registry, SecondCreateIsRefusedWithStatusObject) {
  TestCluster cluster;
  cluster.call("POST", kPods, pod_json("a"));
  const auto answer = cluster.call("POST", kPods, pod_json("a"));
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(text_at(parsed(answer), "reason"), "AlreadyExists");
  EXPECT_EQ(text_at(parsed(answer), "message"), R"(pods "a" already exists)");
}

TEST(Registry, GeneratedNamesDoNotCollide) {
  TestCluster cluster;
  std::string body = pod_json("");
  body.replace(body.find(R"("name":"")"), 9, R"("generateName":"w-")");
  for (int i = 0; i < 12000; ++i) {
    ASSERT_EQ(cluster.status_of("POST", kPods, body), 201);
  }
  EXPECT_EQ(cluster.store.collection(type_of(Kind::kPod)).size(), 12000U);
}

TEST(Registry, UnknownNamespaceIsRefused) {
  TestCluster cluster;
  const auto answer =
      cluster.call("POST", "/api/v1/namespaces/nowhere/configmaps", R"({"metadata":{"name":"a"}})");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(text_at(parsed(answer), "message"), R"(namespaces "nowhere" not found)");
}

TEST(Registry, StaleUpdateConflicts) {
  TestCluster cluster;
  cluster.call("POST", kPods, pod_json("a"));
  const std::string old = cluster.call("GET", path_of("a")).body;
  cluster.call("PATCH",
               path_of("a"),
               R"({"metadata":{"labels":{"x":"y"}}})",
               {{"Content-Type", "application/merge-patch+json"}});
  const auto answer = cluster.call("PUT", path_of("a"), old);
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(text_at(parsed(answer), "reason"), "Conflict");
}

TEST(Registry, UnchangedUpdateKeepsVersion) {
  TestCluster cluster;
  cluster.call("POST", kPods, pod_json("a"));
  const auto before = cluster.store.version();
  cluster.call("PATCH", path_of("a"), "{}", {{"Content-Type", "application/merge-patch+json"}});
  EXPECT_EQ(cluster.store.version(), before);
}

TEST(Registry, SpecChangeBumpsGenerationStatusDoesNot) {
  // API-2
  TestCluster cluster;
  ASSERT_EQ(cluster.status_of("POST", kPool, pool_json("p")), 201);
  const std::string pool = std::string(kPool) + "/p";
  const runtime::HttpHeaders merge = {{"Content-Type", "application/merge-patch+json"}};
  EXPECT_EQ(cluster.call("PATCH", pool, R"({"spec":{"weight":5}})", merge).status, 200);
  EXPECT_EQ(cluster.field(Kind::kNodePool, "", "p", "metadata.generation"), "2");
  EXPECT_EQ(cluster.call("PATCH", pool + "/status", R"({"status":{"nodes":3}})", merge).status,
            200);
  EXPECT_EQ(cluster.field(Kind::kNodePool, "", "p", "metadata.generation"), "2");
  EXPECT_EQ(cluster.field(Kind::kNodePool, "", "p", "status.nodes"), "3");
}

TEST(Registry, StatusWriteLeavesSpecAndSpecWriteLeavesStatus) {
  TestCluster cluster;
  cluster.call("POST", kPool, pool_json("p"));
  const std::string pool = std::string(kPool) + "/p";
  const runtime::HttpHeaders merge = {{"Content-Type", "application/merge-patch+json"}};
  cluster.call("PATCH", pool + "/status", R"({"spec":{"weight":9},"status":{"nodes":1}})", merge);
  EXPECT_EQ(cluster.field(Kind::kNodePool, "", "p", "spec.weight"), "");
  cluster.call("PATCH", pool, R"({"spec":{"weight":9},"status":{"nodes":7}})", merge);
  EXPECT_EQ(cluster.field(Kind::kNodePool, "", "p", "status.nodes"), "1");
}

TEST(Registry, InvalidPoolIsRefusedWithCauses) {
  // API-3
  TestCluster cluster;
  const auto answer = cluster.call(
      "POST",
      kPool,
      R"({"apiVersion":"karpenter.sh/v1","kind":"NodePool","metadata":{"name":"x"},"spec":{}})");
  EXPECT_EQ(answer.status, 422);
  const json::object status = parsed(answer);
  EXPECT_EQ(text_at(status, "reason"), "Invalid");
  EXPECT_TRUE(text_at(status, "message").starts_with(R"(NodePool.karpenter.sh "x" is invalid: )"));
  EXPECT_NE(array_at(status, "details.causes"), nullptr);
}

TEST(Registry, UnknownFieldsArePrunedAndWarnedOrRefused) {
  // API-19
  TestCluster cluster;
  std::string body = pool_json("p");
  body.replace(body.find(R"("requirements")"), 0, R"("bogus":1,)");
  const auto strict = cluster.call("POST", std::string(kPool) + "?fieldValidation=Strict", body);
  EXPECT_EQ(strict.status, 400);
  EXPECT_NE(strict.body.find("spec.template.spec.bogus"), std::string::npos);
  const auto warned = cluster.call("POST", kPool, body);
  EXPECT_EQ(warned.status, 201);
  EXPECT_NE(runtime::find_header(warned.headers, "Warning"), nullptr);
  EXPECT_EQ(warned.body.find("bogus"), std::string::npos);
}

TEST(Registry, FinalizerHoldsObjectUntilRemoved) {
  TestCluster cluster;
  std::string body = pool_json("p");
  body.replace(body.find(R"("name":"p")"), 0, R"("finalizers":["karpenter.sh/termination"],)");
  cluster.call("POST", kPool, body);
  const std::string pool = std::string(kPool) + "/p";
  EXPECT_EQ(cluster.status_of("DELETE", pool), 200);
  EXPECT_FALSE(cluster.field(Kind::kNodePool, "", "p", "metadata.deletionTimestamp").empty());
  const runtime::HttpHeaders merge = {{"Content-Type", "application/merge-patch+json"}};
  EXPECT_EQ(cluster.call("PATCH", pool, R"({"metadata":{"finalizers":["a.b/c"]}})", merge).status,
            422);
  EXPECT_EQ(cluster.call("PATCH", pool, R"({"metadata":{"finalizers":null}})", merge).status, 200);
  EXPECT_EQ(cluster.status_of("GET", pool), 404);
}

TEST(Registry, BoundPodGoesGracefullyUnboundAtOnce) {
  TestCluster cluster;
  cluster.call("POST", kPods, pod_json("loose"));
  cluster.call("POST", kPods, pod_json("bound", R"("nodeName":"n1")"));
  cluster.call("DELETE", path_of("loose"));
  cluster.call("DELETE", path_of("bound"));
  EXPECT_EQ(cluster.status_of("GET", path_of("loose")), 404);
  EXPECT_EQ(cluster.field(Kind::kPod, "default", "bound", "metadata.deletionGracePeriodSeconds"),
            "30");
  cluster.call("DELETE", path_of("bound") + "?gracePeriodSeconds=0");
  EXPECT_EQ(cluster.status_of("GET", path_of("bound")), 404);
}

TEST(Registry, DeletePreconditionsAreHonoured) {
  TestCluster cluster;
  cluster.call("POST", kPods, pod_json("a"));
  EXPECT_EQ(cluster.status_of("DELETE", path_of("a"), R"({"preconditions":{"uid":"another"}})"),
            409);
  EXPECT_EQ(cluster.status_of("GET", path_of("a")), 200);
}

TEST(Registry, DryRunStoresNothing) {
  TestCluster cluster;
  EXPECT_EQ(cluster.status_of("POST", std::string(kPods) + "?dryRun=All", pod_json("a")), 201);
  EXPECT_EQ(cluster.status_of("GET", path_of("a")), 404);
}

TEST(Registry, EvictionHonoursBudget) {
  TestCluster cluster;
  cluster.call("POST", kPods, pod_json("a", R"("nodeName":"n1")"));
  const runtime::HttpHeaders merge = {{"Content-Type", "application/merge-patch+json"}};
  cluster.call("PATCH",
               path_of("a") + "/status",
               R"({"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}})",
               merge);
  const std::string budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
  cluster.call("POST",
               budgets,
               R"({"metadata":{"name":"b"},"spec":{"minAvailable":1,)"
               R"("selector":{"matchLabels":{"app":"web"}}}})");
  const std::string status = budgets + "/b/status";
  cluster.call("PATCH",
               status,
               R"({"status":{"observedGeneration":1,"disruptionsAllowed":0,"currentHealthy":1,)"
               R"("desiredHealthy":1,"expectedPods":1}})",
               merge);
  const std::string eviction = R"({"apiVersion":"policy/v1","kind":"Eviction"})";
  const auto refused = cluster.call("POST", path_of("a") + "/eviction", eviction);
  EXPECT_EQ(refused.status, 429);
  EXPECT_NE(refused.body.find(R"("reason":"DisruptionBudget")"), std::string::npos);
  cluster.call("PATCH", status, R"({"status":{"disruptionsAllowed":1}})", merge);
  EXPECT_EQ(cluster.status_of("POST", path_of("a") + "/eviction", eviction), 201);
  EXPECT_EQ(cluster.field(Kind::kPodDisruptionBudget, "default", "b", "status.disruptionsAllowed"),
            "0");
}

TEST(Registry, BindingHappensOnce) {
  TestCluster cluster;
  cluster.call("POST", kPods, pod_json("a"));
  const std::string binding = R"({"target":{"kind":"Node","name":"n1"}})";
  EXPECT_EQ(cluster.status_of("POST", path_of("a") + "/binding", binding), 201);
  EXPECT_EQ(cluster.field(Kind::kPod, "default", "a", "spec.nodeName"), "n1");
  EXPECT_EQ(cluster.status_of("POST", path_of("a") + "/binding", binding), 409);
}

TEST(Registry, PriorityComesFromClass) {
  TestCluster cluster;
  cluster.call("POST", kPods, pod_json("a", R"("priorityClassName":"system-node-critical")"));
  EXPECT_EQ(cluster.field(Kind::kPod, "default", "a", "spec.priority"), "2000001000");
  const auto answer =
      cluster.call("POST", kPods, pod_json("b", R"("priorityClassName":"nothing")"));
  EXPECT_EQ(answer.status, 403);
}

TEST(Registry, NamespaceTakesItsContentsWithIt) {
  TestCluster cluster;
  cluster.call("POST", "/api/v1/namespaces", R"({"metadata":{"name":"team"}})");
  cluster.call("POST", "/api/v1/namespaces/team/configmaps", R"({"metadata":{"name":"a"}})");
  EXPECT_EQ(cluster.status_of("DELETE", "/api/v1/namespaces/team"), 200);
  EXPECT_EQ(cluster.status_of("GET", "/api/v1/namespaces/team/configmaps/a"), 404);
  EXPECT_EQ(cluster.status_of("GET", "/api/v1/namespaces/team"), 404);
}

TEST(Registry, EqualSeedsGiveEqualClusters) {
  TestCluster first;
  TestCluster second;
  for (TestCluster* cluster : {&first, &second}) {
    cluster->call("POST", kPods, pod_json("a"));
  }
  EXPECT_EQ(first.call("GET", path_of("a")).body, second.call("GET", path_of("a")).body);
}

}  // namespace
}  // namespace sim::api

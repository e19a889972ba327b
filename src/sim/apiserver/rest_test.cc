#include "sim/apiserver/rest.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "sim/apiserver/cluster_testing.h"
#include "sim/apiserver/discovery.h"
#include "sim/apiserver/json.h"
#include "sim/apiserver/table.h"

namespace sim::api {
namespace {

constexpr std::string_view kPods = "/api/v1/namespaces/default/pods";

// Collects a stream's bytes.
class FakeResponder final : public runtime::HttpResponder {
 public:
  void send(runtime::HttpResponse response) override { answer = std::move(response); }

  void begin_stream(int status, runtime::HttpHeaders) override { answer.status = status; }

  bool write(std::string chunk) override {
    bytes += chunk;
    return open;
  }

  void close() override { open = false; }

  void on_disconnect(runtime::Task task) override { disconnect = std::move(task); }

  bool is_open() const override { return open; }

  // The types of the frames so far, joined by blanks.
  std::string types() const {
    std::string out;
    for (std::size_t at = 0; (at = bytes.find(R"({"type":")", at)) != std::string::npos;) {
      at += 9;
      out += (out.empty() ? "" : " ") + bytes.substr(at, bytes.find('"', at) - at);
    }
    return out;
  }

  runtime::HttpResponse answer;
  std::string bytes;
  runtime::Task disconnect;
  bool open = true;
};

std::shared_ptr<FakeResponder> watch(TestCluster& cluster, std::string_view query) {
  runtime::HttpServerRequest request;
  request.method = "GET";
  request.path = kPods;
  request.query = runtime::parse_query(query);
  auto responder = std::make_shared<FakeResponder>();
  cluster.rest.handle(request, responder);
  return responder;
}

json::object parsed(const runtime::HttpResponse& response) {
  return json::parse(response.body).as_object();
}

TEST(Rest, ListIsPagedInNameOrder) {
  TestCluster cluster;
  for (const std::string_view name : {"c", "a", "b"}) {
    cluster.call("POST", kPods, pod_json(name));
  }
  const json::object first = parsed(cluster.call("GET", std::string(kPods) + "?limit=2"));
  EXPECT_EQ(array_at(first, "items")->size(), 2U);
  EXPECT_EQ(int_at(first, "metadata.remainingItemCount"), 1);
  const std::string token(text_at(first, "metadata.continue"));
  const json::object rest =
      parsed(cluster.call("GET", std::string(kPods) + "?limit=2&continue=" + token));
  ASSERT_EQ(array_at(rest, "items")->size(), 1U);
  EXPECT_EQ(text_at(array_at(rest, "items")->front().as_object(), "metadata.name"), "c");
}

TEST(Rest, PagesOfAListShowOneMoment) {
  TestCluster cluster;
  for (const std::string_view name : {"a", "c", "e", "f"}) {
    cluster.call("POST", kPods, pod_json(name));
  }
  const json::object first = parsed(cluster.call("GET", std::string(kPods) + "?limit=1"));
  cluster.call("POST", kPods, pod_json("d"));
  cluster.call("DELETE", std::string(kPods) + "/e?gracePeriodSeconds=0");
  cluster.call("PATCH",
               std::string(kPods) + "/f",
               R"({"metadata":{"labels":{"app":"other"}}})",
               {{"Content-Type", "application/merge-patch+json"}});
  const std::string token(text_at(first, "metadata.continue"));
  const json::object rest = parsed(cluster.call("GET", std::string(kPods) + "?continue=" + token));
  std::string seen;
  for (const json::value& item : *array_at(rest, "items")) {
    seen.append(text_at(item.as_object(), "metadata.name"))
        .append(text_at(item.as_object(), "metadata.labels.app"))
        .append(" ");
  }
  EXPECT_EQ(seen, "cweb eweb fweb ");
  EXPECT_EQ(text_at(rest, "metadata.resourceVersion"), text_at(first, "metadata.resourceVersion"));
}

TEST(Rest, PageBeyondTheLogIsGone) {
  TestCluster cluster;
  for (const std::string_view name : {"a", "b"}) {
    cluster.call("POST", kPods, pod_json(name));
  }
  const json::object first = parsed(cluster.call("GET", std::string(kPods) + "?limit=1"));
  cluster.call("POST", kPods, pod_json("c"));
  cluster.store.compact();
  const std::string token(text_at(first, "metadata.continue"));
  EXPECT_EQ(cluster.status_of("GET", std::string(kPods) + "?continue=" + token), 410);
}

TEST(Rest, UnreadableParametersAreRefused) {
  TestCluster cluster;
  for (const std::string_view query : {"limit=x",
                                       "continue=x",
                                       "resourceVersion=x",
                                       "resourceVersionMatch=Some",
                                       "timeoutSeconds=soon",
                                       "dryRun=Some",
                                       "fieldValidation=Some",
                                       "watch=perhaps"}) {
    const auto answer = cluster.call("GET", std::string(kPods) + "?" + std::string(query));
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_EQ(text_at(parsed(answer), "kind"), "Status") << query;
  }
  EXPECT_EQ(cluster.status_of("GET", std::string(kPods) + "?resourceVersion=99999"), 504);
}

TEST(Rest, BodiesAreReadByTheirType) {
  TestCluster cluster;
  const auto post = [&](std::string_view type, std::string_view body) {
    return cluster.call("POST", kPods, body, {{"Content-Type", std::string(type)}}).status;
  };
  EXPECT_EQ(post("application/yaml",
                 "apiVersion: v1\nkind: Pod\nmetadata: {name: yaml}\n"
                 "spec:\n  containers: [{name: c, image: i}]\n"),
            201);
  EXPECT_EQ(post("application/yaml", "a: ["), 400);
  EXPECT_EQ(post("application/yaml", ""), 400);
  EXPECT_EQ(post("text/plain", pod_json("t")), 415);
  EXPECT_EQ(post("application/vnd.kubernetes.protobuf", "junk"), 400);
  EXPECT_EQ(post("application/json; charset=utf-8", pod_json("j")), 201);
  EXPECT_EQ(post("application/json", R"({"metadata":"x"})"), 400);
}

TEST(Rest, RefusalsAreJsonWhateverTheyQuote) {
  TestCluster cluster;
  const auto answer = cluster.call("GE\xBE", std::string(kPods) + "/\xff?labelSelector=\xfe%20x");
  EXPECT_EQ(text_at(parsed(answer), "kind"), "Status");
}

TEST(Rest, IndexNamesThePaths) {
  TestCluster cluster;
  const auto answer = cluster.call("GET", "/");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find(R"("/apis/karpenter.sh/v1")"), std::string::npos) << answer.body;
}

TEST(Rest, EmptyMetadataMapsAreDropped) {
  // As a real server stores them: kubectl diff would show them for ever.
  TestCluster cluster;
  cluster.call("POST", kPods, pod_json("a"));
  cluster.call("PATCH",
               std::string(kPods) + "/a",
               R"({"metadata":{"annotations":{},"finalizers":[]}})",
               {{"Content-Type", "application/merge-patch+json"}});
  EXPECT_EQ(cluster.field(k8s::Kind::kPod, "default", "a", "metadata.annotations"), "");
  EXPECT_EQ(cluster.field(k8s::Kind::kPod, "default", "a", "metadata.finalizers"), "");
}

TEST(Rest, SelectorsFilter) {
  TestCluster cluster;
  cluster.call("POST", kPods, pod_json("a"));
  const auto count = [&](std::string_view query) {
    return array_at(parsed(cluster.call("GET", std::string(kPods) + std::string(query))), "items")
        ->size();
  };
  EXPECT_EQ(count("?labelSelector=app%3Dweb"), 1U);
  EXPECT_EQ(count("?labelSelector=app%20notin%20(web,api)"), 0U);
  EXPECT_EQ(count("?labelSelector=!canary"), 1U);
  EXPECT_EQ(count("?fieldSelector=spec.nodeName%3D"), 1U);
  EXPECT_EQ(count("?fieldSelector=status.phase!%3DPending"), 0U);
  EXPECT_EQ(cluster.status_of("GET", std::string(kPods) + "?labelSelector=a%20in%20x"), 400);
  EXPECT_EQ(cluster.status_of("GET", "/api/v1/nodes?fieldSelector=spec.foo%3Dx"), 400);
}

TEST(Rest, TableHasColumnsAndCells) {
  TestCluster cluster;
  cluster.call("POST", kPods, pod_json("a"));
  const auto answer =
      cluster.call("GET",
                   kPods,
                   "",
                   {{"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}});
  const json::object table = parsed(answer);
  EXPECT_EQ(text_at(table, "kind"), "Table");
  const json::array& cells = *array_at(array_at(table, "rows")->front().as_object(), "cells");
  EXPECT_EQ(json::serialize(cells),
            R"(["a","0/1","Pending","0","0s","<none>","<none>","<none>","<none>"])");
}

TEST(Rest, MalformedRequestsGetStatusObjects) {
  TestCluster cluster;
  for (const auto& [method, target, body, status] :
       {std::tuple{"POST", "/api/v1/namespaces/default/pods", "{", 400},
        {"POST", "/api/v1/namespaces/default/pods", "[]", 400},
        {"POST", "/api/v1/namespaces/default/pods", R"({"kind":"Node","apiVersion":"v1"})", 400},
        {"GET", "/api/v1/nonsense", "", 404},
        {"GET", "/apis/none.example/v1", "", 404},
        {"PATCH", "/api/v1/namespaces/default/pods/a", "{}", 415},
        {"DELETE", "/api/v1/namespaces/default/pods/none", "", 404},
        {"BREW", "/api/v1/namespaces/default/pods", "", 405}}) {
    const auto answer = cluster.call(method, target, body);
    EXPECT_EQ(answer.status, status) << method << " " << target << " " << body;
    EXPECT_EQ(text_at(parsed(answer), "kind"), "Status");
  }
}

TEST(Rest, ScaleSubresourceSetsReplicas) {
  // API-2
  TestCluster cluster;
  cluster.call("POST",
               "/apis/apps/v1/namespaces/default/deployments",
               R"({"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},)"
               R"("template":{"metadata":{"labels":{"a":"b"}},)"
               R"("spec":{"containers":[{"name":"c","image":"i"}]}}}})");
  const std::string scale = "/apis/apps/v1/namespaces/default/deployments/d/scale";
  EXPECT_EQ(text_at(parsed(cluster.call("GET", scale)), "status.selector"), "a=b");
  const auto answer = cluster.call("PATCH",
                                   scale,
                                   R"({"spec":{"replicas":4}})",
                                   {{"Content-Type", "application/merge-patch+json"}});
  EXPECT_EQ(int_at(parsed(answer), "spec.replicas"), 4);
  EXPECT_EQ(cluster.field(k8s::Kind::kDeployment, "default", "d", "spec.replicas"), "4");
}

TEST(Rest, DiscoveryNamesEveryResource) {
  const json::object aggregated = json::parse(aggregated_discovery_json("/apis")).as_object();
  EXPECT_NE(json::serialize(aggregated).find(R"("resource":"nodepools")"), std::string::npos);
  EXPECT_TRUE(discovery_json("/apis/karpenter.sh/v1").has_value());
  EXPECT_FALSE(discovery_json("/apis/karpenter.sh/v1beta1").has_value());
}

TEST(Watch, StateThenChanges) {
  TestCluster cluster;
  cluster.call("POST", kPods, pod_json("a"));
  const auto stream = watch(cluster, "watch=true");
  cluster.call("POST", kPods, pod_json("b"));
  cluster.call("DELETE", std::string(kPods) + "/a");
  EXPECT_EQ(stream->types(), "ADDED ADDED DELETED");
}

TEST(Watch, InitialEventsEndWithBookmark) {
  TestCluster cluster;
  cluster.call("POST", kPods, pod_json("a"));
  const auto stream = watch(cluster, "watch=true&sendInitialEvents=true&allowWatchBookmarks=true");
  EXPECT_EQ(stream->types(), "ADDED BOOKMARK");
  EXPECT_NE(stream->bytes.find(R"("k8s.io/initial-events-end":"true")"), std::string::npos);
}

TEST(Watch, LeavingTheSelectorIsADeletion) {
  TestCluster cluster;
  cluster.call("POST", kPods, pod_json("a"));
  const auto stream = watch(cluster, "watch=true&labelSelector=app%3Dweb");
  cluster.call("PATCH",
               std::string(kPods) + "/a",
               R"({"metadata":{"labels":{"app":"other"}}})",
               {{"Content-Type", "application/merge-patch+json"}});
  EXPECT_EQ(stream->types(), "ADDED DELETED");
}

TEST(Watch, ForgottenVersionIsGone) {
  TestCluster cluster;
  for (int i = 0; i < 100; ++i) {
    cluster.call("POST", kPods, pod_json("p" + std::to_string(i)));
  }
  const auto stream = watch(cluster, "watch=true&resourceVersion=3");
  EXPECT_EQ(stream->types(), "ERROR");
  EXPECT_NE(stream->bytes.find(R"("code":410)"), std::string::npos);
  EXPECT_FALSE(stream->is_open());
}

TEST(Watch, ResumesAfterVersion) {
  TestCluster cluster;
  cluster.call("POST", kPods, pod_json("a"));
  const std::string version = std::to_string(cluster.store.version());
  cluster.call("POST", kPods, pod_json("b"));
  EXPECT_EQ(watch(cluster, "watch=true&resourceVersion=" + version)->types(), "ADDED");
}

TEST(Watch, ClientThatLeavesIsForgotten) {
  TestCluster cluster;
  const auto stream = watch(cluster, "watch=true");
  EXPECT_EQ(cluster.rest.open_watches(), 1U);
  stream->disconnect();
  EXPECT_EQ(cluster.rest.open_watches(), 0U);
}

TEST(Table, AgesAreAbbreviated) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  EXPECT_EQ(human_duration(0), "0s");
  EXPECT_EQ(human_duration(119 * kSecond), "119s");
  EXPECT_EQ(human_duration(200 * kSecond), "3m20s");
  EXPECT_EQ(human_duration(3600 * kSecond), "60m");
  EXPECT_EQ(human_duration(4 * 3600 * kSecond), "4h");
  EXPECT_EQ(human_duration(51 * 3600 * kSecond), "2d3h");
}

TEST(Table, JsonPathFollowsFiltersAndEscapes) {
  // API-5
  const json::object object = json::parse(R"({"metadata":{"labels":{"a.b/c":"x"}},
      "status":{"conditions":[{"type":"A","status":"1"},{"type":"Ready","status":"2"}]}})")
                                  .as_object();
  EXPECT_EQ(json_path_text(object, R"(.metadata.labels.a\.b/c)"), "x");
  EXPECT_EQ(json_path_text(object, R"(.status.conditions[?(@.type=="Ready")].status)"), "2");
  EXPECT_EQ(json_path_text(object, ".status.conditions[*].type"), "A,Ready");
  EXPECT_EQ(json_path_text(object, ".spec.none"), "");
}

}  // namespace
}  // namespace sim::api

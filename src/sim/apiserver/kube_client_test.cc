// The Kubernetes client (kube/) against the embedded API server.
#include <gtest/gtest.h>

#include "kube/client.h"

#include "runtime/log_sinks.h"
#include "sim/apiserver/cluster_testing.h"
#include "sim/apiserver/rest_client_testing.h"

namespace sim::api {
namespace {

using k8s::EventOp;
using k8s::Kind;
using k8s::ObjectEvent;
using k8s::ObjectPtr;
using k8s::Verb;
using namespace std::chrono_literals;

constexpr std::string_view kPods = "/api/v1/namespaces/default/pods";

kube::Access access_to_nowhere() {
  kube::Access access;
  access.source = "the test";
  access.cluster.server = "https://embedded";
  access.user.token = "t";
  return access;
}

struct Bed {
  TestCluster cluster;
  RestClient http{cluster.rest, cluster.executor};
  runtime::RecordingLogSink log;
  kube::Client api{cluster.executor,
                   http,
                   access_to_nowhere(),
                   {.log = log, .rng = runtime::Rng(3), .page_size = 2}};
  std::string seen;  // "+a" added, "~a" modified, "-a" deleted, "|" synced.

  void subscribe() {
    api.subscribe(Kind::kPod, [this](const ObjectEvent& event) {
      constexpr std::string_view kSigns = "+~-|";
      seen += kSigns[static_cast<std::size_t>(event.op)];
      seen += event.object == nullptr ? "" : event.object->meta.name;
    });
    settle();
  }

  void create(std::string_view name) { cluster.call("POST", kPods, pod_json(name)); }

  void remove(std::string_view name) {
    cluster.call("DELETE", std::string(kPods) + "/" + std::string(name) + "?gracePeriodSeconds=0");
  }

  void touch(std::string_view name, int i) {
    cluster.call("PATCH",
                 std::string(kPods) + "/" + std::string(name),
                 R"({"metadata":{"annotations":{"n":")" + std::to_string(i) + "\"}}}",
                 {{"Content-Type", "application/merge-patch+json"}});
  }

  void settle(runtime::Duration time = 1ms) { cluster.executor.run_for(time); }

  std::string take_seen() {
    settle();
    return std::exchange(seen, {});
  }

  base::Result<ObjectPtr> write(k8s::WriteRequest request) {
    base::Result<ObjectPtr> out = base::fail(base::ErrorCode::kInternal, "no answer");
    api.write(std::move(request), [&out](base::Result<ObjectPtr> answer) { out = answer; });
    settle();
    return out;
  }

  base::Result<ObjectPtr> get(std::string_view name, runtime::Duration patience = 1ms) {
    base::Result<ObjectPtr> out = base::fail(base::ErrorCode::kInternal, "no answer");
    api.get({Kind::kPod, "default", std::string(name)},
            [&out](base::Result<ObjectPtr> answer) { out = answer; });
    settle(patience);
    return out;
  }
};

k8s::WriteRequest request(Verb verb, std::string_view name, std::string body = "") {
  return {.verb = verb, .key = {Kind::kPod, "default", std::string(name)}, .body = std::move(body)};
}

TEST(KubeClient, ListsInPagesThenSyncsThenWatches) {
  Bed bed;
  for (const auto* name : {"a", "b", "c", "d", "e"}) {
    bed.create(name);
  }
  bed.subscribe();
  EXPECT_EQ(bed.take_seen(), "+a+b+c+d+e|");
  EXPECT_EQ(bed.http.targets().size(), 4U);  // Three pages and the watch.
  bed.create("f");
  bed.touch("a", 1);
  bed.remove("b");
  EXPECT_EQ(bed.take_seen(), "+f~a-b");
}

TEST(KubeClient, ResumesABrokenWatchWithoutLoss) {
  Bed bed;
  bed.create("a");
  bed.subscribe();
  bed.take_seen();
  bed.cluster.rest.drop_watches();
  bed.settle();
  bed.create("b");
  bed.remove("a");
  bed.settle(5s);
  EXPECT_EQ(bed.take_seen(), "+b-a");
}

TEST(KubeClient, ResumesAWatchCutInTheMiddleOfAnObject) {
  for (const std::size_t bytes : {1U, 20U, 100U, 300U}) {
    Bed bed;
    bed.create("a");
    bed.subscribe();
    bed.take_seen();
    bed.http.break_streams_after(bytes);
    bed.create("b");
    bed.create("c");
    bed.settle(5s);
    EXPECT_EQ(bed.take_seen(), "+b+c") << bytes;
  }
}

TEST(KubeClient, ForgottenVersionLeadsToADifference) {
  Bed bed;
  for (const auto* name : {"a", "b", "c"}) {
    bed.create(name);
  }
  bed.subscribe();
  bed.take_seen();
  bool is_down = true;
  bed.http.intercept = [&](const runtime::HttpRequest&) {
    return is_down ? std::optional(base::Result<runtime::HttpResponse>(
                         base::fail(base::ErrorCode::kUnavailable, "connection refused")))
                   : std::nullopt;
  };
  bed.cluster.rest.drop_watches();
  bed.settle();
  bed.remove("a");
  bed.create("d");
  for (int i = 0; i < 100; ++i) {  // More than the store remembers.
    bed.touch("b", i);
  }
  bed.remove("c");
  bed.create("c");
  is_down = false;
  bed.settle(60s);
  EXPECT_EQ(bed.take_seen(), "~b-c+c+d-a");
}

TEST(KubeClient, BacksOffWhileTheServerIsAwayAndSaysSoOnce) {
  Bed bed;
  int attempts = 0;
  bed.http.intercept = [&](const runtime::HttpRequest&) {
    ++attempts;
    return std::optional(base::Result<runtime::HttpResponse>(
        base::fail(base::ErrorCode::kUnavailable, "connection refused")));
  };
  bed.subscribe();
  bed.settle(5min);
  EXPECT_GT(attempts, 8);
  EXPECT_LT(attempts, 20);
  EXPECT_GE(bed.log.count("cannot watch, trying again"), 4U);  // Once a minute.
  EXPECT_LE(bed.log.count("cannot watch, trying again"), 6U);
  bed.http.intercept = nullptr;
  bed.create("a");
  bed.settle(60s);
  EXPECT_EQ(bed.take_seen(), "+a|");
  EXPECT_EQ(bed.log.count("watching again"), 1U);
}

TEST(KubeClient, ObjectsThatCannotBeReadAreLeftOut) {
  Bed bed;
  bed.http.intercept = [](const runtime::HttpRequest& request) {
    using Answer = std::optional<base::Result<runtime::HttpResponse>>;
    return request.url.contains("watch=true")
               ? Answer()
               : Answer(runtime::HttpResponse{
                     .status = 200, .body = R"({"kind":"PodList","apiVersion":"v1","metadata":
                       {"resourceVersion":"1"},"items":[{"metadata":{"name":"a"},"spec":7},
                       {"metadata":{"name":"b"}}]})"});
  };
  bed.subscribe();
  EXPECT_EQ(bed.take_seen(), "+b|");
  EXPECT_EQ(bed.log.count("cannot read an object, it is left out"), 1U);
}

TEST(KubeClient, RefusedCredentialsAreRenewedOnce) {
  Bed bed;
  bed.create("a");
  int refused = 0;
  bed.http.intercept = [&](const runtime::HttpRequest&) {
    using Answer = std::optional<base::Result<runtime::HttpResponse>>;
    return refused++ == 0 ? Answer(runtime::HttpResponse{.status = 401}) : Answer();
  };
  EXPECT_TRUE(bed.get("a", 3s).has_value());
  bed.http.intercept = [](const runtime::HttpRequest&) {
    return std::optional(base::Result<runtime::HttpResponse>(runtime::HttpResponse{.status = 401}));
  };
  EXPECT_EQ(bed.get("a", 3s).error().code, base::ErrorCode::kDenied);
}

TEST(KubeClient, ObeysRetryAfter) {
  Bed bed;
  bed.create("a");
  int busy = 2;
  bed.http.intercept = [&](const runtime::HttpRequest&) {
    using Answer = std::optional<base::Result<runtime::HttpResponse>>;
    return busy-- > 0
               ? Answer(runtime::HttpResponse{.status = 429, .headers = {{"Retry-After", "3"}}})
               : Answer();
  };
  bool is_answered = false;
  bed.api.get({Kind::kPod, "default", "a"}, [&](const auto& a) { is_answered = a.has_value(); });
  bed.settle(5s);
  EXPECT_FALSE(is_answered);
  bed.settle(2s);
  EXPECT_TRUE(is_answered);
}

TEST(KubeClient, KeepsToItsRate) {
  // spec 05 A.2: kube-client-qps, kube-client-burst
  TestCluster cluster;
  RestClient http(cluster.rest, cluster.executor);
  runtime::RecordingLogSink log;
  kube::Client api(cluster.executor,
                   http,
                   access_to_nowhere(),
                   {.log = log, .rng = runtime::Rng(3), .limits = {.qps = 10, .burst = 5}});
  int answers = 0;
  for (int i = 0; i < 50; ++i) {
    api.get({Kind::kPod, "default", "a"}, [&](const auto&) { ++answers; });
  }
  cluster.executor.run_for(1ms);
  EXPECT_EQ(answers, 5);
  cluster.executor.run_for(2s);
  EXPECT_EQ(answers, 25);
  cluster.executor.run_for(10s);
  EXPECT_EQ(answers, 50);
}

TEST(KubeClient, WritesAsThePortPromises) {
  // OPR-110
  Bed bed;
  ASSERT_TRUE(bed.write(request(Verb::kCreate, "a", pod_json("a"))).has_value());
  EXPECT_EQ(bed.write(request(Verb::kCreate, "a", pod_json("a"))).error().code,
            base::ErrorCode::kAlreadyExists);
  EXPECT_EQ(bed.write(request(Verb::kMergePatch, "z", "{}")).error().code,
            base::ErrorCode::kNotFound);
  const auto patched =
      bed.write(request(Verb::kMergePatch, "a", R"({"metadata":{"annotations":{"x":"1"}}})"));
  ASSERT_TRUE(patched.has_value());
  EXPECT_EQ(*(*patched)->meta.annotation("x"), "1");
  EXPECT_TRUE(bed.write(request(Verb::kBind, "a", "node-1")).has_value());
  EXPECT_EQ(bed.cluster.field(Kind::kPod, "default", "a", "spec.nodeName"), "node-1");
  EXPECT_TRUE(bed.write(request(Verb::kEvict, "a")).has_value());
}

TEST(KubeClient, EveryKindOfWriteCanBeLocked) {
  // API-15, OPR-110
  for (const auto& [verb, body] :
       {std::pair<Verb, std::string>{Verb::kMergePatch, R"({"metadata":{"labels":{"x":"1"}}})"},
        {Verb::kStrategicPatch, R"({"metadata":{"labels":{"x":"1"}}})"},
        {Verb::kJsonPatch, R"([{"op":"add","path":"/metadata/labels/x","value":"1"}])"},
        {Verb::kDelete, ""}}) {
    Bed bed;
    bed.create("a");
    const ObjectPtr read = *bed.get("a");
    bed.touch("a", 1);
    k8s::WriteRequest locked = request(verb, "a", body);
    locked.resource_version = read->meta.resource_version;
    EXPECT_EQ(bed.write(locked).error().code, base::ErrorCode::kConflict) << static_cast<int>(verb);
    locked.resource_version = (*bed.get("a"))->meta.resource_version;
    EXPECT_TRUE(bed.write(locked).has_value()) << static_cast<int>(verb);
  }
}

TEST(KubeClient, LocksByUidToo) {
  Bed bed;
  bed.create("a");
  k8s::WriteRequest remove = request(Verb::kDelete, "a");
  remove.uid = "somebody-else";
  EXPECT_EQ(bed.write(remove).error().code, base::ErrorCode::kConflict);
}

// Somebody who writes the same list between each of our reads and writes.
TEST(KubeClient, LosesNothingToAHostileSecondWriter) {
  // OPR-110, LIF-8
  Bed bed;
  bed.cluster.call(
      "POST", "/api/v1/nodes", R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"n"}})");
  int theirs = 0;
  bed.http.on_request = [&](const runtime::HttpRequest& sent) {
    if (sent.method == "PATCH" && theirs < 20 && theirs % 3 != 2) {
      bed.cluster.call("PATCH",
                       "/api/v1/nodes/n",
                       R"([{"op":"add","path":"/metadata/finalizers/-","value":"x/)" +
                           std::to_string(theirs) + "\"}]",
                       {{"Content-Type", "application/json-patch+json"}});
    }
    theirs += sent.method == "PATCH" ? 1 : 0;
  };
  bed.cluster.call("PATCH",
                   "/api/v1/nodes/n",
                   R"({"metadata":{"finalizers":["x/seed"]}})",
                   {{"Content-Type", "application/merge-patch+json"}});
  const k8s::ObjectKey key{Kind::kNode, "", "n"};
  int ours = 0;
  int conflicts = 0;
  while (ours < 5 && conflicts < 100) {
    std::string version;
    std::string list;
    bed.api.get(key, [&](const base::Result<ObjectPtr>& node) {
      version = (*node)->meta.resource_version;
      for (const std::string& finalizer : (*node)->meta.finalizers) {
        list += "\"" + finalizer + "\",";
      }
    });
    bed.settle();
    k8s::WriteRequest write{.verb = Verb::kMergePatch, .key = key};
    write.resource_version = version;
    write.body = R"({"metadata":{"finalizers":[)" + list + "\"k/" + std::to_string(ours) + "\"]}}";
    const auto answer = bed.write(write);
    ours += answer ? 1 : 0;
    conflicts += !answer && answer.error().code == base::ErrorCode::kConflict ? 1 : 0;
    ASSERT_TRUE(answer || answer.error().code == base::ErrorCode::kConflict);
  }
  EXPECT_EQ(ours, 5);
  EXPECT_GT(conflicts, 5);
  const std::string all = bed.cluster.field(Kind::kNode, "", "n", "metadata.finalizers");
  for (int i = 0; i < 5; ++i) {
    EXPECT_NE(all.find("\"k/" + std::to_string(i) + "\""), std::string::npos) << all;
  }
  EXPECT_EQ(std::ranges::count(all, ','), 5 + conflicts) << all;  // Seed, ours, and all of theirs.
}

TEST(KubeClient, ListsEverythingInPages) {
  Bed bed;
  for (const auto* name : {"a", "b", "c", "d", "e"}) {
    bed.create(name);
  }
  std::size_t count = 0;
  bed.api.list(Kind::kPod, [&](const auto& pods) { count = pods->size(); });
  bed.settle();
  EXPECT_EQ(count, 5U);
}

}  // namespace
}  // namespace sim::api

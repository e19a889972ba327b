#include "sim/apiserver/sim_kube.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "k8s/codec.h"
#include "sim/apiserver/cluster_testing.h"

namespace sim::api {
namespace {

using k8s::EventOp;
using k8s::Kind;
using k8s::ObjectEvent;
using k8s::Verb;

struct ScriptedFaults final : KubeFaults {
  CallFault write_fault;
  runtime::Duration delay{0};
  bool drop_next = false;

  CallFault on_write(const k8s::WriteRequest&) override { return write_fault; }

  CallFault on_read(Kind) override { return {}; }

  runtime::Duration watch_delay(Kind) override { return delay; }

  std::optional<runtime::Duration> drop_watch(Kind) override {
    if (!std::exchange(drop_next, false)) {
      return std::nullopt;
    }
    return std::chrono::seconds(5);
  }
};

struct Bed {
  TestCluster cluster;
  ScriptedFaults faults;
  SimKube kube{cluster.registry, cluster.executor, &faults};
  std::string log;  // "+a" added, "~a" modified, "-a" deleted, "|" synced.

  void subscribe() {
    kube.subscribe(Kind::kPod, [this](const ObjectEvent& event) {
      constexpr std::string_view kSigns = "+~-|";
      log += kSigns[static_cast<std::size_t>(event.op)];
      log += event.object == nullptr ? "" : event.object->meta.name;
    });
  }

  void create(std::string_view name) {
    cluster.call("POST", "/api/v1/namespaces/default/pods", pod_json(name));
  }

  void remove(std::string_view name) {
    cluster.call("DELETE", "/api/v1/namespaces/default/pods/" + std::string(name));
  }

  // "ok", "gone" or the error's code.
  std::string write(k8s::WriteRequest request) {
    std::string out = "no answer";
    kube.write(std::move(request), [&out](const base::Result<k8s::ObjectPtr>& answer) {
      out = !answer ? std::string(base::to_string(answer.error().code))
                    : (*answer == nullptr ? "gone" : "ok");
    });
    EXPECT_EQ(out, "no answer") << "answered inside the call";
    cluster.executor.run_for(std::chrono::seconds(2));
    return out;
  }

  void settle() { cluster.executor.run_ready(); }
};

k8s::WriteRequest request(Verb verb, std::string_view name, std::string body = "") {
  return {.verb = verb, .key = {Kind::kPod, "default", std::string(name)}, .body = std::move(body)};
}

// The life of a pod's status as the scheduler and the kubelet write it; its last state.
DocumentPtr live_pod(TestCluster& cluster, SimKube& kube) {
  cluster.call("POST", "/api/v1/namespaces/default/pods", pod_json("a"));
  const k8s::ObjectKey key{.kind = Kind::kPod, .namespace_ = "default", .name = "a"};
  const auto write = [&](Verb verb, std::string subresource, std::string body) {
    k8s::WriteRequest request{};
    request.verb = verb;
    request.key = key;
    request.subresource = std::move(subresource);
    request.body = std::move(body);
    kube.write(std::move(request), [](const base::Result<k8s::ObjectPtr>& answer) {
      EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().detail);
    });
    cluster.executor.run_ready();
  };
  write(Verb::kBind, "", "node-1");
  write(Verb::kMergePatch,
        "status",
        R"({"status":{"phase":"Running","startTime":"2026-01-05T00:00:00Z","podIP":"10.0.0.1",)"
        R"("conditions":[{"type":"Ready","status":"True"}]}})");
  write(Verb::kMergePatch, "status", R"({"status":{"podIP":null,"phase":"Succeeded"}})");
  return cluster.store.find(type_of(Kind::kPod), "default", "a");
}

TEST(SimKube, TrustedWritesLeaveWhatCheckedOnesLeave) {
  TestCluster checked;
  TestCluster trusted;
  SimKube slow(checked.registry, checked.executor);
  SimKube fast(trusted.registry, trusted.executor, nullptr, true);
  const DocumentPtr a = live_pod(checked, slow);
  const DocumentPtr b = live_pod(trusted, fast);
  ASSERT_TRUE(a != nullptr && b != nullptr);
  EXPECT_EQ(a->body(), b->body());
  ASSERT_TRUE(a->typed() != nullptr && b->typed() != nullptr);
  EXPECT_EQ(k8s::encode_object(*a->typed()), k8s::encode_object(*b->typed()));
}

TEST(SimKube, ListsThenSyncsThenWatches) {
  Bed bed;
  bed.create("a");
  bed.subscribe();
  EXPECT_EQ(bed.log, "");
  bed.create("b");
  bed.remove("a");
  bed.settle();
  EXPECT_EQ(bed.log, "+a|+b-a");
}

TEST(SimKube, SharesDecodedObjects) {
  Bed bed;
  bed.create("a");
  k8s::ObjectPtr first;
  k8s::ObjectPtr second;
  for (k8s::ObjectPtr* slot : {&first, &second}) {
    bed.kube.get({Kind::kPod, "default", "a"}, [slot](const auto& found) { *slot = *found; });
  }
  bed.settle();
  EXPECT_NE(first, nullptr);
  EXPECT_EQ(first, second);
}

TEST(SimKube, DroppedWatchSeesTheDifference) {
  Bed bed;
  bed.create("a");
  bed.create("b");
  bed.subscribe();
  bed.settle();
  bed.log.clear();
  bed.faults.drop_next = true;
  bed.create("c");
  bed.remove("a");
  bed.create("d");
  bed.remove("d");
  bed.settle();
  EXPECT_EQ(bed.log, "");
  bed.cluster.executor.run_for(std::chrono::seconds(6));
  EXPECT_EQ(bed.log, "-a+c");
}

TEST(SimKube, ReplacedObjectIsDeletedAndAddedOnRelist) {
  Bed bed;
  bed.create("a");
  bed.subscribe();
  bed.settle();
  bed.log.clear();
  bed.faults.drop_next = true;
  bed.remove("a");
  bed.create("a");
  bed.cluster.executor.run_for(std::chrono::seconds(6));
  EXPECT_EQ(bed.log, "-a+a");
}

TEST(SimKube, DelayedEventsKeepTheirOrder) {
  Bed bed;
  bed.subscribe();
  bed.settle();
  bed.log.clear();
  bed.faults.delay = std::chrono::seconds(3);
  bed.create("a");
  bed.faults.delay = std::chrono::seconds(0);
  bed.create("b");
  bed.settle();
  EXPECT_EQ(bed.log, "");
  bed.cluster.executor.run_for(std::chrono::seconds(4));
  EXPECT_EQ(bed.log, "+a+b");
}

TEST(SimKube, WritesAnswerLikeAServer) {
  // API-15
  Bed bed;
  EXPECT_EQ(bed.write(request(Verb::kCreate, "", pod_json("a"))), "ok");
  EXPECT_EQ(bed.write(request(Verb::kCreate, "", pod_json("a"))),
            base::to_string(base::ErrorCode::kAlreadyExists));
  k8s::WriteRequest locked =
      request(Verb::kMergePatch, "a", R"({"metadata":{"labels":{"x":"y"}}})");
  locked.resource_version = "1";
  EXPECT_EQ(bed.write(std::move(locked)), base::to_string(base::ErrorCode::kConflict));
  EXPECT_EQ(bed.write(request(Verb::kBind, "a", "n1")), "ok");
  EXPECT_EQ(bed.write(request(Verb::kDelete, "a")), "ok");  // Bound: it is given time.
  k8s::WriteRequest now = request(Verb::kDelete, "a");
  now.grace_seconds = 0;
  EXPECT_EQ(bed.write(std::move(now)), "gone");
  EXPECT_EQ(bed.write(request(Verb::kEvict, "a")), base::to_string(base::ErrorCode::kNotFound));
}

TEST(SimKube, LostAnswerLeavesTheWriteDone) {
  Bed bed;
  bed.faults.write_fault.lose_answer = true;
  EXPECT_EQ(bed.write(request(Verb::kCreate, "", pod_json("a"))),
            base::to_string(base::ErrorCode::kTimeout));
  EXPECT_NE(bed.cluster.store.find(type_of(Kind::kPod), "default", "a"), nullptr);
}

TEST(SimKube, RefusedWriteDoesNothing) {
  Bed bed;
  bed.faults.write_fault.refuse = base::Error{base::ErrorCode::kThrottled, "slow down"};
  EXPECT_EQ(bed.write(request(Verb::kCreate, "", pod_json("a"))),
            base::to_string(base::ErrorCode::kThrottled));
  EXPECT_EQ(bed.cluster.store.find(type_of(Kind::kPod), "default", "a"), nullptr);
}

}  // namespace
}  // namespace sim::api

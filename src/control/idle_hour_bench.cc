// What the whole controller costs while nothing happens (docs/performance.md): a cluster from which
// nothing can be taken, a heartbeat per node every five minutes, and an hour of virtual time.
// Without the network: events arrive decoded, and nobody reads /metrics.
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <boost/json.hpp>

#include "act/ports_testing.h"
#include "base/assert.h"
#include "base/text.h"
#include "control/controllers.h"
#include "disrupt/crowd_testing.h"
#include "k8s/codec.h"
#include "k8s/patch.h"
#include "runtime/log_sinks.h"
#include "runtime/process.h"
#include "runtime/virtual_executor.h"
#include "world/world_testing.h"

namespace control {
namespace {

// An API server of typed objects: merge patches and nothing else, which is all that a settled
// cluster sees.
class TypedApi : public act::testing::IdleApi {
 public:
  explicit TypedApi(runtime::Executor& executor) : executor_(executor) {}

  void put(k8s::ObjectPtr object) {
    const k8s::ObjectKey key{object->kind, object->meta.namespace_, object->meta.name};
    objects_[key] = std::move(object);
    announce(key);
  }

  // As the server keeps it: with a version.
  template <typename T>
  void put_copy(T object) {
    object.meta.resource_version = std::to_string(++version_);
    put(std::make_shared<const T>(std::move(object)));
  }

  const k8s::Object& at(const k8s::ObjectKey& key) const { return *objects_.at(key); }

  void subscribe(k8s::Kind kind, Sink sink) override {
    for (const auto& [key, object] : objects_) {
      if (key.kind == kind) {
        executor_.post(
            [sink, event = k8s::ObjectEvent{kind, k8s::EventOp::kAdded, object}] { sink(event); });
      }
    }
    executor_.post([sink, kind] { sink({kind, k8s::EventOp::kSynced, nullptr}); });
    sinks_[kind] = std::move(sink);
  }

  void write(k8s::WriteRequest request, WriteDone done) override {
    if (request.key.kind == k8s::Kind::kEvent) {
      ++events_;
      executor_.post([done = std::move(done)] { done(k8s::ObjectPtr()); });
      return;
    }
    ASSERT(request.verb == k8s::Verb::kMergePatch);  // Nothing is created, nothing goes.
    ++writes_;
    k8s::ObjectPtr& stored = objects_.at(request.key);
    boost::json::value body = boost::json::parse(k8s::encode_object(*stored));
    k8s::apply_merge_patch(body, boost::json::parse(request.body));
    body.at("metadata").as_object()["resourceVersion"] = std::to_string(++version_);
    auto changed = k8s::decode_as(request.key.kind, boost::json::serialize(body));
    ASSERT(changed.has_value());
    stored = *changed;
    announce(request.key);
    executor_.post([done = std::move(done), stored] { done(stored); });
  }

  std::uint64_t writes() const { return writes_; }

  std::uint64_t events() const { return events_; }

 private:
  void announce(const k8s::ObjectKey& key) {
    if (const auto sink = sinks_.find(key.kind); sink != sinks_.end()) {
      executor_.post([sink = sink->second,
                      event = k8s::ObjectEvent{key.kind, k8s::EventOp::kModified, objects_[key]}] {
        sink(event);
      });
    }
  }

  runtime::Executor& executor_;
  std::map<k8s::ObjectKey, k8s::ObjectPtr> objects_;
  std::map<k8s::Kind, Sink> sinks_;
  std::uint64_t version_ = 0;
  std::uint64_t writes_ = 0;
  std::uint64_t events_ = 0;
};

// Knows of every instance, and is asked for nothing but the list.
class ListedCloud : public act::testing::IdleCloud {
 public:
  explicit ListedCloud(runtime::Executor& executor) : executor_(executor) {}

  void list(ListDone done) override {
    executor_.post([done = std::move(done), all = instances] { done(all); });
  }

  std::vector<cloud::Instance> instances;

 private:
  runtime::Executor& executor_;
};

class Settled {
 public:
  explicit Settled(int machines) {
    disrupt::testing::Crowd crowd({.machines = machines, .is_tight = true});
    take_over(*crowd.snapshot());
    Config config;
    config.plan.schema = crowd.schema();
    controllers_ = std::make_unique<Controllers>(
        Dependencies{.executor = executor_,
                     .api = api_,
                     .cloud = cloud_,
                     .catalogue = [all = crowd.catalogue()](const k8s::Object&) { return all; },
                     .log = log_,
                     .rng = runtime::Rng(1)},
        std::move(config));
    controllers_->start();
  }

  // A heartbeat comes every five minutes from each node.
  void run(std::chrono::minutes time) {
    constexpr std::size_t kTurns = 30;
    for (auto turns = time / std::chrono::seconds(10); turns > 0; --turns, ++turn_) {
      for (std::size_t i = turn_ % kTurns; i < nodes_.size(); i += kTurns) {
        auto beating = k8s::as<k8s::Node>(api_.at(nodes_[i]));
        beating.status.conditions[0].last_heartbeat = base::to_unix_ns(executor_.clock().wall());
        api_.put_copy(std::move(beating));
      }
      executor_.run_for(std::chrono::seconds(10));
    }
  }

  const TypedApi& api() const { return api_; }

 private:
  void take_over(const world::Snapshot& snapshot) {
    k8s::KWOKNodeClass node_class;
    node_class.meta.name = "default";
    node_class.meta.uid = "uid-class";
    node_class.meta.generation = 1;
    api_.put_copy(node_class);
    for (const auto& row : snapshot.pools) {
      api_.put_copy(*row->pool);
    }
    snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
      api_.put_copy(*row.claim);
      api_.put_copy(*row.node);
      nodes_.push_back({k8s::Kind::kNode, "", row.node->meta.name});
      cloud::Instance& instance = cloud_.instances.emplace_back();
      instance.provider_id = row.claim->status.provider_id;
      instance.launched = world::testing::kNow;
    });
    snapshot.pods.for_each([&](world::PodId, const world::PodRow& row) { api_.put(row.pod); });
  }

  runtime::VirtualExecutor executor_{{.start = base::from_unix_ns(world::testing::kNow)}};
  runtime::NullLogSink log_;
  TypedApi api_{executor_};
  ListedCloud cloud_{executor_};
  std::vector<k8s::ObjectKey> nodes_;
  std::unique_ptr<Controllers> controllers_;
  std::size_t turn_ = 0;
};

void idle_hour(benchmark::State& state) {
  Settled settled(static_cast<int>(state.range(0)));
  settled.run(std::chrono::minutes(30));  // Until everything is written down once.
  const std::uint64_t writes = settled.api().writes();
  const std::uint64_t events = settled.api().events();
  for (auto _ : state) {
    settled.run(std::chrono::minutes(60));
  }
  const auto hours = static_cast<double>(state.iterations());
  state.counters["settling_writes"] = static_cast<double>(writes);
  state.counters["writes"] = static_cast<double>(settled.api().writes() - writes) / hours;
  state.counters["events"] = static_cast<double>(settled.api().events() - events) / hours;
  state.counters["rss_mb"] =
      static_cast<double>(runtime::process_usage().resident_bytes) / 1'000'000;
}

BENCHMARK(idle_hour)
    ->Name("controllers/idle_hour")
    ->Arg(500)
    ->Arg(5000)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace control

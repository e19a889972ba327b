// Performs effects through the ports, retries what failed in transport, and reports what came of
// it. It chooses nothing.
//
//   Actor actor({.api = api, .cloud = cloud, .resolver = &resolver}, executor, log);
//   actor.perform(effect, [](act::Outcome outcome) { ... });   // On the loop, later.
//
// Retries: transport errors (kUnavailable, kTimeout, kThrottled) of all but evictions up to five
// times with doubling pauses from 100 ms; the last error is the outcome. All effects are safe to
// repeat: a create carries its name, so kAlreadyExists after a retry means that the lost answer was
// a yes. Thread rule: the loop. The ports, the executor and the log must outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "act/effect.h"
#include "act/event_correlator.h"
#include "act/event_filter.h"
#include "runtime/executor.h"

namespace act {

struct Ports {
  k8s::KubeApi& api;
  cloud::CloudProvider& cloud;
  cloud::NodeClassResolver* resolver = nullptr;  // null: no EC2 node classes here.
  // Where events are written, so that they wait for nothing and nothing waits for them; null: api.
  k8s::KubeApi* events = nullptr;
};

class Actor {
 public:
  using Done = std::function<void(Outcome)>;
  // One line per performed effect that changes something, in order; hash them to compare two runs.
  using EffectLog = std::function<void(k8s::TimeNs, std::string_view line)>;

  // `metrics`: what effects ask to be counted; null: nothing is.
  Actor(Ports ports,
        runtime::Executor& executor,
        EffectLog log = {},
        runtime::Metrics* metrics = nullptr);
  ~Actor();
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;

  void perform(Effect effect, Done done = {});

  // What the API holds now, for whoever has lost a race; the watch may be behind.
  void read(const k8s::ObjectKey& key, k8s::KubeApi::ReadDone done);

  // Effects performed so far (not counting questions, retries and dropped events) and a hash over
  // their lines.
  std::uint64_t count() const { return count_; }

  std::uint64_t digest() const { return digest_; }

  // What has been said lately.
  const EventFilter& event_filter() const { return filter_; }

 private:
  struct Attempt;

  k8s::TimeNs now() const;
  void record(const Effect& effect);
  void run(std::shared_ptr<Attempt> attempt);
  void finish(const std::shared_ptr<Attempt>& attempt, Outcome outcome);
  void publish(const PublishEvent& event);
  void create_event(const PublishEvent& event, const EventRecord& record, k8s::TimeNs time);
  k8s::KubeApi& events();

  Ports ports_;
  runtime::Executor& executor_;
  EffectLog log_;
  runtime::Metrics* metrics_;
  EventFilter filter_;

  EventCorrelator correlator_;
  std::uint64_t count_ = 0;
  std::uint64_t digest_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace act

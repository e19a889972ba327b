// Runs reconcile functions: a work queue without duplicates, one key of one controller at a time,
// wake-ups, back-off after failed writes. Effects go to the Actor; what the cloud answers goes to
// the Memory, what the API answers goes to the World, and the key is looked at again.
//
// A key is not reconciled while one of its effects is on its way; changes meanwhile are remembered.
// Several controllers write to one object: while a patch of one is on its way, what another makes
// of the same picture could only lose the race, so it is thrown away and made again afterwards.
// What others write meanwhile is read before the next try: a watch can be behind for seconds.
// Nothing is reconciled before every initial list is complete: an object that was not told of yet
// looks like one that is gone (OPR-33).
// Thread rule: the loop. Order: keys in the order in which they became due.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "act/actor.h"
#include "control/alarms.h"
#include "control/engine_meters.h"
#include "control/view.h"

namespace control {

struct Controller {
  std::string name;  // Upstream's, as in logs and metrics.
  std::function<Step(const View&, const std::string& key)> reconcile;
  // Which keys an event concerns.
  std::function<void(const k8s::ObjectEvent&, const world::World&, std::vector<std::string>&)> keys;
  k8s::DurationNs first_backoff = 100 * k8s::kMillisecond;
  k8s::DurationNs longest_backoff = 10 * k8s::kSecond;
  // Its step may be thrown away and made again: reconcile keeps nothing.
  bool is_repeatable = true;
};

class Engine {
 public:
  Engine(runtime::Executor& executor,
         act::Actor& actor,
         world::World& world,
         const Config& config,
         runtime::Metrics& metrics,
         runtime::Logger log);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void add(Controller controller);
  // Applies the event to the world and queues every key that it concerns.
  void on_event(const k8s::ObjectEvent& event);
  void enqueue(std::string_view controller, const std::string& key);

  // Called after every event that was applied.
  std::function<void(const k8s::ObjectEvent&)> after_event;
  // Called when the cloud could not deliver offerings.
  std::function<void(std::span<const cloud::OfferingRef>)> on_unavailable;

  Memory& memory() { return memory_; }

  runtime::Metrics& metrics() { return metrics_; }

  k8s::TimeNs now() const;
  // An answer of the API: newer than the picture, unless the watch was faster.
  void apply_answer(const k8s::ObjectPtr& object);

 private:
  using Key = Alarms::Key;  // Which controller, and what.

  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return std::hash<std::string>{}(key.second) + key.first * 0x9e3779b97f4a7c15ULL;
    }
  };

  struct State {
    int in_flight = 0;
    bool is_queued = false;
    bool is_dirty = false;  // Something happened while effects were on their way.
    bool has_failed = false;
    bool was_outdated = false;  // All that failed is a write from an old picture.
    int failures = 0;
    k8s::TimeNs wake_at = 0;
    base::Instant queued_at = {};
    base::Instant started_at = {};
  };

  // A patch of ours on its way.
  struct Patching {
    int count = 0;
    std::set<Key> waiting;
  };

  bool is_own_write(const k8s::ObjectEvent& event);
  void push_keys(const k8s::ObjectEvent& event);
  void push(const Key& key);
  void schedule_pump();
  void pump();
  void run(const Key& key);
  void carry_out(const Key& key, Step step);
  Patching* find_patching(const Step& step);
  void end_patching(const act::Effect& effect);
  void finish(const Key& key, const act::Effect& effect, const act::Outcome& outcome);
  void keep(const Step& step);
  void end(const Key& key, const act::Effect& effect);
  void read_again(const Key& key, const act::Effect& effect);
  void remember(const act::Effect& effect, const act::Outcome& outcome);
  void settle(const Key& key, State& state);
  void measure(const Key& key, const State& state);
  void count_eviction(const base::Error* error);
  void set_wake(const Key& key, State& state, k8s::TimeNs at);
  void wake(const Key& key);

  runtime::Executor& executor_;
  act::Actor& actor_;
  world::World& world_;
  const Config& config_;
  runtime::Metrics& metrics_;
  runtime::Logger log_;
  std::vector<Controller> controllers_;
  std::vector<EngineMeters> meters_;  // As controllers_.
  Memory memory_;
  std::unordered_map<Key, State, KeyHash> states_;
  std::deque<Key> queue_;
  Alarms alarms_;
  std::map<k8s::ObjectKey, Patching> patching_;
  // Versions that answers have brought and no watch yet, by uid.
  std::unordered_map<std::string, std::string> answered_;
  bool is_pumping_ = false;
  std::vector<std::string> scratch_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace control

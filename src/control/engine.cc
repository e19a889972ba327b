#include "control/engine.h"

#include <algorithm>

#include "control/answers.h"
#include "control/metrics.h"

namespace control {

namespace {

constexpr int kKeysPerTask = 64;
// An object that changes all the time is left alone for a while.
constexpr int kQuickRetries = 4;
constexpr k8s::DurationNs kFirstRetry = 5 * k8s::kMillisecond;
constexpr k8s::DurationNs kLongestRetry = 1 * k8s::kSecond;

const k8s::ObjectKey* patched_by(const act::Effect& effect) {
  const auto* write = std::get_if<act::WriteObject>(&effect.action);
  return write != nullptr && write->request.verb == k8s::Verb::kMergePatch ? &write->request.key
                                                                           : nullptr;
}

// Writes that lost a race, or whose object is gone, are no news: the picture will tell. An eviction
// that a budget refuses is told by its event (LIF-148).
bool is_harmless(const act::Effect& effect, const base::Error& error) {
  const auto* write = std::get_if<act::WriteObject>(&effect.action);
  if (error.code == base::ErrorCode::kThrottled && write != nullptr &&
      write->request.verb == k8s::Verb::kEvict) {
    return true;
  }
  return error.code == base::ErrorCode::kConflict || error.code == base::ErrorCode::kNotFound ||
         error.code == base::ErrorCode::kAlreadyExists;
}

}  // namespace

Engine::Engine(runtime::Executor& executor,
               act::Actor& actor,
               world::World& world,
               const Config& config,
               runtime::Metrics& metrics,
               runtime::Logger log)
    : executor_(executor),
      actor_(actor),
      world_(world),
      config_(config),
      metrics_(metrics),
      log_(std::move(log)),
      alarms_(executor, [this](const Key& key) { wake(key); }) {}

Engine::~Engine() {
  *alive_ = false;
}

void Engine::add(Controller controller) {
  meters_.emplace_back(metrics_, controller.name);
  controllers_.push_back(std::move(controller));
}

k8s::TimeNs Engine::now() const {
  return base::to_unix_ns(executor_.clock().wall());
}

void Engine::on_event(const k8s::ObjectEvent& event) {
  if (!is_own_write(event)) {
    // A claim's row knows its node only until the claim is gone, and the other way round: keys are
    // taken before and after.
    if (event.op == k8s::EventOp::kDeleted) {
      push_keys(event);
    }
    world_.apply(event);
    push_keys(event);
    if (event.op == k8s::EventOp::kSynced && !queue_.empty()) {
      schedule_pump();
    }
  }
  if (after_event) {
    after_event(event);
  }
}

// Most of what the watches tell of our objects are our own writes, known from their answers.
bool Engine::is_own_write(const k8s::ObjectEvent& event) {
  const auto answered =
      event.object == nullptr ? answered_.end() : answered_.find(event.object->meta.uid);
  if (answered == answered_.end()) {
    return false;
  }
  const bool is_same =
      event.op != k8s::EventOp::kDeleted && answered->second == event.object->meta.resource_version;
  if (is_same || event.op == k8s::EventOp::kDeleted) {
    answered_.erase(answered);
  }
  return is_same;
}

void Engine::push_keys(const k8s::ObjectEvent& event) {
  if (event.object == nullptr) {
    return;
  }
  for (std::size_t i = 0; i < controllers_.size(); ++i) {
    if (!controllers_[i].keys) {
      continue;
    }
    scratch_.clear();
    controllers_[i].keys(event, world_, scratch_);
    for (const std::string& key : scratch_) {
      push({i, key});
    }
  }
}

void Engine::apply_answer(const k8s::ObjectPtr& object) {
  if (object != nullptr && world_.knows(*object)) {
    on_event({object->kind, k8s::EventOp::kModified, object});
    answered_.insert_or_assign(object->meta.uid, object->meta.resource_version);
  }
}

void Engine::enqueue(std::string_view controller, const std::string& key) {
  for (std::size_t i = 0; i < controllers_.size(); ++i) {
    if (controllers_[i].name == controller) {
      push({i, key});
    }
  }
}

void Engine::push(const Key& key) {
  State& state = states_[key];
  if (state.in_flight > 0) {
    state.is_dirty = true;
  } else if (!state.is_queued) {
    state.is_queued = true;
    state.queued_at = executor_.clock().now();
    meters_[key.first].queued();
    queue_.push_back(key);
    schedule_pump();
  }
}

void Engine::schedule_pump() {
  if (is_pumping_ || !world_.has_lists()) {
    return;
  }
  is_pumping_ = true;
  executor_.post([this, alive = alive_] {
    if (*alive) {
      pump();
    }
  });
}

void Engine::pump() {
  for (int i = 0; i < kKeysPerTask && !queue_.empty(); ++i) {
    const Key key = std::move(queue_.front());
    queue_.pop_front();
    run(key);
  }
  is_pumping_ = false;
  if (!queue_.empty()) {
    schedule_pump();
  }
}

void Engine::run(const Key& key) {
  State& state = states_[key];
  state.is_queued = false;
  state.started_at = executor_.clock().now();
  meters_[key.first].started(state.started_at - state.queued_at);
  set_wake(key, state, 0);
  const k8s::TimeNs time = now();
  const world::SnapshotPtr snapshot = world_.snapshot(time);
  const View view{*snapshot, world_, memory_, config_, time, &actor_.event_filter()};
  carry_out(key, controllers_[key.first].reconcile(view, key.second));
}

Engine::Patching* Engine::find_patching(const Step& step) {
  for (const act::Effect& effect : step.effects) {
    const k8s::ObjectKey* object = patched_by(effect);
    const auto found = object == nullptr ? patching_.end() : patching_.find(*object);
    if (found != patching_.end()) {
      return &found->second;
    }
  }
  return nullptr;
}

void Engine::end_patching(const act::Effect& effect) {
  const k8s::ObjectKey* object = patched_by(effect);
  const auto found = object == nullptr ? patching_.end() : patching_.find(*object);
  if (found == patching_.end() || --found->second.count > 0) {
    return;
  }
  const std::set<Key> waiting = std::move(found->second.waiting);
  patching_.erase(found);
  for (const Key& key : waiting) {
    push(key);
  }
}

void Engine::carry_out(const Key& key, Step step) {
  State& state = states_[key];
  if (controllers_[key.first].is_repeatable) {
    if (Patching* patching = find_patching(step)) {
      patching->waiting.insert(key);
      measure(key, state);
      return;
    }
  }
  if (!step.logs.empty()) {
    const runtime::Logger log = log_.with({{"controller", controllers_[key.first].name}});
    for (const runtime::LogRecord& record : step.logs) {
      log.write(record.level, record.message, record.fields, std::source_location::current());
    }
  }
  for (const world::Intent& intent : step.intents) {
    world_.add_intent(intent);
  }
  keep(step);
  for (const runtime::MetricChange& change : step.metrics) {
    metrics_.apply(change, executor_.clock().now());
  }
  state.has_failed = false;
  state.was_outdated = true;
  for (const act::Effect& effect : step.effects) {
    state.in_flight += std::holds_alternative<act::PublishEvent>(effect.action) ? 0 : 1;
  }
  const bool is_waiting = state.in_flight > 0;
  for (act::Effect& effect : step.effects) {
    if (std::holds_alternative<act::PublishEvent>(effect.action)) {
      actor_.perform(std::move(effect), {});  // Nobody waits for it.
      continue;
    }
    const act::Effect copy = effect;
    if (const k8s::ObjectKey* object = patched_by(effect)) {
      ++patching_[*object].count;
    }
    actor_.perform(std::move(effect),
                   [this, alive = alive_, key, copy](const act::Outcome& outcome) {
                     if (*alive) {
                       finish(key, copy, outcome);
                     }
                   });
  }
  if (step.wake_at != 0) {
    set_wake(key, state, step.wake_at);
  }
  if (!is_waiting) {
    state.failures = 0;
    settle(key, state);
  }
}

void Engine::keep(const Step& step) {
  keep_facts(step, now(), memory_);
  if (step.pool_catalogues) {
    world_.set_pool_catalogues(*step.pool_catalogues);
  }
  for (const auto& [controller, key] : step.enqueue) {
    enqueue(controller, key);
  }
}

void Engine::finish(const Key& key, const act::Effect& effect, const act::Outcome& outcome) {
  State& state = states_[key];
  remember(effect, outcome);
  const base::Error* error = act::error_of(outcome);
  if (const auto* write = std::get_if<base::Result<k8s::ObjectPtr>>(&outcome)) {
    if (error == nullptr) {
      apply_answer(**write);
    } else {
      state.has_failed = true;
      if (error->code == base::ErrorCode::kConflict && patched_by(effect) != nullptr) {
        return read_again(key, effect);
      }
      state.was_outdated = false;
      if (!is_harmless(effect, *error)) {
        log_.error("Reconciler error",
                   {{"controller", controllers_[key.first].name},
                    {"effect", act::describe(effect)},
                    {"error", *error}});
      }
    }
  } else {
    state.is_dirty = true;  // The memory has changed: the controller paces itself by it.
  }
  end(key, effect);
}

void Engine::end(const Key& key, const act::Effect& effect) {
  State& state = states_[key];
  if (--state.in_flight == 0) {
    settle(key, state);
  }
  end_patching(effect);
}

void Engine::read_again(const Key& key, const act::Effect& effect) {
  actor_.read(*patched_by(effect),
              [this, alive = alive_, key, effect](const base::Result<k8s::ObjectPtr>& object) {
                if (!*alive) {
                  return;
                }
                if (object) {
                  apply_answer(*object);
                  states_[key].is_dirty = true;
                }
                end(key, effect);
              });
}

void Engine::measure(const Key& key, const State& state) {
  const ReconcileResult result = state.has_failed     ? ReconcileResult::kError
                                 : state.wake_at != 0 ? ReconcileResult::kRequeueAfter
                                                      : ReconcileResult::kSuccess;
  meters_[key.first].finished(executor_.clock().now() - state.started_at, result);
  if (state.has_failed) {
    meters_[key.first].retried();
  }
}

// The HTTP code of the answer to an eviction.
void Engine::count_eviction(const base::Error* error) {
  const auto code_of = [](base::ErrorCode code) {
    switch (code) {
      case base::ErrorCode::kThrottled:
        return "429";
      case base::ErrorCode::kNotFound:
        return "404";
      case base::ErrorCode::kConflict:
        return "409";
      case base::ErrorCode::kDenied:
        return "403";
      default:
        return "500";
    }
  };
  metrics_.at(metric::kEvictionRequests, {error == nullptr ? "200" : code_of(error->code)}).add();
}

// All effects of the last step are through.
void Engine::settle(const Key& key, State& state) {
  measure(key, state);
  if (state.has_failed) {
    const bool is_newer_here = std::exchange(state.is_dirty, false) && state.was_outdated;
    state.has_failed = false;
    ++state.failures;
    if (is_newer_here && state.failures <= kQuickRetries) {
      push(key);
      return;
    }
    if (state.was_outdated) {
      set_wake(key, state, now() + backoff(state.failures, kFirstRetry, kLongestRetry));
      return;
    }
    const Controller& controller = controllers_[key.first];
    set_wake(key,
             state,
             now() + backoff(state.failures, controller.first_backoff, controller.longest_backoff));
    return;
  }
  if (state.is_dirty) {
    state.is_dirty = false;
    push(key);
    return;
  }
  if (state.wake_at == 0 && !state.is_queued && state.in_flight == 0 && state.failures == 0) {
    states_.erase(key);
  }
}

void Engine::remember(const act::Effect& effect, const act::Outcome& outcome) {
  const auto* write = std::get_if<act::WriteObject>(&effect.action);
  if (write != nullptr && write->request.verb == k8s::Verb::kEvict) {
    count_eviction(act::error_of(outcome));
  }
  keep_answer(effect, outcome, now(), memory_, world_);
  const auto unavailable = unavailable_by(outcome);
  if (!unavailable.empty() && on_unavailable) {
    on_unavailable(unavailable);
  }
}

void Engine::set_wake(const Key& key, State& state, k8s::TimeNs at) {
  alarms_.move(key, std::exchange(state.wake_at, at), at);
}

void Engine::wake(const Key& key) {
  states_[key].wake_at = 0;
  push(key);
}

}  // namespace control

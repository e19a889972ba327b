#include "act/actor.h"

#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "k8s/codec.h"
#include "k8s/time.h"
#include "k8s/workload.h"
#include "runtime/json_text.h"

namespace act {

namespace {

constexpr int kMaxAttempts = 5;

bool is_eviction(const Effect& effect) {
  const auto* write = std::get_if<WriteObject>(&effect.action);
  return write != nullptr && write->request.verb == k8s::Verb::kEvict;
}

bool is_create(const Effect& effect) {
  const auto* write = std::get_if<WriteObject>(&effect.action);
  return write != nullptr && write->request.verb == k8s::Verb::kCreate;
}

bool is_retriable(const Effect& effect, const base::Error& error) {
  switch (error.code) {
    case base::ErrorCode::kUnavailable:
    case base::ErrorCode::kTimeout:
    case base::ErrorCode::kThrottled:
      return !is_eviction(effect);  // Their queue paces them, and tells why they are refused.
    default:
      return false;
  }
}

runtime::Duration pause_after(int attempts) {
  return std::chrono::milliseconds(100) * (1 << (attempts - 1));
}

}  // namespace

struct Actor::Attempt {
  Effect effect;
  Done done;
  int attempts = 0;
};

Actor::Actor(Ports ports, runtime::Executor& executor, EffectLog log, runtime::Metrics* metrics)
    : ports_(ports), executor_(executor), log_(std::move(log)), metrics_(metrics) {}

Actor::~Actor() {
  *alive_ = false;
}

k8s::TimeNs Actor::now() const {
  return base::to_unix_ns(executor_.clock().wall());
}

void Actor::perform(Effect effect, Done done) {
  if (const auto* event = std::get_if<PublishEvent>(&effect.action)) {
    if (filter_.admit(*event, now())) {
      record(effect);
      publish(*event);
    }
    return;
  }
  record(effect);
  run(std::make_shared<Attempt>(Attempt{std::move(effect), std::move(done), 0}));
}

void Actor::read(const k8s::ObjectKey& key, k8s::KubeApi::ReadDone done) {
  ports_.api.get(key, [alive = alive_, done = std::move(done)](auto answer) {
    if (*alive) {
      done(std::move(answer));
    }
  });
}

// Questions change nothing: the log is of what was done.
void Actor::record(const Effect& effect) {
  if (std::holds_alternative<GetInstance>(effect.action) ||
      std::holds_alternative<ListInstances>(effect.action) ||
      std::holds_alternative<ResolveClass>(effect.action)) {
    return;
  }
  const std::string line = describe(effect);
  ++count_;
  digest_ = base::Hasher(digest_).add(line).add(static_cast<std::uint64_t>(now())).digest();
  if (log_) {
    log_(now(), line);
  }
}

void Actor::run(std::shared_ptr<Attempt> attempt) {
  ++attempt->attempts;
  const auto answer = [this, alive = alive_, attempt](auto result) {
    if (*alive) {
      finish(attempt, Outcome(std::move(result)));
    }
  };
  const Action& action = attempt->effect.action;
  if (const auto* write = std::get_if<WriteObject>(&action)) {
    ports_.api.write(write->request, answer);
  } else if (const auto* launch = std::get_if<Launch>(&action)) {
    ports_.cloud.launch(launch->request, answer);
  } else if (const auto* terminate = std::get_if<Terminate>(&action)) {
    ports_.cloud.terminate(terminate->provider_id, answer);
  } else if (const auto* get = std::get_if<GetInstance>(&action)) {
    ports_.cloud.get(get->provider_id, answer);
  } else if (std::holds_alternative<ListInstances>(action)) {
    ports_.cloud.list(answer);
  } else if (const auto* resolve = std::get_if<ResolveClass>(&action)) {
    if (ports_.resolver == nullptr) {
      answer(base::Result<cloud::ResolvedNodeClass>(
          base::fail(base::ErrorCode::kUnsupported, "no resolver of node classes here")));
    } else {
      ports_.resolver->resolve(resolve->node_class, answer);
    }
  }
}

void Actor::finish(const std::shared_ptr<Attempt>& attempt, Outcome outcome) {
  const base::Error* error = error_of(outcome);
  if (error != nullptr && attempt->attempts < kMaxAttempts &&
      is_retriable(attempt->effect, *error)) {
    executor_.after(pause_after(attempt->attempts), [this, alive = alive_, attempt] {
      if (*alive) {
        run(attempt);
      }
    });
    return;
  }
  if (error != nullptr && error->code == base::ErrorCode::kAlreadyExists && attempt->attempts > 1 &&
      is_create(attempt->effect)) {
    outcome = base::Result<k8s::ObjectPtr>(nullptr);
  }
  if (metrics_ != nullptr && error_of(outcome) == nullptr) {
    for (const runtime::MetricChange& change : attempt->effect.metrics) {
      metrics_->apply(change, executor_.clock().now());
    }
  }
  if (attempt->done) {
    attempt->done(std::move(outcome));
  }
}

// The answer does not matter: publishing never fails a reconcile (OPR-83).
void Actor::publish(const PublishEvent& event) {
  const k8s::TimeNs time = now();
  const std::optional<EventRecord> record = correlator_.take(event, time);
  if (!record) {
    return;
  }
  if (record->is_new()) {
    create_event(event, *record, time);
    return;
  }
  const std::string namespace_ =
      event.object.namespace_.empty() ? "default" : event.object.namespace_;
  k8s::WriteRequest request{.verb = k8s::Verb::kMergePatch,
                            .key = {k8s::Kind::kEvent, namespace_, record->name},
                            .subresource = {},
                            .body = {},
                            .uid = {},
                            .resource_version = {},
                            .grace_seconds = {}};
  request.body = base::concat(R"({"count":)",
                              record->count,
                              R"(,"lastTimestamp":")",
                              k8s::format_time(time),
                              R"(","message":)",
                              runtime::quote_json(record->message),
                              "}");
  events().write(std::move(request), [this, alive = alive_, key = record->key](const auto& result) {
    if (*alive && !result) {
      correlator_.forget(key);  // Expired on the server: the next one is written anew.
    }
  });
}

k8s::KubeApi& Actor::events() {
  return ports_.events != nullptr ? *ports_.events : ports_.api;
}

void Actor::create_event(const PublishEvent& event, const EventRecord& record, k8s::TimeNs time) {
  k8s::Event object;
  object.meta.namespace_ = event.object.namespace_.empty() ? "default" : event.object.namespace_;
  object.meta.name = record.name;
  object.involved = event.object;
  object.reason = event.reason;
  object.message = record.message;
  object.type = event.type;
  object.component = "karpenter";
  object.count = 1;
  object.first_time = time;
  object.last_time = time;
  events().write({.verb = k8s::Verb::kCreate,
                  .key = {k8s::Kind::kEvent, object.meta.namespace_, object.meta.name},
                  .subresource = {},
                  .body = k8s::encode_object(object),
                  .uid = {},
                  .resource_version = {},
                  .grace_seconds = {}},
                 [](const auto&) {});
}

}  // namespace act

#include "sim/apiserver/sim_kube.h"

#include <deque>
#include <map>
#include <utility>

#include <boost/json.hpp>

#include "sim/apiserver/patching.h"

namespace sim::api {

namespace {

using base::ErrorCode;
using k8s::EventOp;
using k8s::Kind;
using k8s::ObjectPtr;
using k8s::Verb;

ObjectRef ref_of(const k8s::ObjectKey& key, std::string subresource) {
  const TypeId type = type_of(key.kind);
  return {type,
          resource_type(type).namespaced ? key.namespace_ : std::string{},
          key.name,
          std::move(subresource)};
}

PatchType patch_type_of(Verb verb) {
  switch (verb) {
    case Verb::kJsonPatch:
      return PatchType::kJson;
    case Verb::kStrategicPatch:
      return PatchType::kStrategic;
    case Verb::kApplyPatch:
      return PatchType::kApply;
    default:
      return PatchType::kMerge;
  }
}

Answer<Written> dispatch(Registry& registry, const k8s::WriteRequest& request, bool is_trusted) {
  const ObjectRef ref = ref_of(request.key, request.subresource);
  WriteOptions options;
  options.is_trusted = is_trusted;
  options.unknown_fields = UnknownFields::kIgnore;
  options.uid = request.uid;
  options.resource_version = request.resource_version;
  options.grace_seconds = request.grace_seconds;
  switch (request.verb) {
    case Verb::kDelete:
      return registry.remove(ref, options);
    case Verb::kEvict:
      return registry.evict(ref, options);
    case Verb::kBind:
      return registry.bind(ref, request.body, options);
    case Verb::kApplyPatch:
      options.field_manager = "karpenter";
      options.force = true;
      [[fallthrough]];
    case Verb::kMergePatch:
    case Verb::kJsonPatch:
    case Verb::kStrategicPatch:
      return registry.patch(ref, patch_type_of(request.verb), request.body, options);
    case Verb::kCreate:
    case Verb::kUpdate:
      break;
  }
  Answer<boost::json::object> body = parse_object(request.body);
  if (!body) {
    return refuse(std::move(body.error()));
  }
  return request.verb == Verb::kCreate ? registry.create(ref, std::move(*body), options)
                                       : registry.update(ref, std::move(*body), options);
}

base::Result<ObjectPtr> typed(const base::Result<DocumentPtr>& document) {
  if (!document) {
    return base::fail(document.error());
  }
  return *document == nullptr ? ObjectPtr{} : (*document)->typed();
}

}  // namespace

base::Result<DocumentPtr> perform_write(Registry& registry,
                                        const k8s::WriteRequest& request,
                                        bool is_trusted) {
  const Answer<Written> written = dispatch(registry, request, is_trusted);
  if (!written) {
    return base::fail(written.error().to_error());
  }
  return written->is_gone ? nullptr : written->object;
}

struct SimKube::Subscription {
  struct Pending {
    runtime::Instant due;
    EventOp op;
    DocumentPtr document;  // Null for kSynced.
  };

  Kind kind;
  TypeId type;
  Sink sink;
  Store::ListenerId listener = 0;
  std::deque<Pending> queue;
  bool is_draining = false;
  bool is_broken = false;
  Store::Collection known;  // What the subscriber had been told when the watch broke.
};

SimKube::SimKube(Registry& registry,
                 runtime::Executor& executor,
                 KubeFaults* faults,
                 bool is_trusted)
    : registry_(registry), executor_(executor), faults_(faults), is_trusted_(is_trusted) {}

SimKube::~SimKube() {
  *is_connected_ = false;
  hang_up();
}

void SimKube::hang_up() {
  *is_alive_ = false;
  for (const auto& subscription : subscriptions_) {
    registry_.store().unlisten(subscription->listener);
  }
}

void SimKube::later(runtime::Duration delay, runtime::Task task) {
  auto guarded = [alive = is_alive_, task = std::move(task)]() mutable {
    if (*alive) {
      task();
    }
  };
  if (delay <= runtime::Duration(0)) {
    executor_.post(std::move(guarded));
  } else {
    executor_.after(delay, std::move(guarded));
  }
}

// --- Watching ---

void SimKube::subscribe(Kind kind, Sink sink) {
  auto subscription = std::make_shared<Subscription>();
  subscription->kind = kind;
  subscription->type = type_of(kind);
  subscription->sink = std::move(sink);
  subscriptions_.push_back(subscription);
  const runtime::Duration wait =
      faults_ == nullptr ? runtime::Duration(0) : faults_->list_delay(kind);
  if (wait > runtime::Duration(0)) {
    subscription->is_broken = true;  // Nothing is known, and nothing is told.
    later(wait, [this, subscription] {
      relist(subscription);
      deliver(subscription, EventOp::kSynced, nullptr);
    });
  } else {
    send_initial(subscription);
  }
  subscription->listener = registry_.store().listen(
      subscription->type,
      [this, subscription](const Change& change) { on_change(subscription, change); });
}

void SimKube::send_initial(const std::shared_ptr<Subscription>& subscription) {
  for (const auto& [key, document] : registry_.store().collection(subscription->type)) {
    deliver(subscription, EventOp::kAdded, document);
  }
  deliver(subscription, EventOp::kSynced, nullptr);
}

void SimKube::on_change(const std::shared_ptr<Subscription>& subscription, const Change& change) {
  if (subscription->is_broken) {
    return;
  }
  if (faults_ != nullptr) {
    if (const auto pause = faults_->drop_watch(subscription->kind)) {
      break_watch(subscription, *pause);
      // The change that broke the watch is missed too: undo it in what is known.
      const std::string key = Store::key_of(change.object->namespace_(), change.object->name());
      if (change.previous != nullptr) {
        subscription->known[key] = change.previous;
      } else {
        subscription->known.erase(key);
      }
      return;
    }
  }
  switch (change.op) {
    case ChangeOp::kAdded:
      return deliver(subscription, EventOp::kAdded, change.object);
    case ChangeOp::kModified:
      return deliver(subscription, EventOp::kModified, change.object);
    case ChangeOp::kDeleted:
      return deliver(subscription, EventOp::kDeleted, change.object);
  }
}

void SimKube::deliver(const std::shared_ptr<Subscription>& subscription,
                      EventOp op,
                      DocumentPtr document) {
  const runtime::Duration delay =
      faults_ == nullptr ? runtime::Duration(0) : faults_->watch_delay(subscription->kind);
  runtime::Instant due = executor_.clock().now() + delay;
  if (!subscription->queue.empty() && subscription->queue.back().due > due) {
    due = subscription->queue.back().due;
  }
  subscription->queue.push_back({due, op, std::move(document)});
  if (!std::exchange(subscription->is_draining, true)) {
    later(due - executor_.clock().now(), [this, subscription] { drain(subscription); });
  }
}

void SimKube::drain(const std::shared_ptr<Subscription>& subscription) {
  auto& queue = subscription->queue;
  const runtime::Instant now = executor_.clock().now();
  // Events that the sink causes wait for the next turn.
  std::size_t left = queue.size();
  while (left > 0 && queue.front().due <= now) {
    const auto event = std::move(queue.front());
    queue.pop_front();
    --left;
    if (event.op == EventOp::kSynced) {
      subscription->sink({subscription->kind, event.op, nullptr});
    } else if (const ObjectPtr& object = event.document->typed()) {
      subscription->sink({subscription->kind, event.op, object});
    }
  }
  if (queue.empty()) {
    subscription->is_draining = false;
    return;
  }
  later(queue.front().due - now, [this, subscription] { drain(subscription); });
}

void SimKube::break_watch(const std::shared_ptr<Subscription>& subscription,
                          runtime::Duration pause) {
  subscription->is_broken = true;
  subscription->known = registry_.store().collection(subscription->type);
  later(pause, [this, subscription] { relist(subscription); });
}

void SimKube::relist(const std::shared_ptr<Subscription>& subscription) {
  subscription->is_broken = false;
  const Store::Collection known = std::exchange(subscription->known, {});
  const Store::Collection& current = registry_.store().collection(subscription->type);
  for (const auto& [key, document] : known) {
    const auto found = current.find(key);
    // An object of the same name but another uid is another object.
    if (found == current.end() || found->second->uid() != document->uid()) {
      deliver(subscription, EventOp::kDeleted, document);
    }
  }
  for (const auto& [key, document] : current) {
    const auto found = known.find(key);
    if (found == known.end() || found->second->uid() != document->uid()) {
      deliver(subscription, EventOp::kAdded, document);
    } else if (found->second->version() != document->version()) {
      deliver(subscription, EventOp::kModified, document);
    }
  }
}

// --- Calls ---

CallFault SimKube::read_fault(Kind kind) {
  return faults_ == nullptr ? CallFault{} : faults_->on_read(kind);
}

void SimKube::get(const k8s::ObjectKey& key, ReadDone done) {
  const CallFault fault = read_fault(key.kind);
  later(fault.delay + fault.answer_delay, [this, key, fault, done = std::move(done)] {
    if (fault.refuse) {
      done(base::fail(*fault.refuse));
      return;
    }
    const Answer<DocumentPtr> found = registry_.get(ref_of(key, ""));
    done(found ? typed(*found) : base::fail(found.error().to_error()));
  });
}

void SimKube::list(Kind kind, ListDone done) {
  const CallFault fault = read_fault(kind);
  later(fault.delay + fault.answer_delay, [this, kind, fault, done = std::move(done)] {
    if (fault.refuse) {
      done(base::fail(*fault.refuse));
      return;
    }
    std::vector<ObjectPtr> objects;
    for (const auto& [key, document] : registry_.store().collection(type_of(kind))) {
      if (const ObjectPtr& object = document->typed()) {
        objects.push_back(object);
      }
    }
    done(std::move(objects));
  });
}

void SimKube::write(k8s::WriteRequest request, WriteDone done) {
  ++writes_;
  const CallFault fault = faults_ == nullptr ? CallFault{} : faults_->on_write(request);
  auto arrive = [this,
                 alive = is_alive_,
                 connected = is_connected_,
                 request = std::move(request),
                 fault,
                 done = std::move(done)]() mutable {
    if (!*connected) {
      return;
    }
    perform(request, fault, *alive ? std::move(done) : [](const base::Result<ObjectPtr>&) {});
  };
  if (fault.delay <= runtime::Duration(0)) {
    executor_.post(std::move(arrive));
  } else {
    executor_.after(fault.delay, std::move(arrive));
  }
}

void SimKube::perform(const k8s::WriteRequest& request, const CallFault& fault, WriteDone done) {
  if (!fault.refuse && on_arrival) {
    on_arrival(request);
  }
  base::Result<ObjectPtr> answer = fault.refuse
                                       ? base::Result<ObjectPtr>(base::fail(*fault.refuse))
                                       : typed(perform_write(registry_, request, is_trusted_));
  if (fault.lose_answer) {
    answer = base::fail(ErrorCode::kTimeout, "the answer was lost");
  }
  if (fault.answer_delay > runtime::Duration(0)) {
    later(fault.answer_delay, [answer = std::move(answer), done = std::move(done)]() mutable {
      done(std::move(answer));
    });
    return;
  }
  done(std::move(answer));
}

}  // namespace sim::api

#include "sim/cluster/work_queue.h"

#include <algorithm>

#include "base/text.h"

namespace sim {

namespace {

// Whether the state that the write wanted is there anyway.
bool is_settled(k8s::Verb verb, base::ErrorCode code) {
  return (verb == k8s::Verb::kDelete && code == base::ErrorCode::kNotFound) ||
         (verb == k8s::Verb::kCreate && code == base::ErrorCode::kAlreadyExists);
}

}  // namespace

void Client::write(k8s::WriteRequest request, Done done) {
  const k8s::ObjectKey key = request.key;
  const k8s::Verb verb = request.verb;
  const std::string uid = request.uid;
  api_.write(std::move(request),
             env_.guard([this, key, verb, uid, done = std::move(done)](
                            const base::Result<k8s::ObjectPtr>& answer) {
               if (answer && *answer != nullptr && verb != k8s::Verb::kBind) {
                 mirror_.learn(*answer);
               } else if (verb == k8s::Verb::kDelete &&
                          (answer || answer.error().code == base::ErrorCode::kNotFound)) {
                 mirror_.forget(key, uid);
               }
               if (done) {
                 done(answer);
               }
             }));
}

void Client::get(const k8s::ObjectKey& key, Done done) {
  api_.get(key, env_.guard([done = std::move(done)](const base::Result<k8s::ObjectPtr>& answer) {
    done(answer);
  }));
}

void WorkQueue::add(const k8s::ObjectKey& key) {
  Entry& entry = entries_[key];
  if (entry.writes > 0) {
    entry.is_wanted = true;
    return;
  }
  if (!entry.is_queued) {
    entry.is_queued = true;
    client_.env().post([this, key] { run(key); });
  }
}

void WorkQueue::add_after(const k8s::ObjectKey& key, k8s::DurationNs delay) {
  client_.env().after(delay, [this, key] { add(key); });
}

void WorkQueue::add_soon(const k8s::ObjectKey& key) {
  if (soon_.insert(key).second) {
    client_.env().after(100 * kMillisecond, [this, key] {
      soon_.erase(key);
      add(key);
    });
  }
}

void WorkQueue::write(const k8s::ObjectKey& key, k8s::WriteRequest request, Done done) {
  ++entries_[key].writes;
  const k8s::Verb verb = request.verb;
  client_.write(std::move(request), [this, key, verb, done = std::move(done)](const auto& answer) {
    if (done) {
      done(answer);
    }
    finish(key, answer || is_settled(verb, answer.error().code));
  });
}

bool WorkQueue::is_busy(const k8s::ObjectKey& key) const {
  const auto found = entries_.find(key);
  return found != entries_.end() && found->second.writes > 0;
}

void WorkQueue::run(const k8s::ObjectKey& key) {
  Entry& entry = entries_[key];
  entry.is_queued = false;
  if (entry.writes > 0) {
    entry.is_wanted = true;
    return;
  }
  if (start_ == Start::kWhenSynced && !client_.mirror().is_synced()) {
    add_soon(key);
  } else {
    reconcile_(key);
  }
  const auto found = entries_.find(key);
  if (found != entries_.end() && found->second.writes == 0 && !found->second.is_queued) {
    entries_.erase(found);
  }
}

void WorkQueue::finish(const k8s::ObjectKey& key, bool ok) {
  constexpr k8s::DurationNs kFirstDelay = 100 * kMillisecond;
  constexpr int kMostDoublings = 7;
  Entry& entry = entries_[key];
  --entry.writes;
  entry.has_failed = entry.has_failed || !ok;
  if (entry.writes > 0) {
    return;
  }
  const bool has_failed = std::exchange(entry.has_failed, false);
  const bool is_wanted = std::exchange(entry.is_wanted, false);
  entry.failures = has_failed ? entry.failures + 1 : 0;
  if (has_failed) {
    const int doublings = std::min(entry.failures - 1, kMostDoublings);
    add_after(key, kFirstDelay * (std::int64_t{1} << doublings));
  } else if (is_wanted) {
    add(key);
  } else {
    entries_.erase(key);
  }
}

k8s::WriteRequest create_request(const k8s::ObjectKey& key, std::string body) {
  return {.verb = k8s::Verb::kCreate,
          .key = key,
          .subresource = {},
          .body = std::move(body),
          .uid = {},
          .resource_version = {},
          .grace_seconds = {}};
}

k8s::WriteRequest merge_patch(const k8s::ObjectKey& key, std::string body) {
  k8s::WriteRequest request = create_request(key, std::move(body));
  request.verb = k8s::Verb::kMergePatch;
  return request;
}

k8s::WriteRequest status_patch(const k8s::ObjectKey& key, std::string body) {
  k8s::WriteRequest request = merge_patch(key, std::move(body));
  request.subresource = "status";
  return request;
}

k8s::WriteRequest scale_patch(const k8s::ObjectKey& key, std::int64_t replicas) {
  k8s::WriteRequest request =
      merge_patch(key, base::concat(R"({"spec":{"replicas":)", std::to_string(replicas), "}}"));
  request.subresource = "scale";
  return request;
}

k8s::WriteRequest delete_request(const k8s::Object& object,
                                 std::optional<std::int64_t> grace_seconds) {
  k8s::WriteRequest request = create_request(key_of(object), {});
  request.verb = k8s::Verb::kDelete;
  request.uid = object.meta.uid;
  request.grace_seconds = grace_seconds;
  return request;
}

}  // namespace sim

#include "ops/leader_elector.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "k8s/codec.h"

namespace ops {

namespace {

constexpr base::Duration kReleaseTimeout = std::chrono::seconds(3);

k8s::WriteRequest lease_write(k8s::Verb verb, const k8s::Lease& lease) {
  return {.verb = verb,
          .key = {k8s::Kind::kLease, lease.meta.namespace_, lease.meta.name},
          .subresource = {},
          .body = k8s::encode_object(lease),
          .uid = {},
          .resource_version = lease.meta.resource_version,
          .grace_seconds = {}};
}

}  // namespace

std::string lease_identity(std::string_view host_name, runtime::Rng& rng) {
  return base::concat(host_name, "_", runtime::make_uuid(rng));
}

LeaderElector::LeaderElector(k8s::KubeApi& api,
                             runtime::Executor& executor,
                             runtime::Rng rng,
                             runtime::Logger log,
                             LeaseTerms terms)
    : api_(api), executor_(executor), rng_(rng), log_(std::move(log)), rules_(std::move(terms)) {}

LeaderElector::~LeaderElector() {
  *alive_ = false;
  executor_.cancel(timer_);
  executor_.cancel(deadline_timer_);
}

void LeaderElector::start() {
  log_.info("attempting to acquire leader lease",
            {{"lease", rules_.terms().namespace_ + "/" + rules_.terms().name}});
  attempt();
}

void LeaderElector::attempt() {
  const std::uint64_t attempt = ++attempt_;
  started_ = executor_.clock().now();
  // An answer that never comes must not end the election.
  schedule(rules_.terms().renew_deadline);
  if (rules_.is_leading() && !must_read_) {
    write(attempt, rules_.renew(started_, executor_.clock().wall()));
    return;
  }
  api_.get({k8s::Kind::kLease, rules_.terms().namespace_, rules_.terms().name},
           guarded([this, attempt](const base::Result<k8s::ObjectPtr>& answer) {
             on_read(attempt, answer);
           }));
}

void LeaderElector::on_read(std::uint64_t attempt, const base::Result<k8s::ObjectPtr>& answer) {
  if (attempt != attempt_ || is_stopped_) {
    return;
  }
  if (!answer && answer.error().code != base::ErrorCode::kNotFound) {
    complain(answer.error());
    finish(attempt);
    return;
  }
  const k8s::Lease* seen = answer ? &k8s::as<k8s::Lease>(**answer) : nullptr;
  const bool was_leading = rules_.is_leading();
  const LeaseMove move = rules_.decide(seen, executor_.clock().now(), executor_.clock().wall());
  if (move.kind != LeaseMove::Kind::kWait) {
    write(attempt, move);
    return;
  }
  if (was_leading) {
    lose(base::concat("the lease was taken by ", rules_.holder()));
    return;
  }
  if (last_holder_ != rules_.holder()) {
    last_holder_ = rules_.holder();
    log_.info("another replica leads", {{"holder", last_holder_}});
  }
  finish(attempt);
}

void LeaderElector::write(std::uint64_t attempt, const LeaseMove& move) {
  const base::Instant sent = executor_.clock().now();
  const k8s::Verb verb =
      move.kind == LeaseMove::Kind::kCreate ? k8s::Verb::kCreate : k8s::Verb::kUpdate;
  api_.write(lease_write(verb, move.lease),
             guarded([this, attempt, sent](const base::Result<k8s::ObjectPtr>& answer) {
               if (is_stopped_) {
                 return;
               }
               must_read_ = !answer;
               if (!answer) {
                 complain(answer.error());
               } else if (*answer != nullptr) {
                 on_written(k8s::as<k8s::Lease>(**answer), sent);
               }
               finish(attempt);
             }));
}

// Also when it was long in coming: the API server may be slow.
void LeaderElector::on_written(const k8s::Lease& lease, base::Instant sent) {
  last_error_.clear();
  rules_.written(lease, sent, executor_.clock().now());
  if (!rules_.is_leading()) {
    return;
  }
  watch_deadline();
  if (!std::exchange(has_led_, true)) {
    log_.info("successfully acquired lease", {{"identity", rules_.terms().identity}});
    record_event(" became leader");
    if (on_started) {
      on_started();
    }
  }
}

// Losing the race for a lease is no failure; the same failure again is no news.
void LeaderElector::complain(const base::Error& error) {
  if (error.code == base::ErrorCode::kConflict || error.code == base::ErrorCode::kAlreadyExists ||
      error.detail == last_error_) {
    return;
  }
  last_error_ = error.detail;
  log_.error("error retrieving or updating the leader lease",
             {{"lease", rules_.terms().namespace_ + "/" + rules_.terms().name},
              {"error", error},
              {"hint", advise ? advise(error) : "trying again"}});
}

// OPR-44; those who wait spread out a little, lest they all ask at once.
void LeaderElector::finish(std::uint64_t attempt) {
  if (attempt == attempt_ && !is_stopped_) {
    const base::Duration period = rules_.terms().retry_period;
    const base::Instant due =
        started_ + (rules_.is_leading() ? period : rng_.between(period, period * 11 / 10));
    schedule(due - executor_.clock().now());
  }
}

void LeaderElector::schedule(base::Duration delay) {
  executor_.cancel(timer_);
  timer_ = executor_.after(delay, guarded([this] {
                             if (!is_stopped_) {
                               attempt();
                             }
                           }));
}

void LeaderElector::watch_deadline() {
  executor_.cancel(deadline_timer_);
  deadline_timer_ = executor_.after(
      rules_.deadline() - executor_.clock().now(), guarded([this] {
        if (!is_stopped_ && rules_.is_leading()) {
          lose(last_error_.empty() ? "the lease was not renewed in time" : last_error_);
        }
      }));
}

// OPR-46
void LeaderElector::lose(const std::string& why) {
  is_stopped_ = true;
  rules_.resign();
  executor_.cancel(timer_);
  executor_.cancel(deadline_timer_);
  log_.error("leader election lost", {{"error", why}});
  record_event(" stopped leading");
  if (on_lost) {
    on_lost(why);
  }
}

void LeaderElector::release(std::function<void()> done) {
  const std::optional<k8s::Lease> lease = rules_.release(executor_.clock().wall());
  is_stopped_ = true;
  executor_.cancel(timer_);
  executor_.cancel(deadline_timer_);
  if (!lease) {
    executor_.post(std::move(done));
    return;
  }
  rules_.resign();
  record_event(" stopped leading");
  auto once = std::make_shared<std::function<void()>>(std::move(done));
  const auto finish_once = [once] {
    if (const auto callback = std::exchange(*once, nullptr)) {
      callback();
    }
  };
  executor_.after(kReleaseTimeout, finish_once);
  api_.write(lease_write(k8s::Verb::kUpdate, *lease),
             [finish_once](const auto&) { finish_once(); });
}

// OPR-46; its source is the identity, not "karpenter".
void LeaderElector::record_event(std::string_view what) {
  const LeaseTerms& terms = rules_.terms();
  k8s::Event event;
  event.involved = {.api_version = "coordination.k8s.io/v1",
                    .kind = "Lease",
                    .namespace_ = terms.namespace_,
                    .name = terms.name,
                    .uid = {}};
  event.first_time = event.last_time = base::to_unix_ns(executor_.clock().wall());
  event.meta.namespace_ = terms.namespace_;
  event.meta.name =
      base::concat(terms.name, ".", base::hex64(base::hash64(base::concat(terms.identity, what))));
  event.reason = "LeaderElection";
  event.message = base::concat(terms.identity, what);
  event.type = "Normal";
  event.component = terms.identity;
  event.count = 1;
  api_.write({.verb = k8s::Verb::kCreate,
              .key = {k8s::Kind::kEvent, event.meta.namespace_, event.meta.name},
              .subresource = {},
              .body = k8s::encode_object(event),
              .uid = {},
              .resource_version = {},
              .grace_seconds = {}},
             [](const auto&) {});
}

}  // namespace ops

#include "kube/watcher.h"

#include <algorithm>
#include <map>
#include <utility>

#include "kube/refusal.h"
#include "kube/requests.h"

#include "base/text.h"
#include "k8s/kinds.h"

namespace kube {

namespace {

using base::ErrorCode;
using k8s::EventOp;
using k8s::ObjectPtr;
using k8s::WatchOp;

constexpr runtime::Duration kFirstPause = std::chrono::milliseconds(800);
constexpr runtime::Duration kLongestPause = std::chrono::seconds(30);
// A watch that lives longer was a good one.
constexpr runtime::Duration kShortWatch = std::chrono::seconds(1);
// After so long the trouble is over, whatever comes.
constexpr runtime::Duration kGoodWatch = std::chrono::seconds(2);
constexpr runtime::Duration kIdleMargin = std::chrono::seconds(30);

}  // namespace

Watcher::Watcher(runtime::Executor& executor,
                 Transport& transport,
                 runtime::Rng rng,
                 Options options,
                 k8s::KubeApi::Sink sink,
                 Report report)
    : executor_(executor),
      transport_(transport),
      rng_(std::move(rng)),
      options_(options),
      sink_(std::move(sink)),
      report_(std::move(report)) {}

Watcher::~Watcher() {
  *alive_ = false;
  transport_.cancel(exchange_);
}

template <typename F>
auto Watcher::guard(F callback) const {
  return [alive = alive_, round = round_, this, callback = std::move(callback)](
             auto&&... args) mutable {
    if (*alive && round == round_) {
      callback(std::forward<decltype(args)>(args)...);
    }
  };
}

void Watcher::start() {
  ++round_;
  if (version_.empty()) {
    list_page("");
  } else {
    watch();
  }
}

// --- Listing ---

void Watcher::list_page(const std::string& continue_token) {
  std::string target = base::concat(collection_path(options_.kind), "?limit=", options_.page_size);
  if (!continue_token.empty()) {
    target += "&continue=" + runtime::percent_encode(continue_token);
  }
  stream_ = {};
  auto reader =
      std::make_shared<k8s::ListReader>(options_.kind, [this](base::Result<ObjectPtr> item) {
        if (item) {
          take_listed(*item);
        } else {
          report_unreadable(item.error());
        }
      });
  exchange_ = transport_.stream({.target = std::move(target), .timeout = std::chrono::minutes(5)},
                                guard([this, reader](std::string_view chunk) {
                                  if (stream_) {
                                    stream_ = reader->feed(chunk);
                                  }
                                }),
                                guard([this, reader](base::Result<runtime::HttpResponse> answer) {
                                  finish_page(*reader, std::move(answer));
                                }));
}

void Watcher::finish_page(k8s::ListReader& reader, base::Result<runtime::HttpResponse> answer) {
  const std::string what = base::concat("list ", k8s::facts(options_.kind).plural);
  if (!answer) {
    return fail(base::with_context(answer.error(), what));
  }
  if (!answer->is_success()) {
    return fail(refusal(answer->status, answer->body, what));
  }
  if (stream_) {
    stream_ = reader.finish();
  }
  if (!stream_) {
    return fail(base::with_context(stream_.error(), what));
  }
  if (!reader.continue_token().empty()) {
    return list_page(reader.continue_token());
  }
  version_ = reader.resource_version();
  finish_list();
}

void Watcher::take_listed(const ObjectPtr& object) {
  auto node = known_.extract(known_key(*object));
  if (!node) {
    // An object may come twice when it changes between two pages.
    if (listed_.emplace(known_key(*object), object).second) {
      tell(EventOp::kAdded, object);
    }
    return;
  }
  if (!node.mapped().is_same_object(*object)) {
    tell(EventOp::kDeleted, node.mapped().last_seen(node.key()));
    tell(EventOp::kAdded, object);
  } else if (!node.mapped().is_same_version(*object)) {
    tell(EventOp::kModified, object);
  }
  node.mapped() = KnownObject(object);
  listed_.insert(std::move(node));
}

void Watcher::finish_list() {
  // In order of names: what is left over comes out of a hash table.
  const std::map<std::string, KnownObject> gone(known_.begin(), known_.end());
  known_ = std::exchange(listed_, {});
  for (const auto& [key, object] : gone) {
    tell(EventOp::kDeleted, object.last_seen(key));
  }
  if (!std::exchange(is_synced_, true)) {
    tell(EventOp::kSynced, nullptr);
  }
  note_success();
  watch();
}

// --- Watching ---

void Watcher::watch() {
  ++round_;
  const runtime::Duration time = rng_.between(options_.watch_time, 2 * options_.watch_time);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(time);
  const std::string target = base::concat(collection_path(options_.kind),
                                          "?watch=true&allowWatchBookmarks=true&resourceVersion=",
                                          runtime::percent_encode(version_),
                                          "&timeoutSeconds=",
                                          seconds.count());
  began_ = executor_.clock().now();
  if (failures_ > 0) {
    executor_.after(kGoodWatch, guard([this] { note_success(); }));
  }
  stream_ = {};
  refusal_.reset();
  has_events_ = false;
  auto reader = std::make_shared<k8s::WatchReader>(
      options_.kind, [this](const k8s::WatchEvent& event) { take_event(event); });
  exchange_ = transport_.stream(
      {.target = target, .timeout = runtime::Duration(0), .idle_timeout = seconds + kIdleMargin},
      guard([this, reader](std::string_view chunk) {
        stream_ = reader->feed(chunk);
        if (!stream_ || refusal_) {
          transport_.cancel(exchange_);
          finish_watch(runtime::HttpResponse{});
        }
      }),
      guard([this](const base::Result<runtime::HttpResponse>& answer) { finish_watch(answer); }));
}

void Watcher::take_event(const k8s::WatchEvent& event) {
  if (refusal_) {
    return;
  }
  if (event.op == WatchOp::kError) {
    refusal_ = refusal(0, event.status, "watch");
    return;
  }
  has_events_ = true;
  if (!event.resource_version.empty()) {
    version_ = event.resource_version;
  }
  if (!event.object) {
    return report_unreadable(event.object.error());
  }
  const ObjectPtr& object = *event.object;
  if (object == nullptr) {
    return;
  }
  std::string key = known_key(*object);
  if (event.op == WatchOp::kDeleted) {
    known_.erase(key);
    return tell(EventOp::kDeleted, object);
  }
  const auto [known, is_new] = known_.try_emplace(std::move(key), object);
  if (!is_new) {
    known->second = KnownObject(object);
  }
  tell(is_new ? EventOp::kAdded : EventOp::kModified, object);
}

void Watcher::finish_watch(const base::Result<runtime::HttpResponse>& answer) {
  const std::string what = base::concat("watch ", k8s::facts(options_.kind).plural);
  std::optional<base::Error> error;
  if (refusal_) {
    error = *refusal_;
  } else if (!stream_) {
    error = base::with_context(stream_.error(), what);
  } else if (!answer) {
    error = base::with_context(answer.error(), what);
  } else if (!answer->is_success()) {
    error = refusal(answer->status, answer->body, what);
  }
  const bool was_short = executor_.clock().now() - began_ < kShortWatch;
  if (error && error->code == ErrorCode::kGone) {
    return relist();
  }
  if (error && error->code == ErrorCode::kInvalid) {
    version_.clear();  // A version or a stream that makes no sense: start over, after a pause.
  }
  if (error && (was_short || error->code == ErrorCode::kDenied || version_.empty())) {
    return fail(*error);
  }
  if (was_short && !has_events_) {
    return fail({ErrorCode::kUnavailable, what + ": the server ends the watch at once"});
  }
  // The usual end, or a connection that was lost after a good while: go on from where we are.
  note_success();
  watch();
}

// The version is too old: what we know is compared with a new list.
void Watcher::relist() {
  version_.clear();
  ++round_;
  list_page("");
}

void Watcher::fail(const base::Error& error) {
  known_.merge(listed_);  // What was listed so far stays known.
  listed_.clear();
  if (error.code == ErrorCode::kGone) {
    version_.clear();  // The list's continuation has expired.
  }
  const runtime::Duration pause =
      std::min(kLongestPause, kFirstPause * (1 << std::min(failures_, 10)));
  ++failures_;
  const runtime::Duration wait = rng_.between(pause, pause + pause / 2);
  report_({.kind = options_.kind, .error = &error, .pause = wait});
  ++round_;
  executor_.after(wait, guard([this] { start(); }));
}

void Watcher::note_success() {
  if (std::exchange(failures_, 0) > 0) {
    report_({.kind = options_.kind});
  }
}

void Watcher::tell(EventOp op, const ObjectPtr& object) {
  sink_({options_.kind, op, object});
}

void Watcher::report_unreadable(const base::Error& error) {
  report_({.kind = options_.kind, .error = &error});
}

}  // namespace kube

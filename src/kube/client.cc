#include "kube/client.h"

#include <utility>

#include "kube/refusal.h"
#include "kube/requests.h"
#include "kube/trouble.h"

#include "base/text.h"
#include "k8s/codec.h"
#include "k8s/kinds.h"

namespace kube {

namespace {

using base::Result;
using k8s::ObjectPtr;

constexpr std::string_view kServer = "server";
constexpr runtime::Duration kSayAgain = std::chrono::minutes(1);

// The object in an answer; null when it is a Status (a delete that is done) or another kind (an
// Eviction, a Binding).
Result<ObjectPtr> object_in(const runtime::HttpResponse& answer) {
  Result<ObjectPtr> object = k8s::decode_object(answer.body);
  if (!object && object.error().code == base::ErrorCode::kUnsupported) {
    return ObjectPtr();
  }
  return object;
}

Result<ObjectPtr> to_object(const Result<runtime::HttpResponse>& answer, std::string_view what) {
  if (!answer) {
    return base::fail(base::with_context(answer.error(), what));
  }
  if (!answer->is_success()) {
    return base::fail(refusal(answer->status, answer->body, what));
  }
  return object_in(*answer);
}

}  // namespace

struct Client::Listing {
  k8s::Kind kind;
  ListDone done;
  std::vector<ObjectPtr> objects;
};

Client::Client(runtime::Executor& executor,
               runtime::HttpClient& http,
               Access access,
               ClientOptions options)
    : executor_(executor),
      options_(std::move(options)),
      log_(options_.log, "kube"),
      transport_(executor, http, std::move(access), options_.limits) {}

Client::~Client() = default;

void Client::subscribe(k8s::Kind kind, Sink sink) {
  auto watcher =
      std::make_unique<Watcher>(executor_,
                                transport_,
                                options_.rng.split(base::concat("watch ", watchers_.size())),
                                Watcher::Options{.kind = kind, .page_size = options_.page_size},
                                std::move(sink),
                                [this](const WatchTrouble& trouble) { report(trouble); });
  watcher->start();
  watchers_.push_back(std::move(watcher));
}

void Client::get(const k8s::ObjectKey& key, ReadDone done) {
  transport_.send(
      {.target = object_path(key)},
      [what = "get " + describe(key), done = std::move(done)](
          const Result<runtime::HttpResponse>& answer) { done(to_object(answer, what)); });
}

void Client::write(k8s::WriteRequest request, WriteDone done) {
  Result<Call> call = to_call(request);
  if (!call) {
    executor_.post([done = std::move(done), error = call.error()] { done(base::fail(error)); });
    return;
  }
  transport_.send(
      *std::move(call),
      [what = describe(request), done = std::move(done)](
          const Result<runtime::HttpResponse>& answer) { done(to_object(answer, what)); });
}

void Client::list(k8s::Kind kind, ListDone done) {
  list_page(std::make_shared<Listing>(Listing{kind, std::move(done), {}}), "");
}

void Client::list_page(const std::shared_ptr<Listing>& listing, const std::string& continue_token) {
  std::string target = base::concat(collection_path(listing->kind), "?limit=", options_.page_size);
  if (!continue_token.empty()) {
    target += "&continue=" + runtime::percent_encode(continue_token);
  }
  transport_.send(
      {.target = std::move(target)}, [this, listing](const Result<runtime::HttpResponse>& answer) {
        const std::string what = base::concat("list ", k8s::facts(listing->kind).plural);
        if (!answer || !answer->is_success()) {
          return listing->done(base::fail(to_object(answer, what).error()));
        }
        k8s::ListReader reader(listing->kind, [&](Result<ObjectPtr> item) {
          if (item) {
            listing->objects.push_back(*std::move(item));
          }
        });
        Result<void> read = reader.feed(answer->body);
        read = read ? reader.finish() : read;
        if (!read) {
          return listing->done(base::fail(base::with_context(read.error(), what)));
        }
        if (!reader.continue_token().empty()) {
          return list_page(listing, reader.continue_token());
        }
        listing->done(std::move(listing->objects));
      });
}

std::string Client::topic_of(const WatchTrouble& trouble) {
  const bool is_away =
      trouble.error != nullptr &&
      (trouble.error->code == base::ErrorCode::kUnavailable ||
       trouble.error->code == base::ErrorCode::kTimeout || is_anonymous(*trouble.error));
  return is_away ? std::string(kServer) : std::string(k8s::kind_name(trouble.kind));
}

void Client::report(const WatchTrouble& trouble) {
  const std::string kind(k8s::kind_name(trouble.kind));
  if (trouble.error == nullptr) {
    if (said_.erase(kind) + said_.erase(std::string(kServer)) > 0) {
      log_.info("watching again", {{"kind", kind}});
    }
    return;
  }
  const std::string topic = topic_of(trouble);
  const bool is_about_server = topic == kServer;
  const bool is_first = !said_.contains(topic);
  Said& said = said_[topic];
  const runtime::Instant now = executor_.clock().now();
  // The same trouble reads differently for each kind.
  const std::string text = is_about_server ? "" : trouble.error->detail;
  if (said.at != runtime::Instant() && said.text == text && now - said.at < kSayAgain) {
    return;
  }
  said = {text, now};
  if (trouble.pause == runtime::Duration(0)) {
    log_.error("cannot read an object, it is left out",
               {{"kind", kind}, {"error", *trouble.error}});
    return;
  }
  runtime::LogFields fields{
      {"kind", is_about_server ? "any" : kind},
      {"error", explain_trouble(*trouble.error, trouble.kind, transport_.access())},
      {"pause", trouble.pause}};
  // Servers restart; only what lasts needs a human.
  if (is_about_server && is_first && !is_anonymous(*trouble.error)) {
    log_.warn("cannot watch, trying again", std::move(fields));
  } else {
    log_.error("cannot watch, trying again", std::move(fields));
  }
}

}  // namespace kube

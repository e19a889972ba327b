#include "kube/transport.h"

#include <utility>

#include "kube/refusal.h"

namespace kube {

namespace {

constexpr int kMostRetries = 10;

}  // namespace

struct Transport::Exchange {
  Call call;
  OnChunk on_chunk;  // Null: the answer is wanted whole.
  Done done;
  int retries = 0;
  bool has_new_credentials = false;
  bool is_cancelled = false;
  runtime::HttpCallId http_call{};
  runtime::Instant sent_at{};
};

Transport::Transport(runtime::Executor& executor,
                     runtime::HttpClient& http,
                     Access access,
                     Options options)
    : executor_(executor),
      http_(http),
      access_(std::move(access)),
      credentials_(executor,
                   [access = access_](base::WallTime now) { return load_identity(access, now); }),
      bucket_(options.qps, options.burst),
      options_(std::move(options)) {}

Transport::~Transport() {
  *alive_ = false;
}

template <typename F>
auto Transport::guard(F callback) const {
  return [alive = alive_, callback = std::move(callback)](auto&&... args) mutable {
    if (*alive) {
      callback(std::forward<decltype(args)>(args)...);
    }
  };
}

void Transport::send(Call call, Done done) {
  stream(std::move(call), {}, std::move(done));
}

Transport::ExchangePtr Transport::stream(Call call, OnChunk on_chunk, Done done) {
  auto exchange = std::make_shared<Exchange>();
  exchange->call = std::move(call);
  exchange->on_chunk = std::move(on_chunk);
  exchange->done = std::move(done);
  const runtime::Duration wait = bucket_.reserve(executor_.clock().now());
  if (wait <= runtime::Duration(0)) {
    start(exchange);
  } else {
    executor_.after(wait, guard([this, exchange] { start(exchange); }));
  }
  return exchange;
}

void Transport::cancel(const ExchangePtr& exchange) {
  if (exchange != nullptr) {
    exchange->is_cancelled = true;
    http_.cancel(exchange->http_call);
  }
}

void Transport::after(runtime::Duration delay, std::function<void()> task) {
  executor_.after(delay, guard(std::move(task)));
}

void Transport::start(const ExchangePtr& exchange) {
  credentials_.get(guard([this, exchange](base::Result<IdentityPtr> identity) {
    if (exchange->is_cancelled) {
      return;
    }
    if (identity) {
      perform(exchange, *identity);
    } else {
      // Whatever is missing, it is not what was asked for.
      exchange->done(base::fail(base::ErrorCode::kDenied, identity.error().detail));
    }
  }));
}

void Transport::perform(const ExchangePtr& exchange, const IdentityPtr& identity) {
  const Call& call = exchange->call;
  runtime::HttpRequest request{.method = call.method,
                               .url = access_.cluster.server + call.target,
                               .headers = identity->headers,
                               .body = call.body,
                               .timeout = call.timeout,
                               .idle_timeout = call.idle_timeout,
                               .tls = identity->tls,
                               .proxy = identity->proxy};
  request.headers.emplace_back("Accept", "application/json");
  if (!call.content_type.empty()) {
    request.headers.emplace_back("Content-Type", call.content_type);
  }
  exchange->sent_at = executor_.clock().now();
  auto done = guard([this, exchange, identity](base::Result<runtime::HttpResponse> answer) {
    finish(exchange, identity, std::move(answer));
  });
  exchange->http_call =
      exchange->on_chunk
          ? http_.stream(std::move(request), guard(exchange->on_chunk), std::move(done))
          : http_.send(std::move(request), std::move(done));
}

void Transport::finish(const ExchangePtr& exchange,
                       const IdentityPtr& identity,
                       base::Result<runtime::HttpResponse> answer) {
  if (options_.on_answer) {
    options_.on_answer(
        exchange->call, answer ? answer->status : 0, executor_.clock().now() - exchange->sent_at);
  }
  if (answer && answer->status == 401) {
    credentials_.reject(identity);
    if (!std::exchange(exchange->has_new_credentials, true)) {
      return start(exchange);
    }
  }
  if (answer && (answer->status == 429 || answer->status >= 500) && exchange->call.is_retried) {
    const base::Duration pause = retry_after(*answer);
    if (pause > base::Duration(0) && exchange->retries++ < kMostRetries) {
      executor_.after(pause, guard([this, exchange] { start(exchange); }));
      return;
    }
  }
  exchange->done(std::move(answer));
}

}  // namespace kube

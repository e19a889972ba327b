// Requests to one API server: identity, rate limit, and the retries that every caller wants.
//
// What is retried here: 401 once with new credentials; an answer that asks for it (429 or 5xx with
// Retry-After), up to ten times, after the pause that it names. All else is the caller's to judge.
//
//   transport.send({.method = "GET", .target = "/version"}, [](base::Result<HttpResponse> r) {});
//
// Thread rule: the loop; callbacks on the loop, never inside the call, never after destruction.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "kube/access.h"
#include "kube/credentials.h"
#include "kube/token_bucket.h"

#include "runtime/http_client.h"

namespace kube {

struct Call {
  std::string method = "GET";
  std::string target;  // "/api/v1/pods?limit=500"
  std::string body{};
  std::string content_type{};
  runtime::Duration timeout = std::chrono::seconds(60);
  runtime::Duration idle_timeout{};
  bool is_retried = true;  // Obey Retry-After here.
};

class Transport {
 public:
  using Done = std::function<void(base::Result<runtime::HttpResponse>)>;
  using OnChunk = std::function<void(std::string_view bytes)>;

  struct Exchange;
  using ExchangePtr = std::shared_ptr<Exchange>;

  struct Options {
    double qps = 200;
    double burst = 300;
    // Sees every answer: for metrics. A status of 0: there was none.
    std::function<void(const Call&, int status, runtime::Duration took)> on_answer = {};
  };

  // Borrows the executor and the HTTP client.
  Transport(runtime::Executor& executor, runtime::HttpClient& http, Access access, Options options);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  void send(Call call, Done done);
  // The body of a success goes to on_chunk.
  ExchangePtr stream(Call call, OnChunk on_chunk, Done done);
  // Ends it without a callback. Null and ended ones are fine.
  void cancel(const ExchangePtr& exchange);

  // A timer that is dropped with the transport.
  void after(runtime::Duration delay, std::function<void()> task);

  const Access& access() const { return access_; }

 private:
  void start(const ExchangePtr& exchange);
  void perform(const ExchangePtr& exchange, const IdentityPtr& identity);
  void finish(const ExchangePtr& exchange,
              const IdentityPtr& identity,
              base::Result<runtime::HttpResponse> answer);
  // The callback, made harmless once we are gone.
  template <typename F>
  auto guard(F callback) const;

  runtime::Executor& executor_;
  runtime::HttpClient& http_;
  Access access_;
  Credentials credentials_;
  TokenBucket bucket_;
  Options options_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace kube

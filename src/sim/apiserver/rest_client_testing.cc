#include "sim/apiserver/rest_client_testing.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"

namespace sim::api {

using runtime::HttpCallId;
using runtime::HttpRequest;
using runtime::HttpResponse;

struct RestClient::Exchange {
  runtime::Executor& executor;
  OnChunk on_chunk;
  Done done;
  HttpResponse response = {};
  std::optional<std::size_t> bytes_left = std::nullopt;
  runtime::Task on_disconnect = {};
  bool is_over = false;

  void deliver(std::string chunk);
  void finish(base::Result<HttpResponse> end);
};

void RestClient::Exchange::deliver(std::string chunk) {
  if (is_over || !on_chunk) {
    response.body += chunk;
    return;
  }
  const std::size_t size = std::min(chunk.size(), bytes_left.value_or(chunk.size()));
  on_chunk(std::string_view(chunk).substr(0, size));
  if (bytes_left) {
    *bytes_left -= size;
    if (*bytes_left == 0) {
      finish(base::fail(base::ErrorCode::kUnavailable, "connection reset by peer"));
    }
  }
}

void RestClient::Exchange::finish(base::Result<HttpResponse> end) {
  if (!std::exchange(is_over, true)) {
    Done callback = std::move(done);
    callback(std::move(end));
  }
}

// Everything arrives in later turns of the loop, in order.
class RestClient::Responder final : public runtime::HttpResponder {
 public:
  explicit Responder(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

  void send(HttpResponse response) override {
    exchange_->executor.post([exchange = exchange_, response = std::move(response)]() mutable {
      if (exchange->on_chunk && response.is_success()) {
        exchange->deliver(std::exchange(response.body, {}));
      }
      exchange->finish(std::move(response));
    });
  }

  void begin_stream(int status, runtime::HttpHeaders headers) override {
    exchange_->response = {.status = status, .headers = std::move(headers)};
  }

  bool write(std::string chunk) override {
    exchange_->executor.post([exchange = exchange_, chunk = std::move(chunk)]() mutable {
      exchange->deliver(std::move(chunk));
    });
    return is_open();
  }

  void close() override {
    exchange_->executor.post([exchange = exchange_] { exchange->finish(exchange->response); });
  }

  void on_disconnect(runtime::Task callback) override {
    exchange_->on_disconnect = std::move(callback);
  }

  bool is_open() const override { return !exchange_->is_over; }

 private:
  std::shared_ptr<Exchange> exchange_;
};

RestClient::RestClient(RestServer& rest, runtime::Executor& executor)
    : rest_(rest), executor_(executor) {}

RestClient::~RestClient() {
  for (const auto& [id, exchange] : calls_) {
    exchange->is_over = true;
  }
}

HttpCallId RestClient::send(HttpRequest request, Done done) {
  return start(std::move(request), {}, std::move(done));
}

HttpCallId RestClient::stream(HttpRequest request, OnChunk on_chunk, Done done) {
  return start(std::move(request), std::move(on_chunk), std::move(done));
}

void RestClient::cancel(HttpCallId call) {
  const auto node = calls_.extract(call);
  if (!node || std::exchange(node.mapped()->is_over, true)) {
    return;
  }
  if (node.mapped()->on_disconnect) {
    executor_.post(std::move(node.mapped()->on_disconnect));
  }
}

void RestClient::break_streams_after(std::size_t bytes) {
  for (const auto& [id, exchange] : calls_) {
    exchange->bytes_left = bytes;
  }
}

HttpCallId RestClient::start(HttpRequest request, OnChunk on_chunk, Done done) {
  const HttpCallId id{next_id_++};
  std::erase_if(calls_, [](const auto& entry) { return entry.second->is_over; });
  auto exchange = std::make_shared<Exchange>(
      Exchange{.executor = executor_, .on_chunk = std::move(on_chunk), .done = std::move(done)});
  calls_.emplace(id, exchange);
  executor_.post([this, exchange, request = std::move(request)] {
    if (exchange->is_over) {
      return;
    }
    if (intercept) {
      if (auto answer = intercept(request)) {
        if (*answer && (*answer)->is_success() && exchange->on_chunk) {
          exchange->deliver(std::exchange((*answer)->body, {}));
        }
        exchange->finish(*std::move(answer));
        return;
      }
    }
    const std::string target =
        request.url.substr(request.url.find('/', request.url.find("//") + 2));
    targets_.push_back(request.method + " " + target);
    if (on_request) {
      on_request(request);
    }
    const auto [path, query] = base::split_once(target, '?');
    rest_.handle({.method = request.method,
                  .target = target,
                  .path = runtime::percent_decode(path, false),
                  .raw_query = std::string(query.value_or("")),
                  .query = runtime::parse_query(query.value_or("")),
                  .headers = request.headers,
                  .body = request.body},
                 std::make_shared<Responder>(exchange));
  });
  return id;
}

}  // namespace sim::api

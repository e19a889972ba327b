// One connection of the HTTP server: reads a request, hands it to the loop, writes the answer, and
// so on while the client keeps it alive. Internal to the server.
//
// There is always at most one read and one write under way. While a request is being handled the
// read watches for the client's end: that is how a disconnect is noticed at once.
//
// Thread rule: everything runs on the network thread but send_bytes() and abort().
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "runtime/http_exchange.h"

namespace runtime {

using PlainStream = boost::asio::ip::tcp::socket;
using TlsStream = boost::asio::ssl::stream<PlainStream>;

// The server as its connections see it.
class ConnectionOwner {
 public:
  ConnectionOwner() = default;
  ConnectionOwner(const ConnectionOwner&) = delete;
  ConnectionOwner& operator=(const ConnectionOwner&) = delete;
  virtual ~ConnectionOwner() = default;

  virtual const HttpServerOptions& options() const = 0;
  virtual void handle(HttpServerRequest request, std::shared_ptr<Exchange> exchange) = 0;
  virtual void tell_disconnected(std::weak_ptr<Exchange> exchange) = 0;
  virtual void forget(Wire* connection) = 0;
  // Any thread. Once true, nothing may be posted to the network thread any more.
  virtual bool is_stopped() const = 0;
};

// As it was read; the body is moved out.
HttpServerRequest to_server_request(
    boost::beast::http::request<boost::beast::http::string_body>& message);

template <typename Stream>
class Connection final : public Wire, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(std::shared_ptr<ConnectionOwner> owner, Stream stream)
      : owner_(std::move(owner)), stream_(std::move(stream)), timer_(stream_.get_executor()) {}

  void start() {
    boost::system::error_code ignored;
    socket().set_option(boost::asio::ip::tcp::no_delay(true), ignored);
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      arm_timer(std::chrono::seconds(10));
      stream_.async_handshake(
          boost::asio::ssl::stream_base::server,
          [self = self()](Status status) { status ? self->shut() : self->read_request(); });
    } else {
      read_request();
    }
  }

  void send_bytes(std::string bytes, bool is_last) override {
    if (!owner_->is_stopped()) {
      boost::asio::post(stream_.get_executor(),
                        [self = self(), bytes = std::move(bytes), is_last]() mutable {
                          self->enqueue(std::move(bytes), is_last);
                        });
    }
  }

  void abort() override {
    if (!owner_->is_stopped()) {
      boost::asio::post(stream_.get_executor(), [self = self()] { self->shut(); });
    }
  }

  // Ends everything; pending operations return at once. May be called again.
  void shut() {
    if (phase_ == Phase::kShut) {
      return;
    }
    phase_ = Phase::kShut;
    timer_.cancel();
    boost::system::error_code ignored;
    socket().shutdown(PlainStream::shutdown_both, ignored);
    socket().close(ignored);
    end_exchange();
    owner_->forget(this);
  }

 private:
  using Status = boost::system::error_code;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  enum class Phase : std::uint8_t { kReading, kHandling, kIdle, kLingering, kShut };

  auto self() { return this->shared_from_this(); }

  PlainStream& socket() {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  void arm_timer(Duration wait) {
    timer_.expires_after(wait);
    timer_.async_wait([self = self()](Status status) {
      if (!status) {
        self->shut();
      }
    });
  }

  void read_request() {
    if (phase_ == Phase::kShut) {
      return;
    }
    phase_ = Phase::kReading;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(owner_->options().max_header_bytes));
    parser_->body_limit(owner_->options().max_body_bytes);
    arm_timer(owner_->options().idle_timeout);
    boost::beast::http::async_read_header(
        stream_, buffer_, *parser_, [self = self()](Status status, std::size_t) {
          status ? self->refuse(status) : self->on_header();
        });
  }

  void on_header() {
    if (parser_->get()[boost::beast::http::field::expect] != "100-continue") {
      read_body();
      return;
    }
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    boost::asio::async_write(
        stream_, boost::asio::buffer(kContinue), [self = self()](Status status, std::size_t) {
          status ? self->shut() : self->read_body();
        });
  }

  void read_body() {
    boost::beast::http::async_read(
        stream_, buffer_, *parser_, [self = self()](Status status, std::size_t) {
          status ? self->refuse(status) : self->on_request();
        });
  }

  void on_request() {
    if (phase_ == Phase::kShut) {
      return;
    }
    timer_.cancel();
    phase_ = Phase::kHandling;
    auto& message = parser_->get();
    form_ = {.is_head = message.method() == boost::beast::http::verb::head,
             .is_chunked = message.version() >= 11,
             .keeps_alive = message.keep_alive()};
    HttpServerRequest request = to_server_request(message);
    parser_.reset();
    boost::system::error_code ignored;
    request.remote_address = socket().remote_endpoint(ignored).address().to_string();
    flags_ = std::make_shared<ExchangeFlags>();
    auto exchange =
        std::make_shared<Exchange>(self(), flags_, form_, owner_->options().max_stream_backlog);
    exchange_ = exchange;
    owner_->handle(std::move(request), std::move(exchange));
    watch_peer();
  }

  // Nothing is expected to arrive before the answer is out: what does is the client's end, or the
  // next request, which stays in the buffer.
  void watch_peer() {
    is_watching_ = true;
    stream_.async_read_some(buffer_.prepare(4096), [self = self()](Status status, std::size_t got) {
      self->is_watching_ = false;
      if (status) {
        self->shut();
        return;
      }
      self->buffer_.commit(got);
      if (self->phase_ == Phase::kIdle) {
        self->read_request();
      } else if (self->phase_ == Phase::kLingering) {
        self->buffer_.clear();
        self->watch_peer();
      }
    });
  }

  // A request that cannot be read. Clients that just went away get no answer.
  void refuse(Status status) {
    namespace http = boost::beast::http;
    if (phase_ == Phase::kShut || status == http::error::end_of_stream ||
        status.category() != http::make_error_code(http::error::bad_method).category()) {
      shut();
      return;
    }
    const int code = status == http::error::body_limit     ? 413
                     : status == http::error::header_limit ? 431
                                                           : 400;
    timer_.cancel();
    phase_ = Phase::kHandling;
    form_ = {.keeps_alive = false};
    flags_ = std::make_shared<ExchangeFlags>();
    const HttpResponse answer{.status = code, .headers = {}, .body = status.message() + "\n"};
    enqueue(answer_text(answer, form_), true);
  }

  void enqueue(std::string bytes, bool is_last) {
    if (phase_ != Phase::kHandling) {
      return;
    }
    if (!bytes.empty()) {
      queue_.push_back(std::move(bytes));
    }
    is_complete_ = is_complete_ || is_last;
    if (!is_writing_) {
      write_queue();
    }
  }

  void write_queue() {
    if (queue_.empty()) {
      if (is_complete_) {
        finish_answer();
      }
      return;
    }
    is_writing_ = true;
    in_flight_.swap(queue_);
    std::vector<boost::asio::const_buffer> buffers;
    std::size_t total = 0;
    for (const std::string& bytes : in_flight_) {
      buffers.emplace_back(bytes.data(), bytes.size());
      total += bytes.size();
    }
    boost::asio::async_write(stream_, buffers, [self = self(), total](Status status, std::size_t) {
      self->is_writing_ = false;
      self->in_flight_.clear();
      self->flags_->backlog -= std::min<std::size_t>(total, self->flags_->backlog);
      status ? self->shut() : self->write_queue();
    });
  }

  void finish_answer() {
    is_complete_ = false;
    exchange_.reset();
    if (phase_ == Phase::kShut) {
      return;
    }
    if (!form_.keeps_alive) {
      linger();
      return;
    }
    phase_ = Phase::kIdle;
    if (is_watching_) {
      arm_timer(owner_->options().idle_timeout);
    } else {
      read_request();
    }
  }

  // Closing a socket with unread input would reset the connection and may destroy the answer on its
  // way: wait for the client to close first, for a moment.
  void linger() {
    phase_ = Phase::kLingering;
    boost::system::error_code ignored;
    socket().shutdown(PlainStream::shutdown_send, ignored);
    arm_timer(std::chrono::seconds(2));
    if (!is_watching_) {
      buffer_.clear();
      watch_peer();
    }
  }

  void end_exchange() {
    if (flags_ != nullptr) {
      flags_->is_gone = true;
    }
    owner_->tell_disconnected(std::exchange(exchange_, {}));
  }

  std::shared_ptr<ConnectionOwner> owner_;
  Stream stream_;
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  Phase phase_ = Phase::kReading;
  bool is_watching_ = false;

  // Of the request that is being handled.
  AnswerForm form_;
  std::shared_ptr<ExchangeFlags> flags_;
  std::weak_ptr<Exchange> exchange_;  // Weak: its last owner, and its end, is on the loop.
  std::deque<std::string> queue_;
  std::deque<std::string> in_flight_;  // Under async_write: not to be touched.
  bool is_writing_ = false;
  bool is_complete_ = false;
};

}  // namespace runtime

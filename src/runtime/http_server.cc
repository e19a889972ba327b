// g++ 12 inlines Boost.Asio and then suspects its pointers, header included; nothing of ours.
#pragma GCC diagnostic ignored "-Wnull-dereference"

#include "runtime/http_server.h"

#include <atomic>
#include <cerrno>
#include <thread>
#include <unordered_map>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "base/assert.h"
#include "base/text.h"
#include "runtime/http_connection.h"
#include "runtime/threads.h"

namespace runtime {

namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

base::Result<asio::ip::address> parse_host(const std::string& host) {
  if (host == "localhost") {
    return asio::ip::address(asio::ip::address_v4::loopback());
  }
  ErrorCode error;
  const auto address = asio::ip::make_address(host.empty() ? "0.0.0.0" : host, error);
  if (error) {
    return base::fail(base::ErrorCode::kInvalid,
                      base::concat("listen on ", host, ": expected an IP address or localhost"));
  }
  return address;
}

base::Result<void> use_certificate(asio::ssl::context& context, const HttpServerOptions& options) {
  ErrorCode error;
  context.use_certificate_chain(asio::buffer(options.tls_cert_pem), error);
  if (!error) {
    context.use_private_key(asio::buffer(options.tls_key_pem), asio::ssl::context::pem, error);
  }
  if (error) {
    return base::fail(base::ErrorCode::kInvalid,
                      base::concat("TLS certificate or key: ", error.message()));
  }
  return {};
}

}  // namespace

HttpServerRequest to_server_request(
    boost::beast::http::request<boost::beast::http::string_body>& message) {
  HttpServerRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  const auto [path, query] = base::split_once(request.target, '?');
  request.path = percent_decode(path, false);
  request.raw_query = std::string(query.value_or(""));
  request.query = parse_query(request.raw_query);
  for (const auto& field : message) {
    request.headers.emplace_back(field.name_string(), field.value());
  }
  request.body = std::move(message.body());
  return request;
}

const std::string* HttpServerRequest::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) {
      return &value;
    }
  }
  return nullptr;
}

// Shared with the connections. They, and through them the State, are released when the network
// thread has run dry, which stop() waits for.
struct HttpServer::State final : ConnectionOwner, std::enable_shared_from_this<State> {
  State(Executor& loop, HttpServerOptions given, Handler handle_request)
      : executor(loop), opts(std::move(given)), handler(std::move(handle_request)) {}

  Executor& executor;
  HttpServerOptions opts;
  Handler handler;
  asio::io_context io{1};
  Tcp::acceptor acceptor{io};
  asio::steady_timer retry{io};
  asio::ssl::context tls{asio::ssl::context::tls_server};
  std::uint16_t bound_port = 0;
  std::atomic<bool> stopped = false;
  std::atomic<std::size_t> connection_count = 0;
  // Network thread only.
  std::unordered_map<Wire*, std::function<void()>> shut_by_connection;
  std::thread thread;

  bool has_tls() const { return !opts.tls_cert_pem.empty(); }

  base::Result<void> listen() {
    const asio::ip::address address = TRY(parse_host(opts.host));
    if (has_tls()) {
      TRY_VOID(use_certificate(tls, opts));
    }
    const Tcp::endpoint endpoint(address, opts.port);
    ErrorCode error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) {
      acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
      acceptor.bind(endpoint, error);
    }
    if (!error) {
      acceptor.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
      const auto code =
          error.value() == EACCES ? base::ErrorCode::kDenied : base::ErrorCode::kUnavailable;
      return base::fail(
          code, base::concat("listen on ", opts.host, ":", opts.port, ": ", error.message()));
    }
    bound_port = acceptor.local_endpoint(error).port();
    return {};
  }

  void accept() {
    acceptor.async_accept([self = shared_from_this()](ErrorCode error, Tcp::socket socket) {
      if (self->stopped) {
        return;
      }
      if (error) {
        // Out of file descriptors, most likely: let some connections end first.
        self->retry.expires_after(std::chrono::milliseconds(50));
        self->retry.async_wait([self](ErrorCode) {
          if (!self->stopped) {
            self->accept();
          }
        });
        return;
      }
      if (self->has_tls()) {
        self->adopt<TlsStream>(TlsStream(std::move(socket), self->tls));
      } else {
        self->adopt<PlainStream>(std::move(socket));
      }
      self->accept();
    });
  }

  template <typename Stream>
  void adopt(Stream stream) {
    auto connection = std::make_shared<Connection<Stream>>(shared_from_this(), std::move(stream));
    shut_by_connection.emplace(connection.get(), [weak = std::weak_ptr(connection)] {
      if (const auto strong = weak.lock()) {
        strong->shut();
      }
    });
    ++connection_count;
    connection->start();
  }

  // On the network thread.
  void shut_all() {
    ErrorCode ignored;
    acceptor.close(ignored);
    retry.cancel();
    const auto all = std::exchange(shut_by_connection, {});
    for (const auto& [connection, shut] : all) {
      shut();
    }
  }

  const HttpServerOptions& options() const override { return opts; }

  void handle(HttpServerRequest request, std::shared_ptr<Exchange> exchange) override {
    executor.post([self = shared_from_this(),
                   request = std::move(request),
                   exchange = std::move(exchange)]() mutable {
      if (!self->stopped) {
        self->handler(std::move(request), std::move(exchange));
      }
    });
  }

  void tell_disconnected(std::weak_ptr<Exchange> exchange) override {
    executor.post([exchange = std::move(exchange)] {
      if (const auto strong = exchange.lock()) {
        strong->disconnect();
      }
    });
  }

  void forget(Wire* connection) override {
    shut_by_connection.erase(connection);
    --connection_count;
  }

  bool is_stopped() const override { return stopped; }
};

base::Result<std::unique_ptr<HttpServer>> HttpServer::start(Executor& executor,
                                                            HttpServerOptions options,
                                                            Handler handler) {
  auto state = std::make_shared<State>(executor, std::move(options), std::move(handler));
  TRY_VOID(state->listen());
  state->accept();
  // A raw pointer: the State must not be owned, and so ended, by its own thread.
  state->thread = start_thread([raw = state.get()] { raw->io.run(); });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

HttpServer::HttpServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

HttpServer::~HttpServer() {
  stop();
}

std::uint16_t HttpServer::port() const {
  return state_->bound_port;
}

std::string HttpServer::url() const {
  const std::string& host = state_->opts.host;
  const bool is_any = host.empty() || host == "0.0.0.0" || host == "::";
  const std::string name = is_any ? "127.0.0.1" : host.contains(':') ? "[" + host + "]" : host;
  return base::concat(state_->has_tls() ? "https://" : "http://", name, ":", port());
}

void HttpServer::stop() {
  if (state_->stopped.exchange(true)) {
    return;
  }
  asio::post(state_->io, [state = state_.get()] { state->shut_all(); });
  // Every operation has been cancelled: the thread runs dry and ends.
  state_->thread.join();
}

std::size_t HttpServer::open_connections() const {
  return state_->connection_count;
}

}  // namespace runtime

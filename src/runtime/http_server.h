// An HTTP/1.1 server for the embedded API server, metrics, probes and the dashboard: loopback or
// the pod network, not the open internet. One thread moves the bytes of all connections; requests
// are handled on the loop.
//
//   auto server = TRY(HttpServer::start(executor, {.host = "127.0.0.1"},
//       [](HttpServerRequest request, std::shared_ptr<HttpResponder> responder) {
//         responder->send({.status = 200, .body = "ok"});
//       }));
//   server->port();
//
// Answers may come later and in any order; a long-lived stream costs a socket and a buffer, no
// thread. A client that goes away is noticed at once, also while its answer is pending. A stream
// whose client does not read is cut off when its buffer is full (max_stream_backlog).
// Thread rule: handler and callbacks run on the loop; call everything on the loop. Ownership: the
// handler holds the responder for as long as it has something to say; dropping it without an answer
// answers 500, dropping an open stream closes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "runtime/executor.h"
#include "runtime/http.h"

namespace runtime {

struct HttpServerRequest {
  std::string method{};
  std::string target{};                                      // As sent: path and query, escaped.
  std::string path{};                                        // Decoded, without the query.
  std::string raw_query{};                                   // Without the question mark.
  std::vector<std::pair<std::string, std::string>> query{};  // Decoded, in order.
  HttpHeaders headers{};
  std::string body{};
  std::string remote_address{};

  const std::string* header(std::string_view name) const { return find_header(headers, name); }

  // The first query parameter of that name; nullptr when absent.
  const std::string* parameter(std::string_view name) const;
};

class HttpResponder {
 public:
  HttpResponder() = default;
  HttpResponder(const HttpResponder&) = delete;
  HttpResponder& operator=(const HttpResponder&) = delete;
  virtual ~HttpResponder() = default;

  // The whole answer. REQUIRES: the first and only answer. Content-Length is added.
  virtual void send(HttpResponse response) = 0;

  // An answer whose body is written piece by piece (chunked). REQUIRES: no answer yet.
  virtual void begin_stream(int status, HttpHeaders headers) = 0;
  // False when the client is gone or was cut off; the bytes are dropped then.
  virtual bool write(std::string chunk) = 0;
  virtual void close() = 0;

  // Called at most once, when the client goes away before the answer is complete, or the server
  // stops. Replaces an earlier callback.
  virtual void on_disconnect(Task callback) = 0;
  virtual bool is_open() const = 0;
};

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: the system chooses; see HttpServer::port().
  std::size_t max_header_bytes = 64 * 1024;
  std::size_t max_body_bytes = 64 * 1024 * 1024;
  std::size_t max_stream_backlog = 64 * 1024 * 1024;
  Duration idle_timeout = std::chrono::seconds(120);  // Of a connection between requests.
  // TLS when both are set: PEM text of the certificate chain and of its key.
  std::string tls_cert_pem{};
  std::string tls_key_pem{};
};

class HttpServer {
 public:
  using Handler =
      std::function<void(HttpServerRequest request, std::shared_ptr<HttpResponder> responder)>;

  // Listening when it returns. Errors: kUnavailable (address in use), kInvalid (host, TLS),
  // kDenied.
  static base::Result<std::unique_ptr<HttpServer>> start(Executor& executor,
                                                         HttpServerOptions options,
                                                         Handler handler);

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  // Stops.
  ~HttpServer();

  std::uint16_t port() const;
  // "http://127.0.0.1:8080".
  std::string url() const;

  // Closes the listener and every connection at once; on_disconnect of open answers is posted.
  // No handler is called afterwards.
  void stop();

  std::size_t open_connections() const;

 private:
  struct State;

  explicit HttpServer(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
};

}  // namespace runtime

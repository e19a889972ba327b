// The port to HTTP servers (the Kubernetes API, AWS): asynchronous requests, whole or streamed
// answers. Real: make_curl_http_client (libcurl, a thread of its own, HTTP/1.1 with connection
// reuse, proxies from the process environment). Tests: FakeHttpClient (runtime/fake_http_client.h).
//
//   client.send({.url = base + "/version"}, [](base::Result<HttpResponse> answer) { ... });
//
// An answer of any status is a value; an Error means there was none: kTimeout, kUnavailable
// (resolve, connect, transport), kDenied (TLS verification), kInvalid (the URL), kLimit (too long).
// Thread rule: call on the loop; callbacks run on the loop, never inside the call, and never after
// cancel() or the client's destruction.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "runtime/executor.h"
#include "runtime/http.h"

namespace runtime {

struct TlsOptions {
  std::string ca_pem{};           // Certificates to trust instead of the system's.
  std::string ca_file{};          // The same from a file.
  std::string client_cert_pem{};  // With client_key_pem: who we are.
  std::string client_key_pem{};
  std::string server_name{};  // What the certificate must be for, instead of the URL's host.
  bool skip_verification = false;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url{};  // http or https.
  HttpHeaders headers{};
  std::string body{};
  Duration timeout = std::chrono::seconds(30);  // Of the whole exchange, real time; 0: none.
  // Streams: no byte for so long ends the exchange with kTimeout; 0: wait for ever.
  Duration idle_timeout{};
  std::size_t max_body_bytes = std::size_t{1} << 30;
  TlsOptions tls{};
  std::string proxy{};  // "http://host:3128", "socks5://host:1080"; empty: as the environment says.
};

enum class HttpCallId : std::uint64_t { kNone = 0 };

class HttpClient {
 public:
  using Done = std::move_only_function<void(base::Result<HttpResponse>)>;
  using OnChunk = std::move_only_function<void(std::string_view bytes)>;

  HttpClient() = default;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  virtual ~HttpClient() = default;

  virtual HttpCallId send(HttpRequest request, Done done) = 0;
  // The body of a 2xx answer goes to on_chunk as it arrives, and done() gets an empty body at its
  // end. Any other answer is collected and given to done() whole.
  virtual HttpCallId stream(HttpRequest request, OnChunk on_chunk, Done done) = 0;
  // Ends the exchange without a callback. Unknown ids are ignored.
  virtual void cancel(HttpCallId call) = 0;
};

struct CurlHttpClientOptions {
  // Streams have one each; what finds none free waits.
  std::size_t max_connections_per_host = 64;
  Duration connect_timeout = std::chrono::seconds(10);
  std::string user_agent = "karpenter";
};

std::unique_ptr<HttpClient> make_curl_http_client(Executor& executor,
                                                  CurlHttpClientOptions options = {});

}  // namespace runtime

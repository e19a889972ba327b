#include "runtime/curl_transfer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/assert.h"
#include "base/text.h"

namespace runtime {

namespace {

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view line = base::trim({data, size * count});
  if (line.starts_with("HTTP/")) {
    transfer.response.headers.clear();  // Of an interim answer or a proxy.
  } else if (const auto [name, value] = base::split_once(line, ':'); value) {
    transfer.response.headers.emplace_back(name, base::trim(*value));
  }
  return size * count;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::string_view bytes(data, size * count);
  long status = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  if (transfer.is_stream && status >= 200 && status < 300) {
    if (transfer.inbox->add(bytes)) {
      transfer.tell_chunk();
    }
    return bytes.size();
  }
  if (transfer.response.body.size() + bytes.size() > transfer.request.max_body_bytes) {
    transfer.is_too_long = true;
    return CURL_WRITEFUNC_ERROR;
  }
  transfer.response.body += bytes;
  return bytes.size();
}

curl_blob blob_of(const std::string& text) {
  // CURL_BLOB_NOCOPY: the transfer holds the text for as long as the handle.
  return {const_cast<char*>(text.data()), text.size(), CURL_BLOB_NOCOPY};
}

long to_ms(Duration duration) {
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
  return static_cast<long>(std::max<std::int64_t>(ms, 0));
}

void set_tls(CURL* easy, const TlsOptions& tls) {
  if (!tls.ca_pem.empty()) {
    curl_blob blob = blob_of(tls.ca_pem);
    curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
  } else if (!tls.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, tls.ca_file.c_str());
  }
  if (!tls.client_cert_pem.empty()) {
    curl_blob cert = blob_of(tls.client_cert_pem);
    curl_blob key = blob_of(tls.client_key_pem);
    curl_easy_setopt(easy, CURLOPT_SSLCERTTYPE, "PEM");
    curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &cert);
    curl_easy_setopt(easy, CURLOPT_SSLKEYTYPE, "PEM");
    curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &key);
  }
  if (tls.skip_verification) {
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  }
}

// libcurl takes the name to verify from the URL: the URL gets the wanted name, and the connection
// goes where the URL pointed. The Host header stays what the caller asked for.
void set_server_name(Transfer& transfer) {
  CURLU* url = curl_url();
  char* host = nullptr;
  char* port = nullptr;
  char* text = nullptr;
  const std::string& name = transfer.request.tls.server_name;
  if (curl_url_set(url, CURLUPART_URL, transfer.request.url.c_str(), 0) == CURLUE_OK &&
      curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
      curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
      curl_url_set(url, CURLUPART_HOST, name.c_str(), 0) == CURLUE_OK &&
      curl_url_get(url, CURLUPART_URL, &text, 0) == CURLUE_OK) {
    transfer.connect_to =
        curl_slist_append(nullptr, base::concat(name, ":", port, ":", host, ":", port).c_str());
    curl_easy_setopt(transfer.easy, CURLOPT_CONNECT_TO, transfer.connect_to);
    curl_easy_setopt(transfer.easy, CURLOPT_URL, text);  // Copied.
    if (find_header(transfer.request.headers, "Host") == nullptr) {
      transfer.request.headers.emplace_back("Host", base::concat(host, ":", port));
    }
  }
  curl_free(text);
  curl_free(port);
  curl_free(host);
  curl_url_cleanup(url);
}

// A peer that vanished without a word is noticed within half a minute, also by a stream on which
// nothing is due.
int guard_socket(void*, curl_socket_t socket, curlsocktype) {
  const auto set = [socket](int option, int value) {
    return setsockopt(socket, IPPROTO_TCP, option, &value, sizeof(value));
  };
  const int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
  set(TCP_KEEPIDLE, 15);
  set(TCP_KEEPINTVL, 5);
  set(TCP_KEEPCNT, 3);
  set(TCP_USER_TIMEOUT, 30'000);  // Milliseconds that sent bytes may stay unacknowledged.
  return CURL_SOCKOPT_OK;
}

void set_method_and_body(CURL* easy, const HttpRequest& request) {
  const bool sends_body = !request.body.empty() || request.method == "POST" ||
                          request.method == "PUT" || request.method == "PATCH";
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (sends_body) {
    curl_easy_setopt(
        easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  if (request.method != "HEAD") {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

void set_headers(Transfer& transfer) {
  const HttpRequest& request = transfer.request;
  const auto add = [&](const std::string& line) {
    transfer.header_list = curl_slist_append(transfer.header_list, line.c_str());
  };
  for (const auto& [name, value] : request.headers) {
    // An empty value is sent with a semicolon in libcurl's notation.
    add(value.empty() ? name + ";" : base::concat(name, ": ", value));
  }
  add("Expect:");  // libcurl would ask for 100-continue and wait.
  if (find_header(request.headers, "Content-Type") == nullptr) {
    add("Content-Type:");  // Not the form type that libcurl assumes.
  }
  curl_easy_setopt(transfer.easy, CURLOPT_HTTPHEADER, transfer.header_list);
}

}  // namespace

void set_up(Transfer& transfer, const CurlHttpClientOptions& options) {
  const HttpRequest& request = transfer.request;
  if (transfer.easy == nullptr) {
    transfer.easy = curl_easy_init();
  }
  CURL* easy = transfer.easy;
  ASSERT(easy != nullptr);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  // Not HTTP/2: whenever a byte arrives on a connection, libcurl looks at every exchange that
  // shares it, and a server's streams on one wait for each other (docs/performance.md).
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error_text);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, to_ms(options.connect_timeout));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, to_ms(request.timeout));
  if (request.idle_timeout > Duration(0)) {
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(
        easy, CURLOPT_LOW_SPEED_TIME, std::max(1L, to_ms(request.idle_timeout) / 1000));
  }
  if (!transfer.is_stream) {
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  }
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  if (!request.proxy.empty()) {
    curl_easy_setopt(easy, CURLOPT_PROXY, request.proxy.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, guard_socket);
  if (!request.tls.server_name.empty()) {
    set_server_name(transfer);
  }
  set_method_and_body(easy, request);
  set_headers(transfer);
  set_tls(easy, request.tls);
}

base::Error to_error(const Transfer& transfer, CURLcode code) {
  base::ErrorCode kind = base::ErrorCode::kUnavailable;
  if (transfer.is_too_long) {
    return {base::ErrorCode::kLimit,
            base::concat(transfer.request.method,
                         " ",
                         transfer.request.url,
                         ": the answer is longer than ",
                         transfer.request.max_body_bytes,
                         " bytes")};
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    kind = base::ErrorCode::kTimeout;
  } else if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
    kind = base::ErrorCode::kInvalid;
  } else if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
             code == CURLE_SSL_CERTPROBLEM) {
    kind = base::ErrorCode::kDenied;
  }
  const std::string_view text =
      transfer.error_text[0] != '\0' ? transfer.error_text : curl_easy_strerror(code);
  return {kind, base::concat(transfer.request.method, " ", transfer.request.url, ": ", text)};
}

}  // namespace runtime

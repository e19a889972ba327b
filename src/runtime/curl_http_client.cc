#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "base/assert.h"
#include "base/text.h"
#include "runtime/http_client.h"
#include "runtime/threads.h"

namespace runtime {

namespace {

// What the loop keeps of a call. Erased there on the end or on cancel; what arrives later finds
// nothing.
struct Callbacks {
  HttpClient::OnChunk on_chunk;
  HttpClient::Done done;
};

struct Registry {
  std::unordered_map<HttpCallId, std::shared_ptr<Callbacks>> calls;  // Loop only.
};

// The bytes of a stream on their way to the loop: one posted task carries all that has gathered.
struct Inbox {
  std::mutex mutex;  // Guards bytes. Leaf.
  std::string bytes;

  // True when the loop has to be told.
  bool add(std::string_view more) {
    const std::scoped_lock lock(mutex);
    const bool was_empty = bytes.empty();
    bytes += more;
    return was_empty;
  }

  std::string take() {
    const std::scoped_lock lock(mutex);
    return std::exchange(bytes, {});
  }
};

// A call on the network thread.
struct Transfer {
  HttpCallId id{};
  HttpRequest request;
  bool is_stream = false;
  HttpResponse response;
  bool is_too_long = false;
  std::shared_ptr<Inbox> inbox = std::make_shared<Inbox>();
  std::function<void()> tell_chunk;  // Posts the delivery of the inbox.
  CURL* easy = nullptr;
  curl_slist* header_list = nullptr;
  char error_text[CURL_ERROR_SIZE] = {};

  Transfer() = default;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  ~Transfer() {
    curl_slist_free_all(header_list);
    curl_easy_cleanup(easy);
  }
};

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

void set_up(Transfer& transfer, const CurlHttpClientOptions& options) {
  const HttpRequest& request = transfer.request;
  CURL* easy = transfer.easy = curl_easy_init();
  ASSERT(easy != nullptr);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
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

class CurlHttpClient final : public HttpClient {
 public:
  CurlHttpClient(Executor& executor, CurlHttpClientOptions options)
      : executor_(executor), options_(std::move(options)) {
    ASSERT(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    multi_ = curl_multi_init();
    ASSERT(multi_ != nullptr);
    curl_multi_setopt(multi_,
                      CURLMOPT_MAX_HOST_CONNECTIONS,
                      static_cast<long>(options_.max_connections_per_host));
    thread_ = start_thread([this] { work(); });
  }

  ~CurlHttpClient() override {
    registry_->calls.clear();
    stopped_ = true;
    curl_multi_wakeup(multi_);
    thread_.join();
    curl_multi_cleanup(multi_);
    curl_global_cleanup();
  }

  HttpCallId send(HttpRequest request, Done done) override {
    return start(std::move(request), false, {}, std::move(done));
  }

  HttpCallId stream(HttpRequest request, OnChunk on_chunk, Done done) override {
    return start(std::move(request), true, std::move(on_chunk), std::move(done));
  }

  void cancel(HttpCallId call) override {
    if (registry_->calls.erase(call) > 0) {
      const std::scoped_lock lock(mutex_);
      cancelled_.push_back(call);
      curl_multi_wakeup(multi_);
    }
  }

 private:
  HttpCallId start(HttpRequest request, bool is_stream, OnChunk on_chunk, Done done) {
    const HttpCallId id{next_id_++};
    registry_->calls.emplace(
        id, std::make_shared<Callbacks>(Callbacks{std::move(on_chunk), std::move(done)}));
    auto transfer = std::make_unique<Transfer>();
    transfer->id = id;
    transfer->request = std::move(request);
    transfer->is_stream = is_stream;
    transfer->tell_chunk = [this, id, inbox = transfer->inbox] { post_chunk(id, inbox); };
    {
      const std::scoped_lock lock(mutex_);
      started_.push_back(std::move(transfer));
    }
    curl_multi_wakeup(multi_);
    return id;
  }

  // On the network thread from here on.

  void post_chunk(HttpCallId id, const std::shared_ptr<Inbox>& inbox) {
    executor_.post([weak = std::weak_ptr(registry_), id, inbox] {
      const auto registry = weak.lock();
      if (registry == nullptr || !registry->calls.contains(id)) {
        return;
      }
      const std::shared_ptr<Callbacks> call = registry->calls.at(id);
      call->on_chunk(inbox->take());
    });
  }

  void post_end(HttpCallId id, base::Result<HttpResponse> answer) {
    executor_.post([weak = std::weak_ptr(registry_), id, answer = std::move(answer)]() mutable {
      const auto registry = weak.lock();
      if (registry == nullptr) {
        return;
      }
      if (const auto node = registry->calls.extract(id)) {
        node.mapped()->done(std::move(answer));
      }
    });
  }

  void work() {
    while (!stopped_) {
      take_commands();
      int running = 0;
      curl_multi_perform(multi_, &running);
      finish_transfers();
      curl_multi_poll(multi_, nullptr, 0, 1000, nullptr);
    }
    for (auto& [id, transfer] : transfers_) {
      curl_multi_remove_handle(multi_, transfer->easy);
    }
    transfers_.clear();
  }

  void take_commands() {
    std::vector<std::unique_ptr<Transfer>> started;
    std::vector<HttpCallId> cancelled;
    {
      const std::scoped_lock lock(mutex_);
      started.swap(started_);
      cancelled.swap(cancelled_);
    }
    for (auto& transfer : started) {
      set_up(*transfer, options_);
      curl_multi_add_handle(multi_, transfer->easy);
      transfers_.emplace(transfer->id, std::move(transfer));
    }
    for (const HttpCallId id : cancelled) {
      drop(id);
    }
  }

  void finish_transfers() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) {
        continue;
      }
      void* user = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
      finish(*static_cast<Transfer*>(user), message->data.result);
    }
  }

  void finish(Transfer& transfer, CURLcode code) {
    const HttpCallId id = transfer.id;
    if (code == CURLE_OK) {
      long status = 0;
      curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
      transfer.response.status = static_cast<int>(status);
      post_end(id, std::move(transfer.response));
    } else {
      post_end(id, base::fail(to_error(transfer, code)));
    }
    drop(id);
  }

  void drop(HttpCallId id) {
    if (const auto it = transfers_.find(id); it != transfers_.end()) {
      curl_multi_remove_handle(multi_, it->second->easy);
      transfers_.erase(it);
    }
  }

  Executor& executor_;
  CurlHttpClientOptions options_;
  CURLM* multi_ = nullptr;
  std::atomic<bool> stopped_ = false;
  // Loop only.
  std::shared_ptr<Registry> registry_ = std::make_shared<Registry>();
  std::uint64_t next_id_ = 1;
  // From the loop to the network thread.
  std::mutex mutex_;  // Guards started_ and cancelled_. Leaf.
  std::vector<std::unique_ptr<Transfer>> started_;
  std::vector<HttpCallId> cancelled_;
  // Network thread only.
  std::map<HttpCallId, std::unique_ptr<Transfer>> transfers_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<HttpClient> make_curl_http_client(Executor& executor,
                                                  CurlHttpClientOptions options) {
  return std::make_unique<CurlHttpClient>(executor, std::move(options));
}

}  // namespace runtime

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "base/assert.h"
#include "runtime/curl_transfer.h"
#include "runtime/http_client.h"
#include "runtime/poller.h"
#include "runtime/threads.h"

namespace runtime {

namespace {

// Handles are large: as many as are busy in a burst are used again.
constexpr std::size_t kMostIdleHandles = 32;
// The sockets are looked at no more often than this: in a burst of small answers and events, one
// wake-up for each would cost more than what it brings. What comes alone is not delayed.
constexpr auto kBreath = std::chrono::milliseconds(2);

struct CleanUp {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};

using IdleHandle = std::unique_ptr<CURL, CleanUp>;

// What the loop keeps of a call. Erased there on the end or on cancel; what arrives later finds
// nothing.
struct Callbacks {
  HttpClient::OnChunk on_chunk;
  HttpClient::Done done;
};

struct Registry {
  std::unordered_map<HttpCallId, std::shared_ptr<Callbacks>> calls;  // Loop only.
};

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
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    thread_ = start_thread([this] { work(); });
  }

  ~CurlHttpClient() override {
    registry_->calls.clear();
    stopped_ = true;
    poller_.wake();
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
      poller_.wake();
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
    poller_.wake();
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
    std::vector<Poller::Ready> ready;
    int running = 0;
    while (!stopped_) {
      take_commands();
      poller_.wait(deadline_, ready);
      const auto woken_at = std::chrono::steady_clock::now();
      for (const Poller::Ready& one : ready) {
        curl_multi_socket_action(multi_, one.socket, to_curl(one), &running);
      }
      if (deadline_ && woken_at >= *deadline_) {
        deadline_.reset();
        curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
      }
      finish_transfers();
      std::this_thread::sleep_until(woken_at + kBreath);
    }
    for (auto& [id, transfer] : transfers_) {
      curl_multi_remove_handle(multi_, transfer->easy);
    }
    transfers_.clear();
    idle_.clear();
  }

  static int to_curl(const Poller::Ready& one) {
    return (one.can_read ? CURL_CSELECT_IN : 0) | (one.can_write ? CURL_CSELECT_OUT : 0) |
           (one.has_failed ? CURL_CSELECT_ERR : 0);
  }

  static int on_socket(CURL*, curl_socket_t socket, int what, void* user, void*) {
    const bool reads = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
    const bool writes = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
    static_cast<CurlHttpClient*>(user)->poller_.watch(socket, reads, writes);
    return 0;
  }

  static int on_timer(CURLM*, long wait_ms, void* user) {
    auto& deadline = static_cast<CurlHttpClient*>(user)->deadline_;
    deadline.reset();
    if (wait_ms >= 0) {
      deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(wait_ms);
    }
    return 0;
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
      if (!idle_.empty()) {
        transfer->easy = idle_.back().release();
        idle_.pop_back();
      }
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
      if (idle_.size() < kMostIdleHandles) {
        curl_easy_reset(it->second->easy);
        idle_.emplace_back(std::exchange(it->second->easy, nullptr));
      }
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
  Poller poller_;
  // Network thread only.
  std::map<HttpCallId, std::unique_ptr<Transfer>> transfers_;
  std::vector<IdleHandle> idle_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;  // When libcurl wants to look.
  std::thread thread_;
};

}  // namespace

std::unique_ptr<HttpClient> make_curl_http_client(Executor& executor,
                                                  CurlHttpClientOptions options) {
  return std::make_unique<CurlHttpClient>(executor, std::move(options));
}

}  // namespace runtime

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "base/assert.h"
#include "runtime/curl_transfer.h"
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

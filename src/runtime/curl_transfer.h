// One exchange of the libcurl client: its handle, set up from a request, and what has arrived so
// far. Internal to the client.
//
// Thread rule: everything on the network thread; an Inbox is shared with the loop.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <curl/curl.h>

#include "runtime/http_client.h"

namespace runtime {

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
  curl_slist* connect_to = nullptr;
  char error_text[CURL_ERROR_SIZE] = {};

  Transfer() = default;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  ~Transfer() {
    curl_slist_free_all(header_list);
    curl_slist_free_all(connect_to);
    curl_easy_cleanup(easy);
  }
};

// Makes the handle, or takes the fresh one that the transfer has. The transfer must stay where it
// is from here on.
void set_up(Transfer& transfer, const CurlHttpClientOptions& options);

// What a failed transfer means to the caller.
base::Error to_error(const Transfer& transfer, CURLcode code);

}  // namespace runtime

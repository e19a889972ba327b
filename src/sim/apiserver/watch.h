// One watch over HTTP: the initial state where asked for, then every change of a resource that the
// selector lets through, as JSON frames. An object that stops matching is reported as deleted.
//
// Thread rule: loop thread only. Ownership: borrows the Store; held by the RestServer until the
// client leaves.
#pragma once

#include <memory>
#include <string>

#include "runtime/http_server.h"
#include "sim/apiserver/rest_path.h"

namespace sim::api {

struct WatchRequest {
  RestPath path;
  ListSelector selector;
  Form form = Form::kObject;
  RowObject rows = RowObject::kMetadata;
  std::string resource_version;  // Empty or "0": begin with the state as it is.
  bool send_initial_events = false;
  bool allow_bookmarks = false;
};

class WatchStream {
 public:
  WatchStream(const Registry& registry,
              WatchRequest request,
              std::shared_ptr<runtime::HttpResponder> responder);
  ~WatchStream();
  WatchStream(const WatchStream&) = delete;
  WatchStream& operator=(const WatchStream&) = delete;

  void start();
  // Tells the client how far it has seen, if it wants to know.
  void send_bookmark(bool ends_initial_events);
  void close();

  // False once the client has left, or an error ended the stream.
  bool is_live() const { return is_live_; }

 private:
  void send_state();
  void send_change(const Change& change);
  void send(std::string_view type, const DocumentPtr& object);
  void send_frame(std::string_view type, std::string_view object_json);
  bool covers(const Document& document) const;
  bool selects(const Document* document) const;

  const Registry& registry_;
  WatchRequest request_;
  std::shared_ptr<runtime::HttpResponder> responder_;
  Store::ListenerId listener_ = 0;
  bool is_live_ = true;
};

}  // namespace sim::api

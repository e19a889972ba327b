#include "sim/apiserver/watch.h"

#include <charconv>
#include <utility>

#include <boost/json.hpp>

#include "sim/apiserver/json.h"
#include "sim/apiserver/render.h"

namespace sim::api {

namespace {

std::optional<std::uint64_t> version_of(std::string_view text) {
  std::uint64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return version;
}

}  // namespace

WatchStream::WatchStream(const Registry& registry,
                         WatchRequest request,
                         std::shared_ptr<runtime::HttpResponder> responder)
    : registry_(registry), request_(std::move(request)), responder_(std::move(responder)) {}

WatchStream::~WatchStream() {
  registry_.store().unlisten(listener_);
}

void WatchStream::start() {
  responder_->begin_stream(200, {{"Content-Type", "application/json"}});
  const std::string& from = request_.resource_version;
  const bool from_state = request_.send_initial_events || from.empty() || from == "0";
  if (from_state) {
    send_state();
  } else {
    const auto version = version_of(from);
    const auto missed =
        version ? registry_.store().changes_since(request_.path.type, *version) : std::nullopt;
    if (!missed) {
      send_frame("ERROR", gone("too old resource version: " + from).to_json());
      close();
      return;
    }
    for (const Change& change : *missed) {
      send_change(change);
    }
  }
  if (request_.send_initial_events) {
    send_bookmark(true);
  }
  listener_ = registry_.store().listen(request_.path.type,
                                       [this](const Change& change) { send_change(change); });
}

void WatchStream::close() {
  if (std::exchange(is_live_, false)) {
    responder_->close();
  }
}

void WatchStream::send_state() {
  for (const auto& [key, document] : registry_.store().collection(request_.path.type)) {
    if (selects(document.get())) {
      send("ADDED", document);
    }
  }
}

bool WatchStream::covers(const Document& document) const {
  const RestPath& path = request_.path;
  return (path.namespace_.empty() || document.namespace_() == path.namespace_) &&
         (path.name.empty() || document.name() == path.name);
}

bool WatchStream::selects(const Document* document) const {
  return document != nullptr && covers(*document) && request_.selector.matches(document->body());
}

void WatchStream::send_change(const Change& change) {
  const bool was = selects(change.previous.get());
  const bool is = change.op != ChangeOp::kDeleted && selects(change.object.get());
  if (is) {
    send(was ? "MODIFIED" : "ADDED", change.object);
  } else if (was) {
    send("DELETED", change.object);
  }
}

void WatchStream::send(std::string_view type, const DocumentPtr& object) {
  if (request_.form == Form::kTable) {
    json::object table = make_table({request_.path.type, registry_.now(), request_.rows}, {object});
    ensure_object(table, "metadata")["resourceVersion"] = std::to_string(object->version());
    send_frame(type, json::serialize(table));
    return;
  }
  send_frame(type,
             request_.form == Form::kMetadata ? json::serialize(metadata_only(object->body()))
                                              : json::serialize(object->body()));
}

void WatchStream::send_bookmark(bool ends_initial_events) {
  if (!request_.allow_bookmarks || !is_live_) {
    return;
  }
  const ResourceType& type = resource_type(request_.path.type);
  json::object body;
  body["kind"] = type.kind;
  body["apiVersion"] = api_version_of(type);
  if (request_.form == Form::kTable) {
    body = make_table({request_.path.type, registry_.now(), request_.rows}, {});
  } else if (request_.form == Form::kMetadata) {
    body["kind"] = "PartialObjectMetadata";
    body["apiVersion"] = "meta.k8s.io/v1";
  }
  json::object& metadata = ensure_object(body, "metadata");
  metadata["resourceVersion"] = std::to_string(registry_.store().version());
  if (ends_initial_events) {
    ensure_object(metadata, "annotations")["k8s.io/initial-events-end"] = "true";
  } else if (request_.form == Form::kObject) {
    metadata["creationTimestamp"] = nullptr;
  }
  send_frame("BOOKMARK", json::serialize(body));
}

void WatchStream::send_frame(std::string_view type, std::string_view object_json) {
  if (!is_live_) {
    return;
  }
  std::string frame;
  frame.reserve(object_json.size() + 40);
  frame.append(R"({"type":")").append(type).append(R"(","object":)");
  frame.append(object_json).append("}\n");
  is_live_ = responder_->write(std::move(frame));
}

}  // namespace sim::api

#include "sim/apiserver/store.h"

#include <utility>

#include <boost/json.hpp>

#include "base/assert.h"
#include "base/text.h"
#include "k8s/codec.h"
#include "k8s/pod.h"
#include "sim/apiserver/json.h"

namespace sim::api {

namespace {

// A server never starts at zero: "0" has a meaning of its own in requests.
constexpr std::uint64_t kFirstVersion = 1;

json::object with_version(json::object body, std::uint64_t version) {
  ensure_object(body, "metadata")["resourceVersion"] = std::to_string(version);
  return body;
}

}  // namespace

Document::Document(TypeId type, json::object body, std::shared_ptr<const Document> like)
    : type_(type),
      value_(std::make_unique<const json::value>(std::move(body))),
      // Of one whose own turn is still to come nothing can be taken, and chains must not grow.
      like_(like != nullptr && like->typed_ != nullptr ? std::move(like) : nullptr) {
  const std::string_view version = text_at(this->body(), "metadata.resourceVersion");
  for (const char c : version) {
    version_ = version_ * 10 + static_cast<std::uint64_t>(c - '0');
  }
}

Document::~Document() = default;

const json::object& Document::body() const {
  return value_->get_object();
}

std::string_view Document::name() const {
  return text_at(body(), "metadata.name");
}

std::string_view Document::namespace_() const {
  return text_at(body(), "metadata.namespace");
}

std::string_view Document::uid() const {
  return text_at(body(), "metadata.uid");
}

bool Document::is_deleting() const {
  return find_path(body(), "metadata.deletionTimestamp") != nullptr;
}

const k8s::ObjectPtr& Document::typed() const {
  if (!decoded_) {
    decoded_ = true;
    typed_ = like_ == nullptr ? nullptr : typed_like(*like_->typed_);
    like_.reset();
    if (typed_ == nullptr && resource_type(type_).typed.has_value()) {
      typed_ = decode();
    }
  }
  return typed_;
}

k8s::ObjectPtr Document::decode() const {
  auto decoded = k8s::decode_object(json::serialize(*value_), nullptr);
  return decoded ? std::move(*decoded) : nullptr;
}

// Reading a pod's status alone is a fraction of the work, and all versions share the rest. Null:
// the kind has to be read as a whole.
k8s::ObjectPtr Document::typed_like(const k8s::Object& like) const {
  const json::value* status = body().if_contains("status");
  if (status == nullptr || like.kind != k8s::Kind::kPod) {
    return nullptr;
  }
  const auto part = k8s::decode_as(
      k8s::Kind::kPod, base::concat(R"({"status":)", json::serialize(*status), "}"), nullptr);
  if (!part) {
    return nullptr;
  }
  auto pod = std::make_shared<k8s::Pod>(k8s::as<k8s::Pod>(like));
  pod->status = k8s::as<k8s::Pod>(**part).status;
  pod->spec.node_name = text_at(body(), "spec.nodeName");
  pod->meta.resource_version = text_at(body(), "metadata.resourceVersion");
  return pod;
}

Store::Store(std::size_t history)
    : shelves_(resource_types().size()), history_(history), version_(kFirstVersion) {}

std::string Store::key_of(std::string_view ns, std::string_view name) {
  std::string key;
  key.reserve(ns.size() + name.size() + 1);
  if (!ns.empty()) {
    key.append(ns).push_back('/');
  }
  key.append(name);
  return key;
}

DocumentPtr Store::find(TypeId type, std::string_view ns, std::string_view name) const {
  const Collection& objects = collection(type);
  const auto found = objects.find(key_of(ns, name));
  return found == objects.end() ? nullptr : found->second;
}

const Store::Collection& Store::collection(TypeId type) const {
  return shelves_[static_cast<std::size_t>(type)].objects;
}

DocumentPtr Store::put(TypeId type, json::object body, DocumentPtr like) {
  Shelf& shelf = shelves_[static_cast<std::size_t>(type)];
  auto document = std::make_shared<const Document>(
      type, with_version(std::move(body), ++version_), std::move(like));
  DocumentPtr& slot = shelf.objects[key_of(document->namespace_(), document->name())];
  DocumentPtr previous = std::exchange(slot, document);
  const ChangeOp op = previous ? ChangeOp::kModified : ChangeOp::kAdded;
  record(shelf, Change{op, version_, document, std::move(previous)});
  return document;
}

DocumentPtr Store::erase(TypeId type, std::string_view ns, std::string_view name) {
  Shelf& shelf = shelves_[static_cast<std::size_t>(type)];
  const auto found = shelf.objects.find(key_of(ns, name));
  ASSERT(found != shelf.objects.end());
  DocumentPtr previous = std::move(found->second);
  shelf.objects.erase(found);
  auto last = std::make_shared<const Document>(type, with_version(previous->body(), ++version_));
  record(shelf, Change{ChangeOp::kDeleted, version_, last, std::move(previous)});
  return last;
}

void Store::record(Shelf& shelf, Change change) {
  shelf.log.push_back(std::move(change));
  if (shelf.log.size() > history_) {
    shelf.forgotten = shelf.log.front().version;
    shelf.log.pop_front();
  }
  // Copied: a listener may be removed by another one's effects, never by its own.
  const Change& last = shelf.log.back();
  for (const auto& [id, listener] : shelf.listeners) {
    listener(last);
  }
}

std::optional<std::vector<Change>> Store::changes_since(TypeId type, std::uint64_t version) const {
  const Shelf& shelf = shelves_[static_cast<std::size_t>(type)];
  if (version < shelf.forgotten) {
    return std::nullopt;
  }
  std::vector<Change> out;
  for (auto change = shelf.log.rbegin(); change != shelf.log.rend(); ++change) {
    if (change->version <= version) {
      break;
    }
    out.push_back(*change);
  }
  return std::vector<Change>(out.rbegin(), out.rend());
}

void Store::compact() {
  for (Shelf& shelf : shelves_) {
    shelf.log.clear();
    shelf.forgotten = version_;
  }
}

Store::ListenerId Store::listen(TypeId type, Listener listener) {
  const ListenerId id = next_listener_++;
  shelves_[static_cast<std::size_t>(type)].listeners.emplace(id, std::move(listener));
  return id;
}

void Store::unlisten(ListenerId id) {
  for (Shelf& shelf : shelves_) {
    shelf.listeners.erase(id);
  }
}

}  // namespace sim::api

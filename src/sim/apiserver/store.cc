#include "sim/apiserver/store.h"

#include <utility>

#include <boost/json.hpp>

#include "base/assert.h"
#include "k8s/codec.h"
#include "sim/apiserver/json.h"
#include "sim/apiserver/retype.h"

namespace sim::api {

namespace {

// A server never starts at zero: "0" has a meaning of its own in requests.
constexpr std::uint64_t kFirstVersion = 1;

}  // namespace

Document::Document(TypeId type,
                   Body parts,
                   std::uint64_t version,
                   std::shared_ptr<const Document> like)
    : type_(type),
      parts_(std::move(parts)),
      version_(version),
      // Of one whose own turn is still to come nothing can be taken, and chains must not grow.
      like_(like != nullptr && like->typed_ != nullptr ? std::move(like) : nullptr) {}

Document::~Document() = default;

const json::value& Document::value() const {
  if (value_ == nullptr) {
    value_ = std::make_unique<const json::value>(parts_.whole(version_));
  }
  return *value_;
}

const json::object& Document::body() const {
  return value().get_object();
}

std::string_view Document::name() const {
  return text_at(parts_, "metadata.name");
}

std::string_view Document::namespace_() const {
  return text_at(parts_, "metadata.namespace");
}

std::string_view Document::uid() const {
  return text_at(parts_, "metadata.uid");
}

bool Document::is_deleting() const {
  return find_path(parts_, "metadata.deletionTimestamp") != nullptr;
}

const k8s::ObjectPtr& Document::typed() const {
  if (!decoded_) {
    decoded_ = true;
    typed_ = like_ == nullptr ? nullptr : retype(*like_->typed_, like_->parts_, parts_, version_);
    like_.reset();
    if (typed_ == nullptr && resource_type(type_).typed.has_value()) {
      typed_ = decode();
    }
  }
  return typed_;
}

k8s::ObjectPtr Document::decode() const {
  auto decoded = k8s::decode_object(parts_.text(version_), nullptr);
  return decoded ? std::move(*decoded) : nullptr;
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

DocumentPtr Store::put(TypeId type, Body parts, DocumentPtr like) {
  Shelf& shelf = shelves_[static_cast<std::size_t>(type)];
  auto document =
      std::make_shared<const Document>(type, std::move(parts), ++version_, std::move(like));
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
  auto last = std::make_shared<const Document>(type, previous->parts(), ++version_, previous);
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

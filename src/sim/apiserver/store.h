// The objects of the embedded cluster: per-resource collections, one global resourceVersion, and a
// bounded log of changes per resource that watches are served from. It stores what it is given;
// meaning (defaults, deletion, conflicts) is the Registry's (sim/apiserver/registry.h).
//
// Documents are immutable and shared: a reader keeps what it holds while the store moves on. The
// typed form is decoded once per document, on first use.
//
// Thread rule: loop thread only. Listeners are called inside put() and erase(): they enqueue, and
// never write back.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "k8s/meta.h"
#include "sim/apiserver/body.h"
#include "sim/apiserver/resources.h"

namespace sim::api {

class Document {
 public:
  // `like` is a version that differs at most in what retype() allows: the typed form is made from
  // its.
  Document(TypeId type,
           Body parts,
           std::uint64_t version,
           std::shared_ptr<const Document> like = nullptr);
  ~Document();
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  TypeId type() const { return type_; }

  const Body& parts() const { return parts_; }

  // Put together on first use: who needs a member or two asks the parts.
  const boost::json::value& value() const;
  const boost::json::object& body() const;

  std::uint64_t version() const { return version_; }

  std::string_view name() const;
  std::string_view namespace_() const;
  std::string_view uid() const;
  bool is_deleting() const;
  // Null for kinds without a typed form, and for documents that do not decode.
  const k8s::ObjectPtr& typed() const;

 private:
  k8s::ObjectPtr decode() const;

  TypeId type_;
  Body parts_;
  std::uint64_t version_ = 0;
  // Filled on first use; the loop is the only reader.
  mutable std::unique_ptr<const boost::json::value> value_;  // An object.
  mutable k8s::ObjectPtr typed_;
  mutable bool decoded_ = false;
  mutable std::shared_ptr<const Document> like_;  // Until then.
};

using DocumentPtr = std::shared_ptr<const Document>;

enum class ChangeOp : std::uint8_t { kAdded, kModified, kDeleted };

// One entry of the log. On kDeleted, object is the last state, carrying the version of the
// deletion.
struct Change {
  ChangeOp op;
  std::uint64_t version;
  DocumentPtr object;
  DocumentPtr previous;  // Null on kAdded.
};

class Store {
 public:
  using Collection = std::map<std::string, DocumentPtr, std::less<>>;
  using Listener = std::function<void(const Change&)>;
  using ListenerId = std::uint64_t;

  // history: changes kept per resource; a watch that asks for older ones is told 410 Gone.
  explicit Store(std::size_t history = 16384);

  std::uint64_t version() const { return version_; }

  DocumentPtr find(TypeId type, std::string_view ns, std::string_view name) const;
  // All objects of a resource, by "namespace/name" (cluster-scoped: "name").
  const Collection& collection(TypeId type) const;

  // Inserts or replaces; metadata.resourceVersion is set to the new global version. `like`:
  // see Document.
  DocumentPtr put(TypeId type, Body parts, DocumentPtr like = nullptr);
  // REQUIRES: the object exists. Answers the final state.
  DocumentPtr erase(TypeId type, std::string_view ns, std::string_view name);

  // Changes after `version`, oldest first; nullopt when the log no longer reaches back.
  std::optional<std::vector<Change>> changes_since(TypeId type, std::uint64_t version) const;
  // Forgets the log, as a server restart would: every older resume is Gone.
  void compact();

  ListenerId listen(TypeId type, Listener listener);
  void unlisten(ListenerId id);

  static std::string key_of(std::string_view ns, std::string_view name);

 private:
  struct Shelf {
    Collection objects;
    std::deque<Change> log;
    std::uint64_t forgotten = 0;  // Newest version that fell off the log.
    std::map<ListenerId, Listener> listeners;
  };

  void record(Shelf& shelf, Change change);

  std::vector<Shelf> shelves_;
  std::size_t history_;
  std::uint64_t version_ = 0;
  ListenerId next_listener_ = 1;
};

}  // namespace sim::api

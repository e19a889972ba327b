// The port to a Kubernetes API server: everything that the controller asks of one. Two
// implementations: the client over HTTP (k8s/client) and the embedded cluster (sim/).
//
// Bodies travel as JSON text: they are produced by encoders, logged, hashed and sent, and nobody
// takes them apart again. Answers come back decoded.
//
// Thread rule: call on the loop thread; callbacks run on the loop thread, never inside the call
// itself.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "k8s/meta.h"

namespace k8s {

struct ObjectKey {
  Kind kind;
  std::string namespace_;
  std::string name;
  friend auto operator<=>(const ObjectKey&, const ObjectKey&) = default;
};

enum class Verb : std::uint8_t {
  kCreate,
  kUpdate,
  kMergePatch,
  kJsonPatch,
  kStrategicPatch,
  kApplyPatch,
  kDelete,
  kEvict,
  kBind
};

struct WriteRequest {
  Verb verb;
  ObjectKey key;            // kCreate: the name may be empty when the body has generateName.
  std::string subresource;  // "" or "status".
  std::string body;         // JSON. kDelete, kEvict: empty. kBind: the node's name in plain text.
  // Preconditions; empty: none. On patches a resource_version is an optimistic lock.
  std::string uid;
  std::string resource_version;
  std::optional<std::int64_t> grace_seconds;  // kDelete, kEvict.
};

// kSynced is sent once per subscription when the initial list is complete; object is null.
enum class EventOp : std::uint8_t { kAdded, kModified, kDeleted, kSynced };

struct ObjectEvent {
  Kind kind;
  EventOp op;
  ObjectPtr object;
};

class KubeApi {
 public:
  using WriteDone = std::function<void(base::Result<ObjectPtr>)>;
  using ReadDone = std::function<void(base::Result<ObjectPtr>)>;
  using ListDone = std::function<void(base::Result<std::vector<ObjectPtr>>)>;
  using Sink = std::function<void(const ObjectEvent&)>;

  virtual ~KubeApi() = default;

  // Lists, then watches for ever: resumes, relists on 410 and backs off on its own (the sink sees
  // the difference as events). The sink is called until the KubeApi is destroyed.
  virtual void subscribe(Kind kind, Sink sink) = 0;
  virtual void get(const ObjectKey& key, ReadDone done) = 0;
  virtual void list(Kind kind, ListDone done) = 0;
  // Errors: kNotFound, kAlreadyExists, kConflict, kInvalid, kDenied, kThrottled (eviction refused
  // by a budget too), kUnavailable, kTimeout. The answer to a delete is the object as it stands, or
  // null when it is gone.
  virtual void write(WriteRequest request, WriteDone done) = 0;
};

}  // namespace k8s

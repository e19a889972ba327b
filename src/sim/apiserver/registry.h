// The meaning of the API: what create, update, patch, delete, evict and bind do to the Store.
// Admission (pruning, defaults, validation, priorities), optimistic locking, generations,
// finalizers and graceful deletion are here; transport (sim/apiserver/rest.h) and the in-process
// port (sim/apiserver/sim_kube.h) are callers.
//
// Time and chance come from outside, so that a run is a function of its seed.
// Thread rule: loop thread only. Ownership: borrows the Store and the Clock, which outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "k8s/schema/validate.h"
#include "runtime/clock.h"
#include "runtime/rng.h"
#include "sim/apiserver/status.h"
#include "sim/apiserver/store.h"

namespace sim::api {

struct ObjectRef {
  TypeId type;
  std::string namespace_;
  std::string name;
  std::string subresource;  // "", "status" or "scale".
};

enum class UnknownFields : std::uint8_t { kIgnore, kWarn, kStrict };
enum class PatchType : std::uint8_t { kJson, kMerge, kStrategic, kApply };
enum class Propagation : std::uint8_t { kBackground, kForeground, kOrphan };

struct WriteOptions {
  bool dry_run = false;
  bool force = false;  // Apply: take over fields of other managers.
  // A part of this process that knows what it writes: the status it patches is stored as it is.
  bool is_trusted = false;
  UnknownFields unknown_fields = UnknownFields::kWarn;
  // Empty: the write is not tracked in managedFields (writers inside the process).
  std::string field_manager;
  // Preconditions of updates, patches and deletes; empty: none.
  std::string uid;
  std::string resource_version;
  std::optional<std::int64_t> grace_seconds;
  Propagation propagation = Propagation::kBackground;
};

struct Written {
  DocumentPtr object;    // The object as it stands, or its last state.
  bool created = false;  // Apply and PUT may create.
  bool is_gone = false;  // Delete: nothing is left.
  std::vector<std::string> warnings;
};

class Registry {
 public:
  Registry(Store& store,
           const runtime::Clock& clock,
           runtime::Rng rng,
           k8s::schema::Flavour flavour = k8s::schema::Flavour::kAws);

  Answer<DocumentPtr> get(const ObjectRef& ref) const;
  // The name is taken from the body (or generateName); ref.name may be empty.
  Answer<Written> create(const ObjectRef& ref,
                         boost::json::object body,
                         const WriteOptions& options);
  Answer<Written> update(const ObjectRef& ref,
                         boost::json::object body,
                         const WriteOptions& options);
  Answer<Written> patch(const ObjectRef& ref,
                        PatchType type,
                        std::string_view body,
                        const WriteOptions& options);
  Answer<Written> remove(const ObjectRef& ref, const WriteOptions& options);
  // Deletes a pod unless its budget forbids (429).
  Answer<Written> evict(const ObjectRef& ref, const WriteOptions& options);
  // Sets spec.nodeName of an unbound pod.
  Answer<Written> bind(const ObjectRef& ref, std::string_view node, const WriteOptions& options);
  // Fills the cluster with what every cluster has: namespaces, priority classes, our CRDs.
  void bootstrap();

  Store& store() const { return store_; }

  k8s::TimeNs now() const;

  k8s::schema::Flavour flavour() const { return flavour_; }

 private:
  using Object = boost::json::object;

  Answer<Written> replace(const ObjectRef& ref,
                          const DocumentPtr& old,
                          Object next,
                          const WriteOptions& options);
  Answer<Written> apply(const ObjectRef& ref, std::string_view body, const WriteOptions& options);
  // A merge patch of the status, or of spec.replicas, alone: it costs what it changes.
  Answer<Written> patch_status(const ObjectRef& ref,
                               const DocumentPtr& old,
                               const Object& patch,
                               const WriteOptions& options);
  Answer<Written> patch_scale(const ObjectRef& ref,
                              const DocumentPtr& old,
                              const Object& patch,
                              const WriteOptions& options);
  Answer<void> admit(const ObjectRef& ref,
                     Object& body,
                     const Document* old,
                     const WriteOptions& options,
                     std::vector<std::string>& warnings) const;
  // Of a kind of ours: everything else is as it was admitted before.
  Answer<void> admit_status(const ObjectRef& ref,
                            boost::json::value& status,
                            const boost::json::value* old) const;
  Answer<void> check_namespace(const ObjectRef& ref) const;
  void stamp_new(const ObjectRef& ref, Object& body);
  // Stores the body, or removes the object when it was only waiting for this write.
  // `like`: see Store::put.
  Written commit(const ObjectRef& ref,
                 Body body,
                 const WriteOptions& options,
                 DocumentPtr like = nullptr);
  Written erase(const ObjectRef& ref, const WriteOptions& options);
  Written mark_deleted(const ObjectRef& ref,
                       const DocumentPtr& old,
                       std::int64_t grace,
                       const WriteOptions& options);
  void hold_for_dependents(const ObjectRef& ref, const DocumentPtr& owner);
  void orphan_dependents(const Document& owner);
  void empty_namespace(std::string_view ns);
  void finish_namespace(std::string_view ns);

  Store& store_;
  const runtime::Clock& clock_;
  runtime::Rng rng_;
  k8s::schema::Flavour flavour_;
};

}  // namespace sim::api

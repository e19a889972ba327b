// Deletion: preconditions, finalizers, grace of pods, and the contents of namespaces.

#include <utility>

#include <boost/json.hpp>

#include "sim/apiserver/json.h"
#include "sim/apiserver/object_rules.h"
#include "sim/apiserver/registry.h"

namespace sim::api {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDefaultGrace = 30;

// Pods that no kubelet holds, and all other kinds, go at once.
std::int64_t grace_of(const ResourceType& type, const Body& body, const WriteOptions& how) {
  if (!type.is(k8s::Kind::kPod)) {
    return 0;
  }
  const std::string_view phase = text_at(body, "status.phase");
  if (text_at(body, "spec.nodeName").empty() || phase == "Succeeded" || phase == "Failed") {
    return 0;
  }
  const std::int64_t own = int_at(body, "spec.terminationGracePeriodSeconds", kDefaultGrace);
  return how.grace_seconds.value_or(own);
}

std::optional<StatusError> failed_precondition(const ResourceType& type,
                                               const Document& object,
                                               const WriteOptions& options) {
  if (!options.uid.empty() && options.uid != object.uid()) {
    return conflict(type,
                    object.name(),
                    "Precondition failed: UID in precondition: " + options.uid +
                        ", UID in object meta: " + std::string(object.uid()));
  }
  const std::string version = std::to_string(object.version());
  if (!options.resource_version.empty() && options.resource_version != version) {
    return conflict(type,
                    object.name(),
                    "Precondition failed: ResourceVersion in precondition: " +
                        options.resource_version + ", ResourceVersion in object meta: " + version);
  }
  return std::nullopt;
}

bool is_owned_by(const Body& body, std::string_view uid) {
  const json::array* owners = array_at(body, "metadata.ownerReferences");
  if (owners == nullptr) {
    return false;
  }
  for (const json::value& owner : *owners) {
    if (owner.is_object() && text_at(owner.get_object(), "uid") == uid) {
      return true;
    }
  }
  return false;
}

bool has_dependents(const Store& store, std::string_view uid) {
  for (std::size_t i = 0; i < resource_types().size(); ++i) {
    for (const auto& [key, object] : store.collection(static_cast<TypeId>(i))) {
      if (is_owned_by(object->parts(), uid)) {
        return true;
      }
    }
  }
  return false;
}

json::object metadata_of(const Document& document) {
  const json::object* metadata = object_at(document.parts(), "metadata");
  return metadata == nullptr ? json::object() : *metadata;
}

Body with_metadata(const Document& document, json::object metadata) {
  Body next = document.parts();
  next.set("metadata", std::move(metadata));
  return next;
}

json::object without_owner(json::object metadata, std::string_view uid) {
  json::array kept;
  for (const json::value& owner : ensure_array(metadata, "ownerReferences")) {
    if (!owner.is_object() || text_at(owner.get_object(), "uid") != uid) {
      kept.push_back(owner);
    }
  }
  if (kept.empty()) {
    metadata.erase("ownerReferences");
  } else {
    metadata["ownerReferences"] = std::move(kept);
  }
  return metadata;
}

}  // namespace

Answer<Written> Registry::remove(const ObjectRef& ref, const WriteOptions& options) {
  const ResourceType& type = resource_type(ref.type);
  const Answer<DocumentPtr> found = get(ref);
  if (!found) {
    return refuse(found.error());
  }
  const DocumentPtr& old = *found;
  if (auto error = failed_precondition(type, *old, options)) {
    return refuse(std::move(*error));
  }
  if (options.propagation == Propagation::kOrphan && !options.dry_run) {
    orphan_dependents(*old);
  }
  const std::int64_t grace = grace_of(type, old->parts(), options);
  // The garbage collector removes the finalizer once the dependents are gone.
  const bool is_foreground = options.propagation == Propagation::kForeground && !options.dry_run &&
                             !old->is_deleting() && has_dependents(store_, old->uid());
  if (is_foreground) {
    hold_for_dependents(ref, old);
  }
  const bool stays =
      is_foreground || grace > 0 || has_finalizers(old->parts()) || type.is(k8s::Kind::kNamespace);
  if (!stays) {
    return erase(ref, options);
  }
  const DocumentPtr held = store_.find(ref.type, ref.namespace_, ref.name);
  Written out = mark_deleted(ref, held, grace, options);
  if (type.is(k8s::Kind::kNamespace) && !options.dry_run) {
    empty_namespace(ref.name);
    out.is_gone = store_.find(ref.type, "", ref.name) == nullptr;
  }
  return out;
}

void Registry::hold_for_dependents(const ObjectRef& ref, const DocumentPtr& owner) {
  json::object metadata = metadata_of(*owner);
  ensure_array(metadata, "finalizers").emplace_back("foregroundDeletion");
  store_.put(ref.type, with_metadata(*owner, std::move(metadata)), owner);
}

Written Registry::mark_deleted(const ObjectRef& ref,
                               const DocumentPtr& old,
                               std::int64_t grace,
                               const WriteOptions& options) {
  const ResourceType& type = resource_type(ref.type);
  const std::int64_t left = int_at(old->parts(), "metadata.deletionGracePeriodSeconds");
  Written out;
  // A second delete can only shorten the time that is left.
  if (old->is_deleting() && grace >= left) {
    out.object = old;
    return out;
  }
  json::object metadata = metadata_of(*old);
  metadata["deletionTimestamp"] = format_time(now() + grace * kSecond);
  metadata["deletionGracePeriodSeconds"] = grace;
  if (type.storage == Storage::kSpec && !old->is_deleting()) {
    metadata["generation"] = int_at(metadata, "generation", 1) + 1;
  }
  if (type.is(k8s::Kind::kNamespace)) {
    metadata.erase("deletionGracePeriodSeconds");
  }
  Body next = with_metadata(*old, std::move(metadata));
  if (type.is(k8s::Kind::kNamespace)) {
    const json::object* status = object_at(old->parts(), "status");
    json::object ending = status == nullptr ? json::object() : *status;
    ending["phase"] = "Terminating";
    next.set("status", std::move(ending));
  }
  out.object = options.dry_run
                   ? std::make_shared<const Document>(ref.type, std::move(next), old->version())
                   : store_.put(ref.type, std::move(next), old);
  return out;
}

Written Registry::erase(const ObjectRef& ref, const WriteOptions& options) {
  Written out;
  out.is_gone = true;
  if (options.dry_run) {
    out.object = store_.find(ref.type, ref.namespace_, ref.name);
    return out;
  }
  out.object = store_.erase(ref.type, ref.namespace_, ref.name);
  if (!ref.namespace_.empty()) {
    finish_namespace(ref.namespace_);
  }
  return out;
}

void Registry::orphan_dependents(const Document& owner) {
  const std::string uid(owner.uid());
  for (std::size_t i = 0; i < resource_types().size(); ++i) {
    const auto id = static_cast<TypeId>(i);
    std::vector<DocumentPtr> owned;
    for (const auto& [key, object] : store_.collection(id)) {
      if (is_owned_by(object->parts(), uid)) {
        owned.push_back(object);
      }
    }
    for (const DocumentPtr& object : owned) {
      store_.put(id, with_metadata(*object, without_owner(metadata_of(*object), uid)), object);
    }
  }
}

void Registry::empty_namespace(std::string_view ns) {
  const std::string prefix = std::string(ns) + "/";
  for (std::size_t i = 0; i < resource_types().size(); ++i) {
    const auto id = static_cast<TypeId>(i);
    if (!resource_type(id).namespaced) {
      continue;
    }
    std::vector<std::string> names;
    const Store::Collection& objects = store_.collection(id);
    for (auto it = objects.lower_bound(prefix);
         it != objects.end() && it->first.starts_with(prefix);
         ++it) {
      names.emplace_back(it->second->name());
    }
    for (const std::string& name : names) {
      // Refusals cannot happen: there are no preconditions.
      static_cast<void>(remove(ObjectRef{id, std::string(ns), name, ""}, WriteOptions{}));
    }
  }
  finish_namespace(ns);
}

// The last object of a terminating namespace takes the namespace with it.
void Registry::finish_namespace(std::string_view ns) {
  const TypeId namespaces = type_of(k8s::Kind::kNamespace);
  const DocumentPtr found = store_.find(namespaces, "", ns);
  if (found == nullptr || !found->is_deleting() || has_finalizers(found->parts())) {
    return;
  }
  const std::string prefix = std::string(ns) + "/";
  for (std::size_t i = 0; i < resource_types().size(); ++i) {
    const auto id = static_cast<TypeId>(i);
    if (!resource_type(id).namespaced) {
      continue;
    }
    const Store::Collection& objects = store_.collection(id);
    const auto first = objects.lower_bound(prefix);
    if (first != objects.end() && first->first.starts_with(prefix)) {
      return;
    }
  }
  store_.erase(namespaces, "", ns);
}

}  // namespace sim::api

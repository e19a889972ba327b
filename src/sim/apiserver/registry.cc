#include "sim/apiserver/registry.h"

#include <utility>

#include <boost/json.hpp>

#include "base/time.h"
#include "k8s/patch.h"
#include "sim/apiserver/admission.h"
#include "sim/apiserver/json.h"
#include "sim/apiserver/managed_fields.h"
#include "sim/apiserver/object_rules.h"
#include "sim/apiserver/patching.h"

namespace sim::api {

namespace {

constexpr std::string_view kDefaultNamespace = "default";

StatusError nameless(const ResourceType& type) {
  return invalid(type,
                 "",
                 {{"FieldValueRequired",
                   "Required value: name or generateName is required",
                   "metadata.name"}});
}

// Preconditions of the body and of the options.
Answer<void> check_preconditions(const ObjectRef& ref,
                                 const Document& old,
                                 const json::object& next,
                                 const WriteOptions& options) {
  const ResourceType& type = resource_type(ref.type);
  const std::string version(text_at(next, "metadata.resourceVersion"));
  const std::string uid(text_at(next, "metadata.uid"));
  const std::string current = std::to_string(old.version());
  if ((!version.empty() && version != current) ||
      (!options.resource_version.empty() && options.resource_version != current)) {
    return refuse(stale(type, ref.name));
  }
  if ((!uid.empty() && uid != old.uid()) || (!options.uid.empty() && options.uid != old.uid())) {
    return refuse(conflict(
        type,
        ref.name,
        "Precondition failed: UID in precondition: " + (options.uid.empty() ? uid : options.uid) +
            ", UID in object meta: " + std::string(old.uid())));
  }
  return {};
}

// Whether a merge patch can be admitted without looking at the rest of the object, and nobody asks
// for warnings or for managedFields.
bool changes_one_part(const ObjectRef& ref, const WriteOptions& options) {
  if (!options.field_manager.empty() || options.unknown_fields != UnknownFields::kIgnore) {
    return false;
  }
  const ResourceType& type = resource_type(ref.type);
  return ref.subresource == "status"  ? options.is_trusted || type.custom
         : ref.subresource == "scale" ? type.has_scale && !type.custom
                                      : false;
}

}  // namespace

Registry::Registry(Store& store,
                   const runtime::Clock& clock,
                   runtime::Rng rng,
                   k8s::schema::Flavour flavour)
    : store_(store), clock_(clock), rng_(rng), flavour_(flavour) {}

k8s::TimeNs Registry::now() const {
  return base::to_unix_ns(clock_.wall());
}

Answer<DocumentPtr> Registry::get(const ObjectRef& ref) const {
  DocumentPtr found = store_.find(ref.type, ref.namespace_, ref.name);
  if (found == nullptr) {
    return refuse(not_found(resource_type(ref.type), ref.name));
  }
  return found;
}

Answer<Written> Registry::create(const ObjectRef& where,
                                 json::object body,
                                 const WriteOptions& options) {
  const ResourceType& type = resource_type(where.type);
  ObjectRef ref = where;
  if (type.namespaced && ref.namespace_.empty()) {
    ref.namespace_ = kDefaultNamespace;
  }
  for (const Answer<void>& checked : {check_identity(ref, body), check_namespace(ref)}) {
    if (!checked) {
      return refuse(checked.error());
    }
  }
  if (find_path(body, "metadata.resourceVersion") != nullptr &&
      !text_at(body, "metadata.resourceVersion").empty()) {
    return refuse(bad_request("resourceVersion should not be set on objects to be created"));
  }
  stamp_new(ref, body);
  ref.name = text_at(body, "metadata.name");
  if (ref.name.empty()) {
    return refuse(nameless(type));
  }
  Written out;
  reset_new_status(type, body);
  if (const Answer<void> admitted = admit(ref, body, nullptr, options, out.warnings); !admitted) {
    return refuse(admitted.error());
  }
  if (store_.find(ref.type, ref.namespace_, ref.name) != nullptr) {
    return refuse(already_exists(type, ref.name));
  }
  if (!options.field_manager.empty()) {
    track_update(type, nullptr, body, {options.field_manager, ref.subresource, now()});
  }
  out.object = commit(ref, Body(std::move(body)), options).object;
  out.created = true;
  return out;
}

Answer<Written> Registry::update(const ObjectRef& ref,
                                 json::object body,
                                 const WriteOptions& options) {
  const ResourceType& type = resource_type(ref.type);
  if (const Answer<void> checked = check_identity(ref, body); !checked) {
    return refuse(checked.error());
  }
  const Answer<DocumentPtr> found = get(ref);
  if (!found) {
    return refuse(found.error());
  }
  const DocumentPtr& old = *found;
  if (type.custom && text_at(body, "metadata.resourceVersion").empty()) {
    return refuse(invalid(type,
                          ref.name,
                          {{"FieldValueInvalid",
                            "Invalid value: 0: must be specified for an update",
                            "metadata.resourceVersion"}}));
  }
  return replace(ref, old, std::move(body), options);
}

Answer<Written> Registry::replace(const ObjectRef& ref,
                                  const DocumentPtr& old,
                                  json::object next,
                                  const WriteOptions& options) {
  const ResourceType& type = resource_type(ref.type);
  if (const Answer<void> checked = check_preconditions(ref, *old, next, options); !checked) {
    return refuse(checked.error());
  }
  keep_other_half(ref, old->body(), next);
  keep_server_fields(old->body(), next);
  Written out;
  if (const Answer<void> admitted = admit(ref, next, old.get(), options, out.warnings); !admitted) {
    return refuse(admitted.error());
  }
  if (old->is_deleting()) {
    if (auto error = late_finalizer(type, old->body(), next)) {
      return refuse(std::move(*error));
    }
  }
  if (same_object(old->body(), next)) {
    out.object = old;
    if (options.field_manager.empty() ||
        same_member(
            *object_at(old->body(), "metadata"), *object_at(next, "metadata"), "managedFields")) {
      return out;
    }
  }
  if (type.storage == Storage::kSpec &&
      !same_outside(old->body(), next, {"metadata", "status", "apiVersion", "kind"})) {
    ensure_object(next, "metadata")["generation"] =
        int_at(old->body(), "metadata.generation", 1) + 1;
  }
  if (!options.field_manager.empty()) {
    track_update(type, &old->body(), next, {options.field_manager, ref.subresource, now()});
  }
  Body parts(std::move(next));
  parts.share(old->parts());
  const bool is_alike = parts.shares_outside(old->parts(), {"metadata", "status"});
  Written written = commit(ref, std::move(parts), options, is_alike ? old : nullptr);
  written.warnings = std::move(out.warnings);
  return written;
}

Answer<Written> Registry::patch(const ObjectRef& ref,
                                PatchType patch_type,
                                std::string_view body,
                                const WriteOptions& options) {
  if (patch_type == PatchType::kApply) {
    return apply(ref, body, options);
  }
  const ResourceType& type = resource_type(ref.type);
  const Answer<DocumentPtr> found = get(ref);
  if (!found) {
    return refuse(found.error());
  }
  const DocumentPtr& old = *found;
  if (patch_type == PatchType::kMerge && changes_one_part(ref, options)) {
    Answer<json::object> patch = parse_object(body);
    if (!patch) {
      return refuse(std::move(patch.error()));
    }
    if (ref.subresource == "scale") {
      return patch_scale(ref, old, *patch, options);
    }
    if (object_at(*patch, "status") != nullptr) {
      return patch_status(ref, old, *patch, options);
    }
  }
  Answer<json::object> next = patched(type, patch_type, old->parts().whole(old->version()), body);
  if (!next) {
    return refuse(std::move(next.error()));
  }
  if (const Answer<void> checked = check_identity(ref, *next); !checked) {
    return refuse(checked.error());
  }
  return replace(ref, old, std::move(*next), options);
}

Answer<Written> Registry::patch_status(const ObjectRef& ref,
                                       const DocumentPtr& old,
                                       const json::object& patch,
                                       const WriteOptions& options) {
  if (!options.is_trusted) {
    json::object given;
    for (const auto& [key, value] : patch) {
      if (key != "status") {
        given.emplace(key, value);
      }
    }
    if (const Answer<void> checked = check_identity(ref, given); !checked) {
      return refuse(checked.error());
    }
  }
  if (const Answer<void> checked = check_preconditions(ref, *old, patch, options); !checked) {
    return refuse(checked.error());
  }
  const json::value* before = old->parts().if_contains("status");
  json::value status = before == nullptr ? json::value(json::object()) : *before;
  k8s::apply_merge_patch(status, patch.at("status"));
  if (!options.is_trusted) {
    if (const Answer<void> admitted = admit_status(ref, status, before); !admitted) {
      return refuse(admitted.error());
    }
  }
  if (before != nullptr && k8s::same_json(status, *before)) {
    return Written{.object = old, .warnings = {}};
  }
  Body next = old->parts();
  next.set("status", std::move(status));
  return commit(ref, std::move(next), options, old);
}

Answer<Written> Registry::patch_scale(const ObjectRef& ref,
                                      const DocumentPtr& old,
                                      const json::object& patch,
                                      const WriteOptions& options) {
  if (const Answer<void> checked = check_preconditions(ref, *old, patch, options); !checked) {
    return refuse(checked.error());
  }
  const Answer<std::int64_t> replicas = wanted_replicas(resource_type(ref.type), ref.name, patch);
  if (!replicas) {
    return refuse(replicas.error());
  }
  if (int_at(old->parts(), "spec.replicas", -1) == *replicas) {
    return Written{.object = old, .warnings = {}};
  }
  json::object spec = *object_at(old->parts(), "spec");
  spec["replicas"] = *replicas;
  json::object metadata = *object_at(old->parts(), "metadata");
  metadata["generation"] = int_at(metadata, "generation", 1) + 1;
  Body next = old->parts();
  next.set("spec", std::move(spec));
  next.set("metadata", std::move(metadata));
  return commit(ref, std::move(next), options, old);
}

Answer<Written> Registry::apply(const ObjectRef& ref,
                                std::string_view body,
                                const WriteOptions& options) {
  const ResourceType& type = resource_type(ref.type);
  if (options.field_manager.empty()) {
    return refuse(
        bad_request("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required "
                    "value: is required for apply patch"));
  }
  Answer<json::object> wanted = parse_object(body);
  if (!wanted) {
    return refuse(std::move(wanted.error()));
  }
  if (const Answer<void> checked = check_identity(ref, *wanted); !checked) {
    return refuse(checked.error());
  }
  const DocumentPtr old = store_.find(ref.type, ref.namespace_, ref.name);
  const FieldWriter writer{options.field_manager, ref.subresource, now(), options.force};
  Answer<json::object> next =
      merge_applied(type, old == nullptr ? nullptr : &old->body(), *wanted, writer);
  if (!next) {
    return refuse(std::move(next.error()));
  }
  WriteOptions untracked = options;  // The merge has written managedFields itself.
  untracked.field_manager.clear();
  if (old == nullptr) {
    ObjectRef created = ref;
    created.subresource.clear();
    return create(created, std::move(*next), untracked);
  }
  return replace(ref, old, std::move(*next), untracked);
}

Written Registry::commit(const ObjectRef& ref,
                         Body body,
                         const WriteOptions& options,
                         DocumentPtr like) {
  Written out;
  const bool is_deleting = find_path(body, "metadata.deletionTimestamp") != nullptr;
  const bool is_held = has_finalizers(body) ||
                       int_at(body, "metadata.deletionGracePeriodSeconds") > 0 ||
                       resource_type(ref.type).is(k8s::Kind::kNamespace);
  if (options.dry_run) {
    const DocumentPtr known = store_.find(ref.type, ref.namespace_, ref.name);
    out.object = std::make_shared<const Document>(
        ref.type, std::move(body), known == nullptr ? 0 : known->version());
    out.is_gone = is_deleting && !is_held;
    return out;
  }
  out.object = store_.put(ref.type, std::move(body), std::move(like));
  if (is_deleting && !is_held) {
    return erase(ref, options);
  }
  if (resource_type(ref.type).is(k8s::Kind::kNamespace) && is_deleting) {
    finish_namespace(ref.name);
  }
  return out;
}

}  // namespace sim::api

#include "sim/apiserver/registry.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "base/time.h"
#include "sim/apiserver/admission.h"
#include "sim/apiserver/json.h"
#include "sim/apiserver/managed_fields.h"
#include "sim/apiserver/patching.h"

namespace sim::api {

namespace {

constexpr std::string_view kDefaultNamespace = "default";
// Of a generated name, before the create is refused as a duplicate.
constexpr int kNameAttempts = 8;
// Fields of metadata that only the server writes.
constexpr std::string_view kServerFields[] = {"uid",
                                              "creationTimestamp",
                                              "generation",
                                              "deletionTimestamp",
                                              "deletionGracePeriodSeconds",
                                              "generateName"};

void keep_member(const json::object& from, json::object& to, std::string_view key) {
  if (const json::value* value = from.if_contains(key)) {
    to[key] = *value;
  } else {
    to.erase(key);
  }
}

void keep_server_fields(const json::object& old, json::object& next) {
  const json::object* from = object_at(old, "metadata");
  json::object& to = ensure_object(next, "metadata");
  for (const std::string_view key : kServerFields) {
    keep_member(*from, to, key);
  }
}

// A write to the object leaves its status, a write to the status leaves everything else.
void keep_other_half(const ObjectRef& ref, const json::object& old, json::object& next) {
  const ResourceType& type = resource_type(ref.type);
  if (ref.subresource == "status") {
    json::value status = next["status"];
    json::object kept = old;
    if (status.is_null()) {
      kept.erase("status");
    } else {
      kept["status"] = std::move(status);
    }
    next = std::move(kept);
  } else if (type.has_status) {
    keep_member(old, next, "status");
  }
}

bool same_member(const json::object& a, const json::object& b, std::string_view key) {
  const json::value* left = a.if_contains(key);
  const json::value* right = b.if_contains(key);
  return left == nullptr || right == nullptr ? left == right : *left == *right;
}

bool same_outside(const json::object& a,
                  const json::object& b,
                  std::initializer_list<std::string_view> ignored) {
  const auto covered = [&](const json::object& from, const json::object& other) {
    return std::ranges::all_of(from, [&](const json::key_value_pair& member) {
      return std::ranges::find(ignored, std::string_view(member.key())) != ignored.end() ||
             same_member(from, other, member.key());
    });
  };
  return covered(a, b) && covered(b, a);
}

bool same_object(const json::object& a, const json::object& b) {
  const json::object* left = object_at(a, "metadata");
  const json::object* right = object_at(b, "metadata");
  return same_outside(a, b, {"metadata"}) && left != nullptr && right != nullptr &&
         same_outside(*left, *right, {"resourceVersion", "managedFields"});
}

std::vector<std::string> finalizers_of(const json::object& body) {
  std::vector<std::string> out;
  if (const json::array* list = array_at(body, "metadata.finalizers")) {
    for (const json::value& item : *list) {
      out.emplace_back(item.is_string() ? std::string_view(item.get_string()) : "");
    }
  }
  return out;
}

std::optional<StatusError> late_finalizer(const ResourceType& type,
                                          const json::object& old,
                                          const json::object& next) {
  const std::vector<std::string> before = finalizers_of(old);
  for (const std::string& finalizer : finalizers_of(next)) {
    if (std::ranges::find(before, finalizer) == before.end()) {
      return invalid(type,
                     text_at(old, "metadata.name"),
                     {{"FieldValueForbidden",
                       "Forbidden: no new finalizers can be added if the object is being "
                       "deleted, found new finalizers []string{\"" +
                           finalizer + "\"}",
                       "metadata.finalizers"}});
    }
  }
  return std::nullopt;
}

Answer<void> check_type(const ResourceType& type, json::object& body) {
  const std::string api_version(text_at(body, "apiVersion"));
  const std::string kind(text_at(body, "kind"));
  const std::string wanted = api_version_of(type);
  if ((!kind.empty() && kind != type.kind) || (!api_version.empty() && api_version != wanted)) {
    return refuse(bad_request("the object provided is unrecognized: it is " + api_version +
                              ", Kind=" + kind + ", but this path takes " + wanted +
                              ", Kind=" + std::string(type.kind)));
  }
  body["apiVersion"] = wanted;
  body["kind"] = type.kind;
  return {};
}

Answer<void> check_place(const ObjectRef& ref, json::object& body) {
  const ResourceType& type = resource_type(ref.type);
  json::object& metadata = ensure_object(body, "metadata");
  const std::string name(text_at(metadata, "name"));
  const std::string ns(text_at(metadata, "namespace"));
  if (!ref.name.empty() && !name.empty() && name != ref.name) {
    return refuse(bad_request("the name of the object (" + name +
                              ") does not match the name on the URL (" + ref.name + ")"));
  }
  if (type.namespaced && !ns.empty() && ns != ref.namespace_) {
    return refuse(bad_request(
        "the namespace of the provided object does not match the namespace sent on the request"));
  }
  if (!ref.name.empty()) {
    metadata["name"] = ref.name;
  }
  if (type.namespaced) {
    metadata["namespace"] = ref.namespace_;
  } else {
    metadata.erase("namespace");
  }
  return {};
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
  for (const Answer<void>& checked :
       {check_type(type, body), check_place(ref, body), check_namespace(ref)}) {
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
    return refuse(invalid(type,
                          "",
                          {{"FieldValueRequired",
                            "Required value: name or generateName is required",
                            "metadata.name"}}));
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
  out.object = commit(ref, std::move(body), options).object;
  out.created = true;
  return out;
}

void Registry::stamp_new(const ObjectRef& ref, json::object& body) {
  const ResourceType& type = resource_type(ref.type);
  json::object& metadata = ensure_object(body, "metadata");
  if (text_at(metadata, "name").empty() && !text_at(metadata, "generateName").empty()) {
    // Names end where the limit of 63 leaves room for the suffix.
    const std::string stem(text_at(metadata, "generateName").substr(0, 58));
    std::string name;
    for (int attempt = 0; attempt < kNameAttempts; ++attempt) {
      name = stem + runtime::make_name_suffix(rng_);
      if (store_.find(ref.type, ref.namespace_, name) == nullptr) {
        break;
      }
    }
    metadata["name"] = name;
  }
  metadata["uid"] = runtime::make_uuid(rng_);
  metadata["creationTimestamp"] = format_time(now());
  for (const std::string_view key :
       {"deletionTimestamp", "deletionGracePeriodSeconds", "generation", "resourceVersion"}) {
    metadata.erase(key);
  }
  if (type.storage == Storage::kSpec) {
    metadata["generation"] = 1;
  }
}

Answer<void> Registry::check_namespace(const ObjectRef& ref) const {
  const ResourceType& type = resource_type(ref.type);
  if (!type.namespaced) {
    return {};
  }
  const TypeId namespaces = type_of(k8s::Kind::kNamespace);
  const DocumentPtr found = store_.find(namespaces, "", ref.namespace_);
  if (found == nullptr) {
    return refuse(not_found(resource_type(namespaces), ref.namespace_));
  }
  if (found->is_deleting()) {
    return refuse(forbidden(type,
                            ref.name,
                            "unable to create new content in namespace " + ref.namespace_ +
                                " because it is being terminated"));
  }
  return {};
}

Answer<void> Registry::admit(const ObjectRef& ref,
                             json::object& body,
                             const Document* old,
                             const WriteOptions& options,
                             std::vector<std::string>& warnings) const {
  const ResourceType& type = resource_type(ref.type);
  json::value value(std::move(body));
  if (options.unknown_fields != UnknownFields::kIgnore) {
    for (const std::string& path : k8s::schema::unknown_fields(value)) {
      warnings.push_back("unknown field \"" + path + "\"");
    }
  }
  if (options.unknown_fields == UnknownFields::kStrict && !warnings.empty()) {
    std::string message = type.kind.empty() ? "" : "strict decoding error: ";
    for (std::size_t i = 0; i < warnings.size(); ++i) {
      message += (i == 0 ? "" : ", ") + warnings[i];
    }
    return refuse(bad_request(std::string(type.kind) + " in version \"" +
                              std::string(type.version) + "\" cannot be handled as a " +
                              std::string(type.kind) + ": " + message));
  }
  k8s::schema::prune(value);
  k8s::schema::apply_defaults(value);
  body = std::move(value.as_object());
  if (type.is(k8s::Kind::kPod) && old == nullptr) {
    if (const Answer<void> admitted = admit_new_pod(store_, body); !admitted) {
      return admitted;
    }
  }
  json::value checked(std::move(body));
  const json::value before = old == nullptr ? json::value() : json::value(old->body());
  const auto errors = k8s::schema::validate(checked, old == nullptr ? nullptr : &before, flavour_);
  body = std::move(checked.as_object());
  if (errors.empty()) {
    return {};
  }
  std::vector<StatusCause> causes;
  for (const k8s::schema::FieldError& error : errors) {
    causes.push_back({error.reason, error.message, error.path});
  }
  return refuse(invalid(type, ref.name, std::move(causes)));
}

Answer<Written> Registry::update(const ObjectRef& ref,
                                 json::object body,
                                 const WriteOptions& options) {
  const ResourceType& type = resource_type(ref.type);
  for (const Answer<void>& checked : {check_type(type, body), check_place(ref, body)}) {
    if (!checked) {
      return refuse(checked.error());
    }
  }
  const DocumentPtr old = store_.find(ref.type, ref.namespace_, ref.name);
  if (old == nullptr) {
    return refuse(not_found(type, ref.name));
  }
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
  const std::string version(text_at(next, "metadata.resourceVersion"));
  const std::string uid(text_at(next, "metadata.uid"));
  const std::string current = std::to_string(old->version());
  if ((!version.empty() && version != current) ||
      (!options.resource_version.empty() && options.resource_version != current)) {
    return refuse(stale(type, ref.name));
  }
  if ((!uid.empty() && uid != old->uid()) || (!options.uid.empty() && options.uid != old->uid())) {
    return refuse(conflict(
        type,
        ref.name,
        "Precondition failed: UID in precondition: " + (options.uid.empty() ? uid : options.uid) +
            ", UID in object meta: " + std::string(old->uid())));
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
  Written written = commit(ref, std::move(next), options);
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
  const DocumentPtr old = store_.find(ref.type, ref.namespace_, ref.name);
  if (old == nullptr) {
    return refuse(not_found(type, ref.name));
  }
  Answer<json::object> next = patched(type, patch_type, old->body(), body);
  if (!next) {
    return refuse(std::move(next.error()));
  }
  for (const Answer<void>& checked : {check_type(type, *next), check_place(ref, *next)}) {
    if (!checked) {
      return refuse(checked.error());
    }
  }
  return replace(ref, old, std::move(*next), options);
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
  for (const Answer<void>& checked : {check_type(type, *wanted), check_place(ref, *wanted)}) {
    if (!checked) {
      return refuse(checked.error());
    }
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

Written Registry::commit(const ObjectRef& ref, json::object body, const WriteOptions& options) {
  Written out;
  const bool is_deleting = find_path(body, "metadata.deletionTimestamp") != nullptr;
  const bool is_held = !finalizers_of(body).empty() ||
                       int_at(body, "metadata.deletionGracePeriodSeconds") > 0 ||
                       resource_type(ref.type).is(k8s::Kind::kNamespace);
  if (options.dry_run) {
    out.object = std::make_shared<const Document>(ref.type, std::move(body));
    out.is_gone = is_deleting && !is_held;
    return out;
  }
  out.object = store_.put(ref.type, std::move(body));
  if (is_deleting && !is_held) {
    return erase(ref, options);
  }
  if (resource_type(ref.type).is(k8s::Kind::kNamespace) && is_deleting) {
    finish_namespace(ref.name);
  }
  return out;
}

}  // namespace sim::api

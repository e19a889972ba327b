// Registry: what happens to a document between the request and the store.

#include <utility>

#include <boost/json.hpp>

#include "base/assert.h"
#include "base/text.h"
#include "k8s/schema/kind_schema.h"
#include "k8s/schema/structural.h"
#include "sim/apiserver/admission.h"
#include "sim/apiserver/json.h"
#include "sim/apiserver/object_rules.h"
#include "sim/apiserver/registry.h"

namespace sim::api {

namespace {

// Of a generated name, before the create is refused as a duplicate.
constexpr int kNameAttempts = 8;

StatusError strict_refusal(const ResourceType& type, const std::vector<std::string>& problems) {
  return bad_request(std::string(type.kind) + " in version \"" + std::string(type.version) +
                     "\" cannot be handled as a " + std::string(type.kind) +
                     ": strict decoding error: " + base::join(problems, ", "));
}

StatusError refusal(const ResourceType& type,
                    std::string_view name,
                    const std::vector<k8s::schema::FieldError>& errors) {
  std::vector<StatusCause> causes;
  for (const k8s::schema::FieldError& error : errors) {
    causes.push_back({error.reason, error.message, error.path});
  }
  return invalid(type, name, std::move(causes));
}

}  // namespace

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
    return refuse(strict_refusal(type, warnings));
  }
  drop_empty_metadata(value.as_object());
  k8s::schema::prune(value);
  k8s::schema::apply_defaults(value);
  body = std::move(value.as_object());
  if (type.is(k8s::Kind::kPod) && old == nullptr) {
    if (const Answer<void> admitted = admit_new_pod(store_, body); !admitted) {
      return admitted;
    }
  }
  json::value checked(std::move(body));
  const auto errors =
      k8s::schema::validate(checked, old == nullptr ? nullptr : &old->value(), flavour_);
  body = std::move(checked.as_object());
  return errors.empty() ? Answer<void>() : refuse(refusal(type, ref.name, errors));
}

Answer<void> Registry::admit_status(const ObjectRef& ref,
                                    json::value& status,
                                    const json::value* old) const {
  namespace schema = k8s::schema;
  const ResourceType& type = resource_type(ref.type);
  const schema::KindSchema* kind =
      schema::find_kind_schema(api_version_of(type), type.kind, flavour_);
  ASSERT(kind != nullptr && kind->check == nullptr && kind->schema.rules.empty());
  const schema::Schema& own = *kind->schema.find("status")->schema;
  schema::remove_unknown(own, status);
  schema::fill_defaults(own, status);
  schema::Errors errors;
  const schema::Path root;
  const schema::Path path = root.child("status");
  schema::check_structure(own, status, path, errors);
  if (errors.is_blocking()) {
    errors.rules_skipped();
  } else {
    schema::check_rules(own, status, old, path, errors);
  }
  return errors.empty() ? Answer<void>() : refuse(refusal(type, ref.name, errors.take()));
}

}  // namespace sim::api

#include "k8s/schema/validate.h"

#include <algorithm>
#include <string>

#include "k8s/schema/core_checks.h"
#include "k8s/schema/json_access.h"
#include "k8s/schema/kind_schema.h"
#include "k8s/schema/names.h"
#include "k8s/schema/old_versions.h"
#include "k8s/schema/structural.h"

namespace k8s::schema {
namespace {

const KindSchema* kind_of(const value& object, Flavour flavour = Flavour::kAws) {
  return find_kind_schema(text_at(object, "apiVersion"), text_at(object, "kind"), flavour);
}

std::string name_problem(std::string_view kind, std::string_view name) {
  if (kind == "Namespace") {
    return dns_label_problem(name);
  }
  return kind == "Service" ? service_name_problem(name) : dns_subdomain_problem(name);
}

void check_name(std::string_view kind, const value& metadata, const Path& path, Errors& errors) {
  const std::string_view name = text_at(metadata, "name");
  const std::string_view prefix = text_at(metadata, "generateName");
  if (name.empty() && prefix.empty()) {
    errors.required(path.child("name"), "name or generateName is required");
  } else if (!name.empty()) {
    if (const auto problem = name_problem(kind, name); !problem.empty()) {
      errors.invalid_text(path.child("name"), name, problem);
    }
  } else {
    // What the server appends begins with a letter or digit, so the prefix may end in a dash.
    const auto problem = name_problem(kind, std::string(prefix.substr(0, 58)) + "x");
    if (!problem.empty()) {
      errors.invalid_text(path.child("generateName"), prefix, problem);
    }
  }
}

void check_annotations(const value& metadata, const Path& path, Errors& errors) {
  constexpr std::size_t kMostBytes = 256 * 1024;
  std::size_t bytes = 0;
  const Path at = path.child("annotations");
  for (const auto& annotation : fields_at(metadata, "annotations")) {
    std::string key(annotation.key());
    bytes += key.size() + text_of(annotation.value()).size();
    std::transform(key.begin(), key.end(), key.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (const auto problem = qualified_name_problem(key); !problem.empty()) {
      errors.invalid_text(at, std::string_view(annotation.key()), problem);
    }
  }
  if (bytes > kMostBytes) {
    errors.too_long(at, kMostBytes);
  }
}

void check_metadata(const value& object, Errors& errors) {
  const Path root;
  const Path path = root.child("metadata");
  const value* metadata = find(object, "metadata");
  if (metadata == nullptr || !metadata->is_object()) {
    errors.required(path.child("name"), "name or generateName is required");
    return;
  }
  check_name(text_at(object, "kind"), *metadata, path, errors);
  if (const value* labels = find(*metadata, "labels")) {
    check_labels(labels, path.child("labels"), errors);
  }
  check_annotations(*metadata, path, errors);
  const auto& finalizers = items_at(*metadata, "finalizers");
  const Path list = path.child("finalizers");
  for (const value& finalizer : finalizers) {
    if (const auto problem = qualified_name_problem(text_of(finalizer)); !problem.empty()) {
      errors.invalid(list, finalizer, problem);
    }
  }
}

}  // namespace

std::string to_string(const FieldError& error) {
  return error.path + ": " + error.message;
}

std::vector<FieldError> validate(const value& object, const value* old, Flavour flavour) {
  Errors errors;
  check_metadata(object, errors);
  const KindSchema* kind = kind_of(object, flavour);
  if (kind == nullptr) {
    return errors.take();
  }
  Errors body;
  check_structure(kind->schema, object, Path(), body);
  if (body.is_blocking()) {
    if (kind->is_custom) {
      body.rules_skipped();
    }
  } else {
    if (kind->is_custom) {  // Core kinds have no rules in their tables.
      check_rules(kind->schema, object, old, Path(), body);
    }
    if (kind->check != nullptr) {
      kind->check(object, old, body);
    }
  }
  std::vector<FieldError> all = errors.take();
  for (FieldError& error : body.take()) {
    if (std::find(all.begin(), all.end(), error) == all.end()) {
      all.push_back(std::move(error));
    }
  }
  return all;
}

void apply_defaults(value& object) {
  if (const KindSchema* kind = kind_of(object)) {
    fill_defaults(kind->schema, object);
    if (kind->fill != nullptr) {
      kind->fill(object);
    }
  }
}

std::vector<std::string> unknown_fields(const value& object) {
  std::vector<std::string> unknown;
  if (const KindSchema* kind = kind_of(object)) {
    find_unknown(kind->schema, object, Path(), unknown);
  }
  return unknown;
}

void prune(value& object) {
  if (const KindSchema* kind = kind_of(object)) {
    remove_unknown(kind->schema, object);
  }
}

std::string refusal_text(std::string_view kind,
                         std::string_view group,
                         std::string_view name,
                         const std::vector<FieldError>& errors) {
  std::string out(kind);
  if (!group.empty()) {
    out.append(".").append(group);
  }
  out.append(" \"").append(name).append("\" is invalid: ");
  const bool is_list = errors.size() > 1;
  out.append(is_list ? "[" : "");
  for (std::size_t i = 0; i < errors.size(); ++i) {
    out.append(i == 0 ? "" : ", ").append(to_string(errors[i]));
  }
  return out.append(is_list ? "]" : "");
}

CheckedManifest check_manifest(std::string_view json, Flavour flavour) {
  CheckedManifest out;
  boost::json::error_code failure;
  boost::json::monotonic_resource arena;  // The document lives for this call only.
  value object = boost::json::parse(json, failure, &arena);
  if (failure || !object.is_object()) {
    const std::string why = failure ? failure.message() : "not an object";
    out.errors.push_back(
        {"", "Invalid value: a JSON object is expected: " + why, "FieldValueInvalid"});
    return out;
  }
  out.api_version = text_at(object, "apiVersion");
  out.kind = text_at(object, "kind");
  if (const value* metadata = find(object, "metadata")) {
    out.name = text_at(*metadata, "name");
    out.namespace_ = text_at(*metadata, "namespace");
  }
  out.old_version_advice = old_version_advice(out.api_version, out.kind, out.name);
  if (!out.old_version_advice.empty()) {
    return out;
  }
  out.unknown = unknown_fields(object);
  if (!out.unknown.empty()) {
    prune(object);
  }
  apply_defaults(object);
  out.errors = validate(object, nullptr, flavour);
  out.json = boost::json::serialize(object);
  return out;
}

}  // namespace k8s::schema

// OpenAPI for kubectl: the schemas' own documents, completed with the paths of the kinds that are
// passed through without a schema, so that kubectl finds server-side field validation for all.

#include <boost/json.hpp>

#include "k8s/schema/documents.h"
#include "sim/apiserver/discovery.h"
#include "sim/apiserver/json.h"
#include "sim/apiserver/resources.h"
#include "sim/apiserver/rest_path.h"

namespace sim::api {

namespace {

bool has_kind(const json::object& document, std::string_view kind) {
  const json::object* schemas = object_at(document, "components.schemas");
  if (schemas == nullptr) {
    return false;
  }
  for (const auto& [name, schema] : *schemas) {
    const json::array* kinds =
        schema.is_object() ? array_at(schema.get_object(), "x-kubernetes-group-version-kind")
                           : nullptr;
    if (kinds != nullptr && !kinds->empty() &&
        text_at(kinds->front().as_object(), "kind") == kind) {
      return true;
    }
  }
  return false;
}

json::object gvk_of(const ResourceType& type) {
  json::object out;
  out["group"] = type.group;
  out["version"] = type.version;
  out["kind"] = type.kind;
  return out;
}

std::string item_path(const ResourceType& type) {
  std::string out = type.group.empty() ? "/api/" : "/apis/" + std::string(type.group) + "/";
  out.append(type.version).append(type.namespaced ? "/namespaces/{namespace}/" : "/");
  out.append(type.plural).append("/{name}");
  return out;
}

json::object patch_operation(const ResourceType& type) {
  json::object patch;
  patch["operationId"] = "patch" + std::string(type.kind);
  patch["x-kubernetes-action"] = "patch";
  patch["x-kubernetes-group-version-kind"] = gvk_of(type);
  json::array parameters;
  for (const std::string_view name : {"dryRun", "fieldManager", "fieldValidation", "force"}) {
    json::object parameter;
    parameter["name"] = name;
    parameter["in"] = "query";
    ensure_object(parameter, "schema")["type"] = name == "force" ? "boolean" : "string";
    parameters.push_back(std::move(parameter));
  }
  patch["parameters"] = std::move(parameters);
  return patch;
}

json::object open_schema(const ResourceType& type) {
  json::object schema;
  schema["type"] = "object";
  schema["x-kubernetes-preserve-unknown-fields"] = true;
  schema["x-kubernetes-group-version-kind"] = json::array{gvk_of(type)};
  return schema;
}

void add_kind(json::object& document, const ResourceType& type) {
  json::object& paths = ensure_object(document, "paths");
  const std::string path = item_path(type);
  json::value& slot = paths[path];
  if (!slot.is_object()) {
    slot.emplace_object();
  }
  slot.get_object()["patch"] = patch_operation(type);
  if (!has_kind(document, type.kind)) {
    std::string name = type.group.empty() ? "core" : std::string(type.group);
    name.append(".").append(type.version).append(".").append(type.kind);
    ensure_object(document, "components.schemas")[name] = open_schema(type);
  }
}

std::string openapi_index_json() {
  json::object out;
  json::object& paths = ensure_object(out, "paths");
  for (const ResourceType& type : resource_types()) {
    std::string name = type.group.empty() ? "api/" : "apis/" + std::string(type.group) + "/";
    name.append(type.version);
    json::object entry;
    // The documents are fixed at build time: one hash for ever.
    entry["serverRelativeURL"] = "/openapi/v3/" + name + "?hash=1";
    paths[name] = std::move(entry);
  }
  return json::serialize(out);
}

std::optional<std::string> group_version_json(std::string_view group, std::string_view version) {
  const std::string known = k8s::schema::openapi_v3(group, version);
  json::object document;
  if (!known.empty()) {
    document = json::parse(known).as_object();
  } else {
    document["openapi"] = "3.0.0";
    document["info"] = json::object{{"title", "Kubernetes"}, {"version", "v1.35.2"}};
  }
  bool any = false;
  for (const ResourceType& type : resource_types()) {
    if (type.group == group && type.version == version) {
      add_kind(document, type);
      any = true;
    }
  }
  return any ? std::optional(json::serialize(document)) : std::nullopt;
}

}  // namespace

std::optional<std::string> openapi_json(std::string_view path) {
  const std::vector<std::string> parts = split_path(path);
  if (parts.size() == 2 && parts[1] == "v2") {
    return k8s::schema::openapi_v2();
  }
  if (parts.size() < 2 || parts[1] != "v3") {
    return std::nullopt;
  }
  if (parts.size() == 2) {
    return openapi_index_json();
  }
  if (parts.size() == 4 && parts[2] == "api") {
    return group_version_json("", parts[3]);
  }
  if (parts.size() == 5 && parts[2] == "apis") {
    return group_version_json(parts[3], parts[4]);
  }
  return std::nullopt;
}

}  // namespace sim::api

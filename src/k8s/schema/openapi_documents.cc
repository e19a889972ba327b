// OpenAPI v3 for kubectl: enough for apply (which asks whether PATCH knows fieldValidation),
// explain (which reads the schemas) and create (which asks the server to validate).
#include <set>
#include <string>
#include <utility>

#include <boost/json.hpp>

#include "k8s/schema/documents.h"
#include "k8s/schema/kind_schema.h"
#include "k8s/schema/schema_json.h"

namespace k8s::schema {
namespace {

using JsonArray = boost::json::array;
using JsonObject = boost::json::object;

std::string root_of(std::string_view group, std::string_view version) {
  std::string path(group.empty() ? "api" : "apis/");
  return path.append(group).append("/").append(version);
}

JsonObject gvk(const KindSchema& kind) {
  return {{"group", kind.group}, {"kind", kind.kind}, {"version", kind.version}};
}

JsonObject query(std::string_view name) {
  return {{"in", "query"},
          {"name", boost::json::string(name)},
          {"schema", {{"type", "string"}, {"uniqueItems", true}}}};
}

// For core kinds named types serve; ours get a name as the API server would make it.
std::string definition_of(const KindSchema& kind) {
  if (!kind.schema.definition.empty()) {
    return kind.schema.definition;
  }
  std::string reversed;
  std::string_view rest = kind.group;
  while (!rest.empty()) {
    const std::size_t dot = rest.rfind('.');
    const std::string_view part = dot == std::string_view::npos ? rest : rest.substr(dot + 1);
    reversed.append(reversed.empty() ? "" : ".").append(part);
    rest = dot == std::string_view::npos ? std::string_view() : rest.substr(0, dot);
  }
  return reversed + "." + kind.version + "." + kind.kind;
}

JsonObject content(const KindSchema& kind, std::initializer_list<std::string_view> types) {
  const JsonObject schema{{"$ref", "#/components/schemas/" + definition_of(kind)}};
  JsonObject out;
  for (const std::string_view type : types) {
    out[type] = {{"schema", schema}};
  }
  return out;
}

JsonObject operation(const KindSchema& kind, std::string_view action, JsonObject extra) {
  JsonObject out{
      {"responses",
       {{"200", {{"description", "OK"}, {"content", content(kind, {"application/json"})}}}}},
      {"x-kubernetes-action", boost::json::string(action)},
      {"x-kubernetes-group-version-kind", gvk(kind)}};
  for (auto& field : extra) {
    out[field.key()] = std::move(field.value());
  }
  return out;
}

JsonObject write_parameters(JsonObject body) {
  return {
      {"parameters", JsonArray{query("dryRun"), query("fieldManager"), query("fieldValidation")}},
      {"requestBody", {{"content", std::move(body)}}}};
}

void add_paths(const KindSchema& kind, JsonObject& paths) {
  std::string all("/");
  all += root_of(kind.group, kind.version);
  if (kind.is_namespaced) {
    all += "/namespaces/{namespace}";
  }
  all += "/" + kind.plural;
  const JsonObject body = content(kind, {"application/json"});
  // Strategic merge is left out on purpose: clients then merge core kinds by their compiled-in
  // types, which know all patch strategies.
  const JsonObject patches = content(kind,
                                     {"application/apply-patch+yaml",
                                      "application/json-patch+json",
                                      "application/merge-patch+json"});
  paths[all] = {
      {"get", operation(kind, "list", {})},
      {"post", operation(kind, "post", write_parameters(body))},
  };
  paths[all + "/{name}"] = {
      {"delete", operation(kind, "delete", {})},
      {"get", operation(kind, "get", {})},
      {"patch", operation(kind, "patch", write_parameters(patches))},
      {"put", operation(kind, "put", write_parameters(body))},
  };
}

void add_schema(const KindSchema& kind, Definitions& definitions) {
  const std::string name = definition_of(kind);
  JsonObject written = openapi_schema_json(kind.schema, definitions);
  if (kind.schema.definition.empty()) {
    definitions[name] = std::move(written);
  }
  definitions[name]["x-kubernetes-group-version-kind"] = JsonArray{gvk(kind)};
}

}  // namespace

std::string openapi_v3_index() {
  std::set<std::string> roots;
  for (const KindSchema& kind : all_kind_schemas()) {
    roots.insert(root_of(kind.group, kind.version));
  }
  JsonObject paths;
  for (const std::string& root : roots) {
    paths[root] = {{"serverRelativeURL", "/openapi/v3/" + root}};
  }
  return boost::json::serialize(JsonObject{{"paths", std::move(paths)}});
}

std::string openapi_v3(std::string_view group, std::string_view version) {
  JsonObject paths;
  Definitions definitions;
  for (const KindSchema& kind : all_kind_schemas()) {
    if (kind.group == group && kind.version == version) {
      add_schema(kind, definitions);
      add_paths(kind, paths);
    }
  }
  if (paths.empty()) {
    return {};
  }
  JsonObject schemas;
  for (auto& [name, schema] : definitions) {
    schemas[name] = std::move(schema);
  }
  return boost::json::serialize(
      JsonObject{{"openapi", "3.0.0"},
                 {"info", {{"title", "Kubernetes"}, {"version", "v1.35.0"}}},
                 {"paths", std::move(paths)},
                 {"components", {{"schemas", std::move(schemas)}}}});
}

std::string openapi_v2() {
  return R"({"swagger":"2.0","info":{"title":"Kubernetes","version":"v1.35.0"},"paths":{},)"
         R"("definitions":{}})";
}

}  // namespace k8s::schema

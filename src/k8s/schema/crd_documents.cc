// CRD manifests (API-1 to API-9).
#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "k8s/schema/documents.h"
#include "k8s/schema/kind_schema.h"
#include "k8s/schema/schema_json.h"

namespace k8s::schema {
namespace {

using JsonArray = boost::json::array;
using JsonObject = boost::json::object;

JsonArray texts(const std::vector<std::string>& from) {
  JsonArray out;
  for (const std::string& text : from) {
    out.emplace_back(boost::json::string(text));
  }
  return out;
}

JsonArray columns(const KindSchema& kind) {
  JsonArray out;
  for (const PrinterColumn& column : kind.columns) {
    JsonObject one;
    if (!column.description.empty()) {
      one["description"] = column.description;
    }
    one["jsonPath"] = column.json_path;
    one["name"] = column.name;
    if (column.priority != 0) {
      one["priority"] = column.priority;
    }
    one["type"] = column.type;
    out.push_back(std::move(one));
  }
  return out;
}

JsonObject names(const KindSchema& kind) {
  JsonObject out{{"categories", texts(kind.categories)},
                 {"kind", kind.kind},
                 {"listKind", kind.kind + "List"},
                 {"plural", kind.plural}};
  if (!kind.short_names.empty()) {
    out["shortNames"] = texts(kind.short_names);
  }
  out["singular"] = kind.singular;
  return out;
}

JsonObject subresources(const KindSchema& kind) {
  JsonObject out;
  if (kind.has_scale) {  // API-2
    out["scale"] = {{"specReplicasPath", ".spec.replicas"},
                    {"statusReplicasPath", ".status.nodes"}};
  }
  out["status"] = JsonObject();
  return out;
}

JsonObject version(const KindSchema& kind) {
  JsonObject out;
  if (!kind.columns.empty()) {
    out["additionalPrinterColumns"] = columns(kind);
  }
  out["name"] = kind.version;
  out["schema"] = {{"openAPIV3Schema", crd_schema_json(kind.schema)}};
  out["served"] = true;
  out["storage"] = true;
  out["subresources"] = subresources(kind);
  return out;
}

CrdDocument document(const KindSchema& kind) {
  const std::string name = kind.plural + "." + kind.group;
  JsonObject spec{{"group", kind.group},
                  {"names", names(kind)},
                  {"scope", kind.is_namespaced ? "Namespaced" : "Cluster"},
                  {"versions", JsonArray{version(kind)}}};
  const JsonObject crd{{"apiVersion", "apiextensions.k8s.io/v1"},
                       {"kind", "CustomResourceDefinition"},
                       {"metadata", {{"name", name}}},
                       {"spec", std::move(spec)}};
  return {name, boost::json::serialize(crd)};
}

}  // namespace

std::vector<CrdDocument> crd_documents(Flavour flavour) {
  std::vector<CrdDocument> out;
  for (const KindSchema& kind : all_kind_schemas(flavour)) {
    if (kind.is_custom) {
      out.push_back(document(kind));
    }
  }
  std::sort(out.begin(), out.end(), [](const CrdDocument& a, const CrdDocument& b) {
    return a.name < b.name;
  });
  return out;
}

}  // namespace k8s::schema

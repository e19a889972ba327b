#include "sim/apiserver/discovery.h"

#include <algorithm>
#include <vector>

#include <boost/json.hpp>

#include "sim/apiserver/json.h"
#include "sim/apiserver/resources.h"
#include "sim/apiserver/rest_path.h"

namespace sim::api {

namespace {

struct GroupVersion {
  std::string_view group;
  std::string_view version;
  friend bool operator==(const GroupVersion&, const GroupVersion&) = default;
};

struct Subresource {
  std::string_view name;
  std::string_view group;
  std::string_view version;
  std::string_view kind;
  std::vector<std::string_view> verbs;
};

json::array list_of(std::string_view comma_separated) {
  json::array out;
  while (!comma_separated.empty()) {
    const std::size_t comma = comma_separated.find(',');
    out.emplace_back(comma_separated.substr(0, comma));
    comma_separated =
        comma == std::string_view::npos ? std::string_view{} : comma_separated.substr(comma + 1);
  }
  return out;
}

json::array verbs_of(const ResourceType& type) {
  if (type.storage == Storage::kVirtual) {
    return {"create"};
  }
  return {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
}

json::array to_array(const std::vector<std::string_view>& items) {
  json::array out;
  for (const std::string_view item : items) {
    out.emplace_back(item);
  }
  return out;
}

std::vector<Subresource> subresources_of(const ResourceType& type) {
  std::vector<Subresource> out;
  if (type.has_status) {
    out.push_back({"status", type.group, type.version, type.kind, {"get", "patch", "update"}});
  }
  if (type.has_scale) {
    out.push_back({"scale", "autoscaling", "v1", "Scale", {"get", "patch", "update"}});
  }
  if (type.is(k8s::Kind::kPod)) {
    out.push_back({"binding", "", "v1", "Binding", {"create"}});
    out.push_back({"eviction", "policy", "v1", "Eviction", {"create"}});
    out.push_back({"log", "", "v1", "Pod", {"get"}});
  }
  return out;
}

// In order of first appearance.
std::vector<GroupVersion> group_versions() {
  std::vector<GroupVersion> out;
  for (const ResourceType& type : resource_types()) {
    const GroupVersion candidate{type.group, type.version};
    if (std::ranges::find(out, candidate) == out.end()) {
      out.push_back(candidate);
    }
  }
  return out;
}

std::vector<std::string_view> groups() {
  std::vector<std::string_view> out;
  for (const GroupVersion& candidate : group_versions()) {
    if (!candidate.group.empty() && std::ranges::find(out, candidate.group) == out.end()) {
      out.push_back(candidate.group);
    }
  }
  return out;
}

// --- Classic ---

json::object group_json(std::string_view group) {
  json::object out;
  out["name"] = group;
  json::array versions;
  for (const GroupVersion& candidate : group_versions()) {
    if (candidate.group == group) {
      json::object version;
      version["groupVersion"] = std::string(group) + "/" + std::string(candidate.version);
      version["version"] = candidate.version;
      versions.push_back(std::move(version));
    }
  }
  out["preferredVersion"] = versions.empty() ? json::value(nullptr) : versions.front();
  out["versions"] = std::move(versions);
  return out;
}

json::object resource_json(const ResourceType& type) {
  json::object out;
  out["name"] = type.plural;
  out["singularName"] = type.singular;
  out["namespaced"] = type.namespaced;
  out["kind"] = type.kind;
  out["verbs"] = verbs_of(type);
  if (!type.short_names.empty()) {
    out["shortNames"] = list_of(type.short_names);
  }
  if (!type.categories.empty()) {
    out["categories"] = list_of(type.categories);
  }
  return out;
}

json::object subresource_json(const ResourceType& type, const Subresource& sub) {
  json::object out;
  out["name"] = std::string(type.plural) + "/" + std::string(sub.name);
  out["singularName"] = "";
  out["namespaced"] = type.namespaced;
  out["kind"] = sub.kind;
  out["verbs"] = to_array(sub.verbs);
  if (sub.group != type.group || sub.version != type.version) {
    out["group"] = sub.group;
    out["version"] = sub.version;
  }
  return out;
}

std::optional<std::string> resource_list_json(const GroupVersion& wanted) {
  json::array resources;
  std::string name;
  for (const ResourceType& type : resource_types()) {
    if (type.group != wanted.group || type.version != wanted.version) {
      continue;
    }
    name = api_version_of(type);
    resources.push_back(resource_json(type));
    for (const Subresource& sub : subresources_of(type)) {
      resources.push_back(subresource_json(type, sub));
    }
  }
  if (resources.empty()) {
    return std::nullopt;
  }
  json::object out;
  out["kind"] = "APIResourceList";
  out["apiVersion"] = "v1";
  out["groupVersion"] = name;
  out["resources"] = std::move(resources);
  return json::serialize(out);
}

std::string group_list_json() {
  json::object out;
  out["kind"] = "APIGroupList";
  out["apiVersion"] = "v1";
  json::array list;
  for (const std::string_view group : groups()) {
    list.push_back(group_json(group));
  }
  out["groups"] = std::move(list);
  return json::serialize(out);
}

// --- Aggregated ---

json::object response_kind(std::string_view group,
                           std::string_view version,
                           std::string_view kind) {
  json::object out;
  out["group"] = group;
  out["version"] = version;
  out["kind"] = kind;
  return out;
}

json::object aggregated_resource(const ResourceType& type) {
  json::object out;
  out["resource"] = type.plural;
  out["responseKind"] = response_kind(type.group, type.version, type.kind);
  out["scope"] = type.namespaced ? "Namespaced" : "Cluster";
  out["singularResource"] = type.singular;
  out["verbs"] = verbs_of(type);
  if (!type.short_names.empty()) {
    out["shortNames"] = list_of(type.short_names);
  }
  if (!type.categories.empty()) {
    out["categories"] = list_of(type.categories);
  }
  json::array subresources;
  for (const Subresource& sub : subresources_of(type)) {
    json::object item;
    item["subresource"] = sub.name;
    item["responseKind"] = response_kind(sub.group, sub.version, sub.kind);
    item["verbs"] = to_array(sub.verbs);
    subresources.push_back(std::move(item));
  }
  if (!subresources.empty()) {
    out["subresources"] = std::move(subresources);
  }
  return out;
}

json::object aggregated_version(const GroupVersion& wanted) {
  json::object out;
  out["version"] = wanted.version;
  json::array resources;
  for (const ResourceType& type : resource_types()) {
    if (type.group == wanted.group && type.version == wanted.version) {
      resources.push_back(aggregated_resource(type));
    }
  }
  out["resources"] = std::move(resources);
  out["freshness"] = "Current";
  return out;
}

json::object aggregated_group(std::string_view group) {
  json::object out;
  json::object& metadata = ensure_object(out, "metadata");
  if (!group.empty()) {
    metadata["name"] = group;
  }
  metadata["creationTimestamp"] = nullptr;
  json::array versions;
  for (const GroupVersion& candidate : group_versions()) {
    if (candidate.group == group) {
      versions.push_back(aggregated_version(candidate));
    }
  }
  out["versions"] = std::move(versions);
  return out;
}

}  // namespace

std::string version_json() {
  return R"({"major":"1","minor":"35","gitVersion":"v1.35.2","gitCommit":"","gitTreeState":"clean",)"
         R"("buildDate":"2026-01-01T00:00:00Z","goVersion":"none","compiler":"g++","platform":"linux/amd64"})";
}

std::optional<std::string> discovery_json(std::string_view path) {
  const std::vector<std::string> parts = split_path(path);
  if (parts.size() == 1 && parts[0] == "api") {
    return R"({"kind":"APIVersions","versions":["v1"],"serverAddressByClientCIDRs":[]})";
  }
  if (parts.size() == 1) {
    return group_list_json();
  }
  if (parts[0] == "api") {
    return parts.size() == 2 ? resource_list_json({"", parts[1]}) : std::nullopt;
  }
  if (parts.size() == 3) {
    return resource_list_json({parts[1], parts[2]});
  }
  json::object out = group_json(parts[1]);
  if (parts.size() != 2 || out["versions"].get_array().empty()) {
    return std::nullopt;
  }
  out["kind"] = "APIGroup";
  out["apiVersion"] = "v1";
  return json::serialize(out);
}

std::string aggregated_discovery_json(std::string_view path) {
  json::object out;
  out["kind"] = "APIGroupDiscoveryList";
  out["apiVersion"] = "apidiscovery.k8s.io/v2";
  out["metadata"] = json::object{};
  json::array items;
  if (path == "/api") {
    items.push_back(aggregated_group(""));
  } else {
    for (const std::string_view group : groups()) {
      items.push_back(aggregated_group(group));
    }
  }
  out["items"] = std::move(items);
  return json::serialize(out);
}

}  // namespace sim::api

// What a new cluster holds before anyone writes to it.

#include <boost/json.hpp>

#include "base/assert.h"
#include "k8s/schema/documents.h"
#include "sim/apiserver/json.h"
#include "sim/apiserver/registry.h"

namespace sim::api {

namespace {

struct SystemPriority {
  std::string_view name;
  std::int64_t value;
  std::string_view description;
};

constexpr SystemPriority kPriorities[] = {
    {"system-cluster-critical", 2'000'000'000, "For pods that the cluster cannot be without."},
    {"system-node-critical", 2'000'001'000, "For pods that their node cannot be without."}};

constexpr std::string_view kNamespaces[] = {
    "default", "kube-node-lease", "kube-public", "kube-system"};

json::object named(std::string_view name) {
  json::object body;
  ensure_object(body, "metadata")["name"] = name;
  return body;
}

json::object system_priority(const SystemPriority& priority) {
  json::object body = named(priority.name);
  body["value"] = priority.value;
  body["description"] = priority.description;
  return body;
}

// The status that the API server's own controllers give to a CRD.
void establish(json::object& crd, std::string_view time) {
  json::object& status = ensure_object(crd, "status");
  status["acceptedNames"] = *find_path(crd, "spec.names");
  json::array conditions;
  for (const auto& [type, reason] : {std::pair{"NamesAccepted", "NoConflicts"},
                                     std::pair{"Established", "InitialNamesAccepted"}}) {
    json::object condition;
    condition["type"] = type;
    condition["status"] = "True";
    condition["reason"] = reason;
    condition["message"] = "";
    condition["lastTransitionTime"] = time;
    conditions.push_back(std::move(condition));
  }
  status["conditions"] = std::move(conditions);
  json::array versions;
  for (const json::value& version : *array_at(crd, "spec.versions")) {
    versions.emplace_back(text_at(version.as_object(), "name"));
  }
  status["storedVersions"] = std::move(versions);
}

json::object api_service() {
  json::object body = named("kubernetes");
  json::object& spec = ensure_object(body, "spec");
  spec["type"] = "ClusterIP";
  spec["clusterIP"] = "10.96.0.1";
  spec["clusterIPs"] = json::array{"10.96.0.1"};
  spec["ports"] = json::array{
      json::object{{"name", "https"}, {"port", 443}, {"protocol", "TCP"}, {"targetPort", 6443}}};
  return body;
}

}  // namespace

void Registry::bootstrap() {
  const auto make = [this](TypeId type, std::string ns, json::object body) {
    const auto made = create(ObjectRef{type, std::move(ns), "", ""}, std::move(body), {});
    ASSERT(made.has_value());
    return made->object;
  };
  for (const std::string_view name : kNamespaces) {
    make(type_of(k8s::Kind::kNamespace), "", named(name));
  }
  for (const SystemPriority& priority : kPriorities) {
    make(type_of(k8s::Kind::kPriorityClass), "", system_priority(priority));
  }
  const auto crds = *find_resource("apiextensions.k8s.io", "v1", "customresourcedefinitions");
  for (const k8s::schema::CrdDocument& crd : k8s::schema::crd_documents(flavour_)) {
    const DocumentPtr made = make(crds, "", json::parse(crd.json).as_object());
    json::object body = made->body();
    establish(body, format_time(now()));
    store_.put(crds, Body(std::move(body)));
  }
  make(type_of(k8s::Kind::kService), "default", api_service());
}

}  // namespace sim::api

#include "sim/apiserver/subresources.h"

#include <boost/json.hpp>

#include "k8s/patch.h"
#include "sim/apiserver/json.h"
#include "sim/apiserver/object_rules.h"
#include "sim/apiserver/patching.h"
#include "sim/apiserver/render.h"

namespace sim::api {

namespace {

using runtime::HttpResponse;
using runtime::HttpServerRequest;

ObjectRef main_ref(const RestPath& path) {
  return {path.type, path.namespace_, path.name, ""};
}

HttpResponse created_status() {
  return json_response(
      201, R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":201})");
}

// --- Scale ---

std::string label_selector_text(const json::object& object) {
  std::string out;
  for (const auto& [key, value] : string_map_at(object, "spec.selector.matchLabels")) {
    out.append(out.empty() ? "" : ",").append(key).append("=").append(value);
  }
  return out;
}

json::object scale_of(const json::object& object) {
  json::object out;
  out["kind"] = "Scale";
  out["apiVersion"] = "autoscaling/v1";
  json::object& metadata = ensure_object(out, "metadata");
  for (const std::string_view key :
       {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}) {
    if (const json::value* value = object_at(object, "metadata")->if_contains(key)) {
      metadata[key] = *value;
    }
  }
  // API-2: the observed size of a NodePool is status.nodes.
  const bool is_pool = text_at(object, "kind") == "NodePool";
  ensure_object(out, "spec")["replicas"] = int_at(object, "spec.replicas", is_pool ? 0 : 1);
  json::object& status = ensure_object(out, "status");
  status["replicas"] = int_at(object, is_pool ? "status.nodes" : "status.replicas");
  if (const std::string selector = label_selector_text(object); !selector.empty()) {
    status["selector"] = selector;
  }
  return out;
}

// The Scale that the request asks for.
Answer<json::object> wanted_scale(const HttpServerRequest& request, const json::object& current) {
  Answer<json::object> body = parse_object(request.body);
  if (!body || request.method == "PUT") {
    return body;
  }
  const std::string* type = request.header("Content-Type");
  if (type != nullptr && type->starts_with("application/json-patch")) {
    return refuse(unsupported_media_type("scale takes merge patches"));
  }
  json::value merged(current);
  k8s::apply_merge_patch(merged, json::value(std::move(*body)));
  return std::move(merged.as_object());
}

HttpResponse answer_scale(Registry& registry,
                          const HttpServerRequest& request,
                          const RestPath& path) {
  const Answer<DocumentPtr> found = registry.get(main_ref(path));
  if (!found) {
    return error_response(found.error());
  }
  const json::object current = scale_of((*found)->body());
  if (request.method == "GET") {
    return json_response(200, json::serialize(current));
  }
  if (request.method != "PUT" && request.method != "PATCH") {
    return error_response(method_not_allowed(request.method));
  }
  const Answer<json::object> wanted = wanted_scale(request, current);
  if (!wanted) {
    return error_response(wanted.error());
  }
  const Answer<std::int64_t> replicas =
      wanted_replicas(resource_type(path.type), path.name, *wanted);
  if (!replicas) {
    return error_response(replicas.error());
  }
  WriteOptions options = write_options(request);
  if (const std::string_view version = text_at(*wanted, "metadata.resourceVersion");
      version != text_at(current, "metadata.resourceVersion")) {
    options.resource_version = version;
  }
  const Answer<Written> written =
      registry.patch(main_ref(path),
                     PatchType::kMerge,
                     R"({"spec":{"replicas":)" + std::to_string(*replicas) + "}}",
                     options);
  return written ? json_response(200, json::serialize(scale_of(written->object->body())))
                 : error_response(written.error());
}

// --- Pods ---

HttpResponse answer_eviction(Registry& registry,
                             const HttpServerRequest& request,
                             const RestPath& path) {
  const Answer<json::object> body = parse_object(request.body);
  if (!body) {
    return error_response(body.error());
  }
  WriteOptions options = write_options(request);
  if (const json::object* inner = object_at(*body, "deleteOptions")) {
    static_cast<void>(read_delete_options(json::serialize(*inner), options));
  }
  const Answer<Written> evicted = registry.evict(main_ref(path), options);
  return evicted ? created_status() : error_response(evicted.error());
}

HttpResponse answer_binding(Registry& registry,
                            const HttpServerRequest& request,
                            const RestPath& path) {
  const Answer<json::object> body = parse_object(request.body);
  if (!body) {
    return error_response(body.error());
  }
  const std::string_view node = text_at(*body, "target.name");
  if (node.empty()) {
    return error_response(bad_request("target.name: Required value"));
  }
  const Answer<Written> bound = registry.bind(main_ref(path), node, write_options(request));
  return bound ? created_status() : error_response(bound.error());
}

HttpResponse answer_log(const Registry& registry, const RestPath& path) {
  const Answer<DocumentPtr> found = registry.get(main_ref(path));
  if (!found) {
    return error_response(found.error());
  }
  // Nothing runs in an embedded cluster, hence nothing was written.
  HttpResponse out;
  out.status = 200;
  out.headers = {{"Content-Type", "text/plain"}};
  return out;
}

HttpResponse answer_pod(Registry& registry,
                        const HttpServerRequest& request,
                        const RestPath& path) {
  if (path.subresource == "log" && request.method == "GET") {
    return answer_log(registry, path);
  }
  if (path.subresource == "eviction" && request.method == "POST") {
    return answer_eviction(registry, request, path);
  }
  if (path.subresource == "binding" && request.method == "POST") {
    return answer_binding(registry, request, path);
  }
  for (const std::string_view running : {"exec", "attach", "portforward", "proxy"}) {
    if (path.subresource == running) {
      return error_response(
          bad_request("the embedded cluster runs no containers: there is nothing to connect to"));
    }
  }
  return error_response(unknown_path());
}

}  // namespace

HttpResponse answer_subresource(Registry& registry,
                                const HttpServerRequest& request,
                                const RestPath& path) {
  const ResourceType& type = resource_type(path.type);
  if (path.subresource == "scale" && type.has_scale) {
    return answer_scale(registry, request, path);
  }
  return type.is(k8s::Kind::kPod) ? answer_pod(registry, request, path)
                                  : error_response(unknown_path());
}

HttpResponse answer_review(const ResourceType& type, std::string_view body) {
  Answer<json::object> review = parse_object(body);
  if (!review) {
    return error_response(review.error());
  }
  (*review)["kind"] = type.kind;
  (*review)["apiVersion"] = api_version_of(type);
  json::object& status = ensure_object(*review, "status");
  if (type.plural == "selfsubjectrulesreviews") {
    status = json::parse(R"({"incomplete":false,
        "resourceRules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}],
        "nonResourceRules":[{"verbs":["*"],"nonResourceURLs":["*"]}]})")
                 .as_object();
  } else if (type.plural == "selfsubjectreviews") {
    status = json::parse(R"({"userInfo":{"username":"system:admin",
        "groups":["system:masters","system:authenticated"]}})")
                 .as_object();
  } else {
    status["allowed"] = true;
  }
  return json_response(201, json::serialize(*review));
}

}  // namespace sim::api

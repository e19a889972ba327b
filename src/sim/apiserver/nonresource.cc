#include "sim/apiserver/nonresource.h"

#include <set>

#include <boost/json.hpp>

#include "sim/apiserver/discovery.h"
#include "sim/apiserver/json.h"
#include "sim/apiserver/render.h"

namespace sim::api {

namespace {

using runtime::HttpResponse;
using runtime::HttpServerRequest;

constexpr std::string_view kAggregatedType =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
constexpr std::string_view kHealthPaths[] = {"/healthz", "/livez", "/readyz"};

HttpResponse plain_text(std::string body) {
  HttpResponse out;
  out.status = 200;
  out.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
  out.body = std::move(body);
  return out;
}

bool is_health_path(std::string_view path) {
  for (const std::string_view known : kHealthPaths) {
    if (path == known || path.starts_with(std::string(known) + "/")) {
      return true;
    }
  }
  return false;
}

HttpResponse maybe(std::optional<std::string> body) {
  return body ? json_response(200, std::move(*body)) : error_response(unknown_path());
}

// What "/" lists.
std::string index_json() {
  std::set<std::string> paths{"/api", "/apis", "/openapi/v2", "/openapi/v3", "/version"};
  paths.insert(std::begin(kHealthPaths), std::end(kHealthPaths));
  for (const ResourceType& type : resource_types()) {
    if (!type.group.empty()) {
      paths.insert("/apis/" + std::string(type.group));
    }
    paths.insert((type.group.empty() ? "/api/" : "/apis/") + api_version_of(type));
  }
  json::object out;
  out["paths"] = json::array(paths.begin(), paths.end());
  return json::serialize(out);
}

bool is_discovery_path(const std::vector<std::string>& parts) {
  return (parts[0] == "api" && parts.size() <= 2) || (parts[0] == "apis" && parts.size() <= 3);
}

}  // namespace

std::optional<HttpResponse> answer_nonresource(const HttpServerRequest& request) {
  std::string_view path = request.path;
  while (path.size() > 1 && path.ends_with('/')) {
    path.remove_suffix(1);
  }
  const std::vector<std::string> parts = split_path(path);
  if (parts.empty()) {
    return json_response(200, index_json());
  }
  if (path == "/version") {
    return json_response(200, version_json());
  }
  if (is_health_path(path)) {
    return plain_text("ok");
  }
  if (parts[0] == "openapi") {
    return maybe(openapi_json(path));
  }
  if ((path == "/api" || path == "/apis") && negotiate(request).aggregated_discovery) {
    HttpResponse out = json_response(200, aggregated_discovery_json(path));
    out.headers.front().second = kAggregatedType;
    return out;
  }
  return is_discovery_path(parts) ? std::optional(maybe(discovery_json(path))) : std::nullopt;
}

}  // namespace sim::api

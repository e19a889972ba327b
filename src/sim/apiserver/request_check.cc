#include "sim/apiserver/request_check.h"

#include <algorithm>

#include <boost/json.hpp>

#include "base/text.h"
#include "k8s/manifest.h"
#include "sim/apiserver/json.h"
#include "sim/apiserver/proto_body.h"
#include "sim/apiserver/rest_path.h"

namespace sim::api {

namespace {

using runtime::HttpServerRequest;

constexpr std::string_view kNumbers[] = {"limit", "timeoutSeconds", "gracePeriodSeconds"};
constexpr std::string_view kFlags[] = {
    "watch", "force", "allowWatchBookmarks", "sendInitialEvents", "orphanDependents"};

struct Choice {
  std::string_view parameter;
  std::string_view values;  // Separated by commas.
};

constexpr Choice kChoices[] = {
    {"dryRun", "All"},
    {"fieldValidation", "Ignore,Warn,Strict"},
    {"propagationPolicy", "Orphan,Background,Foreground"},
    {"resourceVersionMatch", "Exact,NotOlderThan"},
    {"includeObject", "None,Metadata,Object"},
};

std::string quoted(std::string_view text) {
  return json::serialize(json::value(text));
}

StatusError bad_parameter(std::string_view name, std::string_view value, std::string_view wanted) {
  return bad_request("query parameter " + std::string(name) + ": " + quoted(value) + " is not " +
                     std::string(wanted));
}

Answer<void> check_choice(const HttpServerRequest& request, const Choice& choice) {
  const std::string_view value = parameter(request, choice.parameter);
  const auto allowed = base::split(choice.values, ',');
  if (value.empty() || std::ranges::find(allowed, value) != allowed.end()) {
    return {};
  }
  return refuse(bad_parameter(
      choice.parameter,
      value,
      (allowed.size() > 1 ? "one of " : "") + base::replace_all(choice.values, ",", ", ")));
}

bool is_flag(std::string_view value) {
  constexpr std::string_view kValues[] = {
      "", "0", "1", "t", "f", "T", "F", "true", "false", "True", "False", "TRUE", "FALSE"};
  return std::ranges::find(kValues, value) != std::end(kValues);
}

std::string content_type(const HttpServerRequest& request) {
  const std::string* header = request.header("Content-Type");
  const std::string type = header == nullptr ? "" : header->substr(0, header->find(';'));
  return type.substr(0, type.find_last_not_of(' ') + 1);
}

Answer<std::string> json_of_yaml(std::string_view body) {
  auto manifests = k8s::read_manifests(body, "body");
  if (!manifests) {
    return refuse(bad_request("the body is not valid YAML: " + manifests.error().detail));
  }
  if (manifests->size() != 1) {
    return refuse(
        bad_request("the body must hold one object, not " + std::to_string(manifests->size())));
  }
  return std::move(manifests->front().json);
}

HttpServerRequest with_body(const HttpServerRequest& request, std::string body) {
  HttpServerRequest out = request;
  out.body = std::move(body);
  return out;
}

}  // namespace

Answer<void> check_parameters(const HttpServerRequest& request) {
  for (const std::string_view name : kNumbers) {
    if (const auto value = parameter(request, name); !value.empty() && !number(request, name)) {
      return refuse(bad_parameter(name, value, "an integer"));
    }
  }
  for (const std::string_view name : kFlags) {
    if (const auto value = parameter(request, name); !is_flag(value)) {
      return refuse(bad_parameter(name, value, "true or false"));
    }
  }
  for (const Choice& choice : kChoices) {
    if (Answer<void> checked = check_choice(request, choice); !checked) {
      return checked;
    }
  }
  return {};
}

Answer<HttpServerRequest> with_json_body(const HttpServerRequest& request) {
  const std::string type = content_type(request);
  const bool is_patch = request.method == "PATCH" && !type.ends_with("yaml");
  if (request.body.empty() || type.empty() || type.ends_with("json") || is_patch) {
    return request;
  }
  if (is_protobuf(type)) {
    const Answer<json::object> body = decode_protobuf(request.body);
    return body ? Answer<HttpServerRequest>(with_body(request, json::serialize(*body)))
                : refuse(body.error());
  }
  if (type.ends_with("yaml")) {
    const Answer<std::string> body = json_of_yaml(request.body);
    return body ? Answer<HttpServerRequest>(with_body(request, *body)) : refuse(body.error());
  }
  return refuse(unsupported_media_type(
      "the body of the request was in an unknown format - accepted media types include: "
      "application/json, application/yaml, application/vnd.kubernetes.protobuf"));
}

}  // namespace sim::api

#include "kube/requests.h"

#include <boost/json.hpp>

#include "base/text.h"
#include "k8s/kinds.h"

namespace kube {

namespace {

namespace json = boost::json;
using base::ErrorCode;
using base::fail;
using base::Result;
using k8s::Verb;
using k8s::WriteRequest;

// The version that an optimistic lock compares is part of the object in every kind of write
// (API-15, OPR-110).
Result<json::object> object_with_lock(const WriteRequest& request) {
  boost::system::error_code error;
  json::value body = json::parse(request.body, error);
  if (error || !body.is_object()) {
    return fail(ErrorCode::kInvalid, describe(request) + ": the body is not a JSON object");
  }
  json::object& object = body.get_object();
  if (request.resource_version.empty() && request.uid.empty()) {
    return object;
  }
  json::value& meta = object["metadata"];
  if (!meta.is_object()) {
    meta = json::object{};
  }
  if (!request.resource_version.empty()) {
    meta.get_object()["resourceVersion"] = request.resource_version;
  }
  if (!request.uid.empty()) {
    meta.get_object()["uid"] = request.uid;
  }
  return object;
}

Result<std::string> body_with_lock(const WriteRequest& request) {
  if (request.resource_version.empty() && request.uid.empty()) {
    return request.body;
  }
  return json::serialize(TRY(object_with_lock(request)));
}

// Setting the version rather than testing it: a failed test is "invalid", a wrong version a
// conflict.
Result<std::string> json_patch_with_lock(const WriteRequest& request) {
  boost::system::error_code error;
  json::value body = json::parse(request.body, error);
  if (error || !body.is_array()) {
    return fail(ErrorCode::kInvalid, describe(request) + ": the body is not a JSON patch");
  }
  json::array& operations = body.get_array();
  const auto set = [&](std::string_view path, const std::string& value) {
    if (!value.empty()) {
      operations.insert(operations.begin(),
                        json::object{{"op", "add"}, {"path", path}, {"value", value}});
    }
  };
  set("/metadata/resourceVersion", request.resource_version);
  set("/metadata/uid", request.uid);
  return json::serialize(body);
}

json::object delete_options(const WriteRequest& request) {
  json::object options;
  if (request.grace_seconds) {
    options["gracePeriodSeconds"] = *request.grace_seconds;
  }
  json::object preconditions;
  if (!request.uid.empty()) {
    preconditions["uid"] = request.uid;
  }
  if (!request.resource_version.empty()) {
    preconditions["resourceVersion"] = request.resource_version;
  }
  if (!preconditions.empty()) {
    options["preconditions"] = std::move(preconditions);
  }
  return options;
}

json::object name_and_namespace(const k8s::ObjectKey& key) {
  return {{"name", key.name}, {"namespace", key.namespace_}};
}

std::string delete_body(const WriteRequest& request) {
  json::object body = delete_options(request);
  body["apiVersion"] = "v1";
  body["kind"] = "DeleteOptions";
  return json::serialize(body);
}

std::string eviction_body(const WriteRequest& request) {
  return json::serialize(json::object{{"apiVersion", "policy/v1"},
                                      {"kind", "Eviction"},
                                      {"metadata", name_and_namespace(request.key)},
                                      {"deleteOptions", delete_options(request)}});
}

std::string binding_body(const WriteRequest& request) {
  return json::serialize(
      json::object{{"apiVersion", "v1"},
                   {"kind", "Binding"},
                   {"metadata", name_and_namespace(request.key)},
                   {"target", {{"apiVersion", "v1"}, {"kind", "Node"}, {"name", request.body}}}});
}

std::string_view name_of(Verb verb) {
  switch (verb) {
    case Verb::kCreate:
      return "create";
    case Verb::kUpdate:
      return "update";
    case Verb::kMergePatch:
    case Verb::kJsonPatch:
    case Verb::kStrategicPatch:
    case Verb::kApplyPatch:
      return "patch";
    case Verb::kDelete:
      return "delete";
    case Verb::kEvict:
      return "evict";
    case Verb::kBind:
      return "bind";
  }
  return "";
}

}  // namespace

std::string collection_path(k8s::Kind kind, std::string_view namespace_) {
  const k8s::KindFacts& facts = k8s::facts(kind);
  const std::string root = facts.group.empty()
                               ? base::concat("/api/", facts.version)
                               : base::concat("/apis/", facts.group, "/", facts.version);
  return namespace_.empty() || !facts.is_namespaced
             ? base::concat(root, "/", facts.plural)
             : base::concat(
                   root, "/namespaces/", runtime::percent_encode(namespace_), "/", facts.plural);
}

std::string object_path(const k8s::ObjectKey& key, std::string_view subresource) {
  return base::concat(collection_path(key.kind, key.namespace_),
                      "/",
                      runtime::percent_encode(key.name),
                      subresource.empty() ? "" : "/",
                      subresource);
}

std::string describe(const k8s::ObjectKey& key) {
  return base::concat(k8s::facts(key.kind).plural,
                      " ",
                      key.namespace_,
                      key.namespace_.empty() ? "" : "/",
                      key.name);
}

std::string describe(const WriteRequest& request) {
  return base::concat(name_of(request.verb),
                      " ",
                      describe(request.key),
                      request.subresource.empty() ? "" : " ",
                      request.subresource);
}

Result<Call> to_call(const WriteRequest& request) {
  const std::string path = object_path(request.key, request.subresource);
  const auto patch = [&](std::string_view type, std::string_view query = "") {
    return Call{.method = "PATCH",
                .target = base::concat(path, query),
                .content_type = base::concat("application/", type)};
  };
  Call call;
  call.method = "POST";
  call.target = path;
  call.content_type = "application/json";
  switch (request.verb) {
    case Verb::kCreate:
      call.target = collection_path(request.key.kind, request.key.namespace_);
      call.body = request.body;
      break;
    case Verb::kUpdate:
      call.method = "PUT";
      call.body = TRY(body_with_lock(request));
      break;
    case Verb::kMergePatch:
      call = patch("merge-patch+json");
      call.body = TRY(body_with_lock(request));
      break;
    case Verb::kStrategicPatch:
      call = patch("strategic-merge-patch+json");
      call.body = TRY(body_with_lock(request));
      break;
    case Verb::kApplyPatch:
      call = patch("apply-patch+yaml", "?fieldManager=karpenter&force=true");
      call.body = TRY(body_with_lock(request));
      break;
    case Verb::kJsonPatch:
      call = patch("json-patch+json");
      call.body = TRY(json_patch_with_lock(request));
      break;
    case Verb::kDelete:
      call.method = "DELETE";
      call.body = delete_body(request);
      break;
    case Verb::kEvict:
      call.target = object_path(request.key, "eviction");
      call.body = eviction_body(request);
      call.is_retried = false;  // Refused by a budget: the caller paces itself (LIF-148).
      break;
    case Verb::kBind:
      call.target = object_path(request.key, "binding");
      call.body = binding_body(request);
      break;
  }
  return call;
}

}  // namespace kube

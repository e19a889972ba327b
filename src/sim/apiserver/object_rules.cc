#include "sim/apiserver/object_rules.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "k8s/patch.h"
#include "sim/apiserver/json.h"

namespace sim::api {

namespace {

// Fields of metadata that only the server writes.
constexpr std::string_view kServerFields[] = {"uid",
                                              "creationTimestamp",
                                              "generation",
                                              "deletionTimestamp",
                                              "deletionGracePeriodSeconds",
                                              "generateName"};

void keep_member(const json::object& from, json::object& to, std::string_view key) {
  if (const json::value* value = from.if_contains(key)) {
    to[key] = *value;
  } else {
    to.erase(key);
  }
}

bool is_empty(const json::value& value) {
  return (value.is_object() && value.get_object().empty()) ||
         (value.is_array() && value.get_array().empty());
}

Answer<void> check_type(const ResourceType& type, json::object& body) {
  const std::string api_version(text_at(body, "apiVersion"));
  const std::string kind(text_at(body, "kind"));
  const std::string wanted = api_version_of(type);
  if ((!kind.empty() && kind != type.kind) || (!api_version.empty() && api_version != wanted)) {
    return refuse(bad_request("the object provided is unrecognized: it is " + api_version +
                              ", Kind=" + kind + ", but this path takes " + wanted +
                              ", Kind=" + std::string(type.kind)));
  }
  if (const json::value* metadata = find_path(body, "metadata");
      metadata != nullptr && !metadata->is_object()) {
    return refuse(bad_request(std::string(type.kind) + ": metadata must be an object"));
  }
  body["apiVersion"] = wanted;
  body["kind"] = type.kind;
  return {};
}

Answer<void> check_place(const ObjectRef& ref, json::object& body) {
  const ResourceType& type = resource_type(ref.type);
  json::object& metadata = ensure_object(body, "metadata");
  const std::string name(text_at(metadata, "name"));
  const std::string ns(text_at(metadata, "namespace"));
  if (!ref.name.empty() && !name.empty() && name != ref.name) {
    return refuse(bad_request("the name of the object (" + name +
                              ") does not match the name on the URL (" + ref.name + ")"));
  }
  if (type.namespaced && !ns.empty() && ns != ref.namespace_) {
    return refuse(bad_request(
        "the namespace of the provided object does not match the namespace sent on the request"));
  }
  if (!ref.name.empty()) {
    metadata["name"] = ref.name;
  }
  if (type.namespaced) {
    metadata["namespace"] = ref.namespace_;
  } else {
    metadata.erase("namespace");
  }
  return {};
}

std::vector<std::string> finalizers_of(const json::object& body) {
  std::vector<std::string> out;
  if (const json::array* list = array_at(body, "metadata.finalizers")) {
    for (const json::value& item : *list) {
      out.emplace_back(item.is_string() ? std::string_view(item.get_string()) : "");
    }
  }
  return out;
}

}  // namespace

void keep_server_fields(const json::object& old, json::object& next) {
  const json::object* from = object_at(old, "metadata");
  json::object& to = ensure_object(next, "metadata");
  for (const std::string_view key : kServerFields) {
    keep_member(*from, to, key);
  }
}

void keep_other_half(const ObjectRef& ref, const json::object& old, json::object& next) {
  const ResourceType& type = resource_type(ref.type);
  if (ref.subresource == "status") {
    json::value status = next["status"];
    json::object kept = old;
    if (status.is_null()) {
      kept.erase("status");
    } else {
      kept["status"] = std::move(status);
    }
    next = std::move(kept);
  } else if (type.has_status) {
    keep_member(old, next, "status");
  }
}

bool same_member(const json::object& a, const json::object& b, std::string_view key) {
  const json::value* left = a.if_contains(key);
  const json::value* right = b.if_contains(key);
  return left == nullptr || right == nullptr ? left == right : k8s::same_json(*left, *right);
}

bool same_outside(const json::object& a,
                  const json::object& b,
                  std::initializer_list<std::string_view> ignored) {
  const auto covered = [&](const json::object& from, const json::object& other) {
    return std::ranges::all_of(from, [&](const json::key_value_pair& member) {
      return std::ranges::find(ignored, std::string_view(member.key())) != ignored.end() ||
             same_member(from, other, member.key());
    });
  };
  return covered(a, b) && covered(b, a);
}

bool same_object(const json::object& a, const json::object& b) {
  const json::object* left = object_at(a, "metadata");
  const json::object* right = object_at(b, "metadata");
  return same_outside(a, b, {"metadata"}) && left != nullptr && right != nullptr &&
         same_outside(*left, *right, {"resourceVersion", "managedFields"});
}

bool has_finalizers(const Body& body) {
  const json::array* list = array_at(body, "metadata.finalizers");
  return list != nullptr && !list->empty();
}

std::optional<StatusError> late_finalizer(const ResourceType& type,
                                          const json::object& old,
                                          const json::object& next) {
  const std::vector<std::string> before = finalizers_of(old);
  for (const std::string& finalizer : finalizers_of(next)) {
    if (std::ranges::find(before, finalizer) == before.end()) {
      return invalid(type,
                     text_at(old, "metadata.name"),
                     {{"FieldValueForbidden",
                       "Forbidden: no new finalizers can be added if the object is being "
                       "deleted, found new finalizers []string{\"" +
                           finalizer + "\"}",
                       "metadata.finalizers"}});
    }
  }
  return std::nullopt;
}

Answer<std::int64_t> wanted_replicas(const ResourceType& type,
                                     std::string_view name,
                                     const json::object& scale) {
  const std::int64_t replicas = int_at(scale, "spec.replicas", -1);
  if (replicas < 0) {
    return refuse(invalid(type,
                          name,
                          {{"FieldValueInvalid",
                            "Invalid value: must be greater than or equal to 0",
                            "spec.replicas"}}));
  }
  return replicas;
}

Answer<void> check_identity(const ObjectRef& ref, json::object& body) {
  if (Answer<void> checked = check_type(resource_type(ref.type), body); !checked) {
    return checked;
  }
  return check_place(ref, body);
}

void drop_empty_metadata(json::object& body) {
  json::object& metadata = ensure_object(body, "metadata");
  for (const std::string_view key :
       {"annotations", "labels", "finalizers", "ownerReferences", "managedFields"}) {
    if (const json::value* value = metadata.if_contains(key); value && is_empty(*value)) {
      metadata.erase(key);
    }
  }
}

}  // namespace sim::api

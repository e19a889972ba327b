#include "k8s/convert/draft.h"

#include <utility>

#include "base/text.h"
#include "k8s/schema/json_access.h"

namespace k8s::convert {

namespace json = boost::json;

namespace {

constexpr std::string_view kKubeletAnnotation =
    "compatibility.karpenter.sh/v1beta1-kubelet-conversion";

bool is_compatibility(std::string_view key) {
  return key.starts_with("compatibility.karpenter.sh/v1beta1-") ||
         key.starts_with("compatibility.karpenter.k8s.aws/v1beta1-");
}

// Replaces the key and keeps its place. An annotation under the new name wins.
bool rename_key(json::object& fields, std::string_view from, std::string_view to) {
  if (!fields.contains(from)) {
    return false;
  }
  json::object out;
  for (const auto& field : fields) {
    if (field.key() != from) {
      out.insert_or_assign(field.key(), field.value());
    } else if (!fields.contains(to)) {
      out[to] = field.value();
    }
  }
  fields = std::move(out);
  return true;
}

// In every "annotations" of the object: its own, those of pod templates and node templates.
bool rename_in(json::value& at, std::string_view from, std::string_view to) {
  bool has_changed = false;
  if (auto* list = at.if_array()) {
    for (json::value& item : *list) {
      has_changed = rename_in(item, from, to) || has_changed;
    }
  }
  if (auto* fields = at.if_object()) {
    for (auto& field : *fields) {
      if (field.key() == "annotations" && field.value().is_object()) {
        has_changed = rename_key(field.value().get_object(), from, to) || has_changed;
      } else {
        has_changed = rename_in(field.value(), from, to) || has_changed;
      }
    }
  }
  return has_changed;
}

}  // namespace

std::string_view Draft::kind() const {
  return schema::text_at(object, "kind");
}

std::string_view Draft::name() const {
  const json::value* metadata = schema::find(object, "metadata");
  return metadata == nullptr ? std::string_view() : schema::text_at(*metadata, "name");
}

bool Draft::is(std::string_view api_version, std::string_view wanted) const {
  return kind() == wanted && schema::text_at(object, "apiVersion") == api_version;
}

json::object& child(json::object& of, std::string_view name) {
  json::value& at = of[name];
  return at.is_object() ? at.get_object() : at.emplace_object();
}

json::object* find_child(json::object& of, std::string_view name) {
  json::value* at = of.if_contains(name);
  return at == nullptr ? nullptr : at->if_object();
}

json::object* find_child(json::object& of, std::initializer_list<std::string_view> path) {
  json::object* at = &of;
  for (const std::string_view name : path) {
    at = at == nullptr ? nullptr : find_child(*at, name);
  }
  return at;
}

std::optional<json::value> take(json::object& from, std::string_view name) {
  const auto at = from.find(name);
  if (at == from.end()) {
    return std::nullopt;
  }
  json::value out = std::move(at->value());
  from.stable_erase(at);
  return out.is_null() ? std::nullopt : std::optional(std::move(out));
}

std::string text_in(const json::object& of, std::string_view name) {
  const json::value* at = of.if_contains(name);
  return at == nullptr || !at->is_string() ? std::string() : std::string(at->get_string());
}

void rename_annotations(Draft& draft) {
  for (const std::string_view old :
       {"karpenter.sh/do-not-evict", "karpenter.sh/do-not-consolidate"}) {
    if (rename_in(draft.object, old, "karpenter.sh/do-not-disrupt")) {
      draft.note(base::concat("annotation ", old, " is now karpenter.sh/do-not-disrupt"));
    }
  }
}

void drop_compatibility(Draft& draft) {
  json::object* metadata = find_child(draft.object.as_object(), "metadata");
  json::object* annotations = metadata == nullptr ? nullptr : find_child(*metadata, "annotations");
  if (annotations == nullptr) {
    return;
  }
  for (auto at = annotations->begin(); at != annotations->end();) {
    const std::string key(at->key());
    if (!is_compatibility(key)) {
      ++at;
      continue;
    }
    if (key == kKubeletAnnotation && !draft.kubelet) {
      json::error_code failure;
      json::value kubelet = json::parse(schema::text_of(at->value()), failure);
      if (!failure && kubelet.is_object() && !kubelet.get_object().empty()) {
        draft.kubelet = std::move(kubelet);
      }
    }
    at = annotations->stable_erase(at);
    draft.note(base::concat("annotation ", key, " is dropped: no version reads it any more"));
  }
  if (annotations->empty()) {
    metadata->stable_erase(metadata->find("annotations"));
  }
}

void drop_server_fields(Draft& draft) {
  json::object& object = draft.object.as_object();
  take(object, "status");
  json::object* metadata = find_child(object, "metadata");
  if (metadata == nullptr) {
    return;
  }
  for (const std::string_view name : {"creationTimestamp",
                                      "deletionGracePeriodSeconds",
                                      "deletionTimestamp",
                                      "finalizers",
                                      "generation",
                                      "managedFields",
                                      "ownerReferences",
                                      "resourceVersion",
                                      "selfLink",
                                      "uid"}) {
    take(*metadata, name);
  }
  if (json::object* annotations = find_child(*metadata, "annotations")) {
    for (const std::string_view name : {"kubectl.kubernetes.io/last-applied-configuration",
                                        "karpenter.sh/nodepool-hash",
                                        "karpenter.sh/nodepool-hash-version",
                                        "karpenter.sh/provisioner-hash",
                                        "karpenter.k8s.aws/ec2nodeclass-hash",
                                        "karpenter.k8s.aws/ec2nodeclass-hash-version",
                                        "karpenter.k8s.aws/nodetemplate-hash"}) {
      take(*annotations, name);
    }
    if (annotations->empty()) {
      take(*metadata, "annotations");
    }
  }
}

}  // namespace k8s::convert

// Containers, resources and volumes of a pod.
#include <optional>
#include <set>
#include <string>

#include "k8s/quantity.h"
#include "k8s/schema/core_checks.h"
#include "k8s/schema/json_access.h"
#include "k8s/schema/names.h"

namespace k8s::schema {
namespace {

std::optional<Quantity> to_quantity(const value& from) {
  const auto parsed = from.is_string() ? Quantity::parse(text_of(from))
                                       : Quantity::parse(boost::json::serialize(from));
  return parsed ? std::optional(*parsed) : std::nullopt;
}

bool is_standard(std::string_view name) {
  return name == "cpu" || name == "memory" || name == "ephemeral-storage";
}

void check_resource_name(std::string_view name, const Path& path, Errors& errors) {
  if (const auto problem = qualified_name_problem(name); !problem.empty()) {
    errors.invalid_text(path, name, problem);
  } else if (!is_standard(name) && !name.starts_with("hugepages-") &&
             name.find('/') == std::string_view::npos) {
    errors.invalid_text(
        path, name, "must be a standard resource type or fully qualified resource name");
  }
}

void check_amounts(const value& resources,
                   std::string_view field,
                   const Path& path,
                   Errors& errors) {
  const Path at = path.child(field);
  for (const auto& entry : fields_at(resources, field)) {
    check_resource_name(entry.key(), at.key(entry.key()), errors);
    const auto amount = to_quantity(entry.value());
    if (amount && *amount < Quantity()) {
      errors.invalid(at.key(entry.key()), entry.value(), "must be greater than or equal to 0");
    }
  }
}

void check_against_limit(std::string_view name,
                         const value& request,
                         const value* limit_value,
                         const Path& path,
                         Errors& errors) {
  const bool may_overcommit = is_standard(name);
  if (limit_value == nullptr) {
    if (!may_overcommit) {
      errors.required(path, "Limit must be set for non overcommitable resources");
    }
    return;
  }
  const auto amount = to_quantity(request);
  const auto limit = to_quantity(*limit_value);
  if (!amount || !limit) {
    return;
  }
  if (may_overcommit ? *amount > *limit : *amount != *limit) {
    errors.invalid(
        path,
        request,
        std::string(may_overcommit ? "must be less than or equal to " : "must be equal to ") +
            std::string(name) + " limit of " + limit->text());
  }
}

void check_resources(const value& resources, const Path& path, Errors& errors) {
  check_amounts(resources, "limits", path, errors);
  check_amounts(resources, "requests", path, errors);
  const Path requests = path.child("requests");
  const value* limits = find(resources, "limits");
  for (const auto& entry : fields_at(resources, "requests")) {
    const value* limit = limits == nullptr ? nullptr : find(*limits, entry.key());
    check_against_limit(entry.key(), entry.value(), limit, requests, errors);
  }
}

void check_mounts(const value& container,
                  const std::set<std::string_view>& volumes,
                  const Path& path,
                  Errors& errors) {
  const auto& mounts = items_at(container, "volumeMounts");
  const Path list = path.child("volumeMounts");
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    if (!volumes.contains(text_at(mounts[i], "name"))) {
      const Path at = list.at(i);
      errors.not_found(at.child("name"), text_at(mounts[i], "name"));
    }
  }
}

void check_container(const value& container,
                     const std::set<std::string_view>& volumes,
                     const Path& path,
                     Errors& errors) {
  if (const auto problem = dns_label_problem(text_at(container, "name")); !problem.empty()) {
    errors.invalid_text(path.child("name"), text_at(container, "name"), problem);
  }
  if (text_at(container, "image").empty()) {
    errors.required(path.child("image"));
  }
  if (const value* resources = find(container, "resources")) {
    check_resources(*resources, path.child("resources"), errors);
  }
  check_mounts(container, volumes, path, errors);
}

std::set<std::string_view> check_volumes(const value& pod_spec, const Path& path, Errors& errors) {
  std::set<std::string_view> names;
  const auto& volumes = items_at(pod_spec, "volumes");
  const Path list = path.child("volumes");
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    const std::string_view name = text_at(volumes[i], "name");
    if (const auto problem = dns_label_problem(name); !problem.empty()) {
      const Path at = list.at(i);
      errors.invalid_text(at.child("name"), name, problem);
    }
    names.insert(name);
  }
  return names;
}

void check_containers(const value& pod_spec, const Path& path, Errors& errors) {
  const auto volumes = check_volumes(pod_spec, path, errors);
  for (const std::string_view field : {"initContainers", "containers"}) {
    const auto& containers = items_at(pod_spec, field);
    const Path list = path.child(field);
    for (std::size_t i = 0; i < containers.size(); ++i) {
      const Path at = list.at(i);
      check_container(containers[i], volumes, at, errors);
      const std::string_view restart = text_at(containers[i], "restartPolicy");
      if (field == "initContainers" && !restart.empty() && restart != "Always") {
        errors.not_supported(at.child("restartPolicy"), restart, {"Always"});
      }
    }
  }
}

void fill_container(value& container) {
  if (!container.is_object()) {
    return;
  }
  const std::string_view image = text_at(container, "image");
  const std::string_view last = image.substr(image.rfind('/') + 1);
  const std::size_t colon = last.find(':');
  const bool is_latest = image.find('@') == std::string_view::npos &&
                         (colon == std::string_view::npos || last.substr(colon + 1) == "latest");
  set_default(container, "imagePullPolicy", is_latest ? "Always" : "IfNotPresent");
  set_default(container, "resources", boost::json::object());
  value& resources = container.get_object()["resources"];
  if (!fields_at(resources, "limits").empty()) {
    set_default(resources, "requests", boost::json::object());
    for (const auto& limit : fields_at(resources, "limits")) {
      set_default(resources.get_object()["requests"], limit.key(), limit.value());
    }
  }
}

}  // namespace

void check_pod_spec(const value& pod_spec, const Path& path, Errors& errors) {
  if (items_at(pod_spec, "containers").empty()) {
    errors.required(path.child("containers"));
  }
  check_containers(pod_spec, path, errors);
  if (const value* resources = find(pod_spec, "resources")) {
    check_resources(*resources, path.child("resources"), errors);
  }
  check_placement(pod_spec, path, errors);
}

void fill_pod_spec(value& pod_spec, bool is_job) {
  if (!pod_spec.is_object()) {
    return;
  }
  if (!is_job) {
    set_default(pod_spec, "restartPolicy", "Always");
  }
  for (const std::string_view field : {"initContainers", "containers"}) {
    value* list = find_mutable(pod_spec, field);
    if (list == nullptr || !list->is_array()) {
      continue;
    }
    for (value& container : list->get_array()) {
      fill_container(container);
    }
  }
}

}  // namespace k8s::schema

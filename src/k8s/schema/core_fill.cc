// Defaults of core objects that depend on other fields; the plain ones stand in the type tables.
#include <string>

#include "k8s/schema/core_checks.h"
#include "k8s/schema/json_access.h"

namespace k8s::schema {
namespace {

constexpr std::string_view kControllerUid = "batch.kubernetes.io/controller-uid";

value* mutable_template(value& spec) {
  value* pod_template = find_mutable(spec, "template");
  return pod_template != nullptr && pod_template->is_object() ? pod_template : nullptr;
}

void fill_template(value& spec, bool is_job) {
  if (value* pod_template = mutable_template(spec)) {
    if (value* pod_spec = find_mutable(*pod_template, "spec")) {
      fill_pod_spec(*pod_spec, is_job);
    }
  }
}

// The API server makes up the selector of a Job from its uid.
void fill_job_selector(value& object, value& spec) {
  const value* uid = find(object, {"metadata", "uid"});
  value* pod_template = mutable_template(spec);
  if (uid == nullptr || has(spec, "selector") || pod_template == nullptr) {
    return;
  }
  const value id = text_value(text_of(*uid));
  const value name = text_value(text_at(object.at("metadata"), "name"));
  spec.get_object()["selector"] = {{"matchLabels", {{kControllerUid, id}}}};
  set_default(*pod_template, "metadata", boost::json::object());
  value& metadata = pod_template->get_object()["metadata"];
  if (!metadata.is_object()) {
    return;
  }
  set_default(metadata, "labels", boost::json::object());
  value& labels = metadata.get_object()["labels"];
  set_default(labels, kControllerUid, id);
  set_default(labels, "batch.kubernetes.io/job-name", name);
  set_default(labels, "controller-uid", id);
  set_default(labels, "job-name", name);
}

}  // namespace

void fill_pod(value& object) {
  if (value* spec = find_mutable(object, "spec")) {
    fill_pod_spec(*spec, false);
    if (spec->is_object()) {
      set_default(*spec, "enableServiceLinks", true);
    }
  }
  set_default(object, "status", {{"phase", "Pending"}});
}

void fill_workload(value& object) {
  value* spec = find_mutable(object, "spec");
  if (spec == nullptr || !spec->is_object()) {
    return;
  }
  fill_template(*spec, false);
  const std::string_view kind = text_at(object, "kind");
  if (kind == "ReplicaSet") {
    return;
  }
  const std::string_view field = kind == "Deployment" ? "strategy" : "updateStrategy";
  set_default(*spec, field, boost::json::object());
  value& strategy = spec->get_object()[field];
  set_default(strategy, "type", "RollingUpdate");
  if (text_at(strategy, "type") != "RollingUpdate") {
    return;
  }
  set_default(strategy, "rollingUpdate", boost::json::object());
  value& update = strategy.get_object()["rollingUpdate"];
  if (kind == "Deployment") {
    set_default(update, "maxSurge", "25%");
    set_default(update, "maxUnavailable", "25%");
  } else if (kind == "DaemonSet") {
    set_default(update, "maxSurge", 0);
    set_default(update, "maxUnavailable", 1);
  } else {
    set_default(update, "partition", 0);
  }
}

void fill_job(value& object) {
  value* spec = find_mutable(object, "spec");
  if (spec == nullptr || !spec->is_object()) {
    return;
  }
  fill_template(*spec, true);
  // A Job without both is done when one pod is.
  if (!has(*spec, "parallelism") && !has(*spec, "completions")) {
    set_default(*spec, "completions", 1);
  }
  set_default(*spec, "parallelism", 1);
  set_default(*spec,
              "podReplacementPolicy",
              has(*spec, "podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
  fill_job_selector(object, *spec);
}

void fill_service(value& object) {
  value* ports = nullptr;
  if (value* spec = find_mutable(object, "spec")) {
    ports = find_mutable(*spec, "ports");
  }
  if (ports == nullptr || !ports->is_array()) {
    return;
  }
  for (value& port : ports->get_array()) {
    if (const value* number = find(port, "port")) {
      set_default(port, "targetPort", *number);
    }
  }
}

}  // namespace k8s::schema

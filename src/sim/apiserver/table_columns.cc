// The columns of the built-in kinds, in kubectl's order and words. Each cell is a small function of
// the object and the time.

#include <boost/json.hpp>

#include "sim/apiserver/json.h"
#include "sim/apiserver/pod_summary.h"
#include "sim/apiserver/table.h"

namespace sim::api {

namespace {

using Object = json::object;
using Value = json::value;
using Now = k8s::TimeNs;

Value text(std::string_view value) {
  return json::string(value);
}

Value text_or(std::string_view value, std::string_view fallback) {
  return json::string(value.empty() ? fallback : value);
}

Value name(const Object& o, Now) {
  return text(text_at(o, "metadata.name"));
}

Value age(const Object& o, Now now) {
  return text(age_of(text_at(o, "metadata.creationTimestamp"), now));
}

std::string ratio(std::int64_t part, std::int64_t whole) {
  return std::to_string(part) + "/" + std::to_string(whole);
}

std::string join(const json::array* list, std::string_view member) {
  std::string out;
  if (list != nullptr) {
    for (const Value& item : *list) {
      const std::string_view part =
          member.empty()
              ? (item.is_string() ? std::string_view(item.get_string()) : std::string_view{})
              : text_at(item.as_object(), member);
      out.append(out.empty() ? "" : ",").append(part);
    }
  }
  return out;
}

template <typename Path>
Value number(const Object& o, Path path) {
  return int_at(o, path);
}

std::string labels_text(const Object* labels) {
  std::string out;
  if (labels != nullptr) {
    for (const auto& [key, value] : *labels) {
      out.append(out.empty() ? "" : ",").append(key).append("=");
      out.append(value.is_string() ? std::string_view(value.get_string()) : "");
    }
  }
  return out.empty() ? "<none>" : out;
}

Value containers(const Object& o, Now) {
  return text(join(array_at(o, "spec.template.spec.containers"), "name"));
}

Value images(const Object& o, Now) {
  return text(join(array_at(o, "spec.template.spec.containers"), "image"));
}

Value selector(const Object& o, Now) {
  return text(labels_text(object_at(o, "spec.selector.matchLabels")));
}

// --- Pods ---

Value pod_ready(const Object& o, Now) {
  const PodSummary pod = summarize_pod(o);
  return text(ratio(pod.ready, pod.containers));
}

Value pod_status(const Object& o, Now) {
  return text(summarize_pod(o).status);
}

Value pod_restarts(const Object& o, Now) {
  return text(std::to_string(summarize_pod(o).restarts));
}

constexpr Column kPods[] = {
    {"Name", "string", 0, name},
    {"Ready", "string", 0, pod_ready},
    {"Status", "string", 0, pod_status},
    {"Restarts", "string", 0, pod_restarts},
    {"Age", "string", 0, age},
    {"IP",
     "string",
     1,
     [](const Object& o, Now) { return text_or(text_at(o, "status.podIP"), "<none>"); }},
    {"Node",
     "string",
     1,
     [](const Object& o, Now) { return text_or(text_at(o, "spec.nodeName"), "<none>"); }},
    {"Nominated Node",
     "string",
     1,
     [](const Object& o, Now) {
       return text_or(text_at(o, "status.nominatedNodeName"), "<none>");
     }},
    {"Readiness Gates", "string", 1, [](const Object&, Now) { return text("<none>"); }},
};

// --- Nodes ---

Value node_status(const Object& o, Now) {
  std::string out = "Unknown";
  if (const Object* ready = find_condition(o, "Ready")) {
    out = text_at(*ready, "status") == "True" ? "Ready" : "NotReady";
  }
  return text(bool_at(o, "spec.unschedulable") ? out + ",SchedulingDisabled" : out);
}

Value node_roles(const Object& o, Now) {
  constexpr std::string_view kPrefix = "node-role.kubernetes.io/";
  std::string out;
  for (const auto& [key, value] : string_map_at(o, "metadata.labels")) {
    if (key.starts_with(kPrefix)) {
      out.append(out.empty() ? "" : ",").append(key.substr(kPrefix.size()));
    }
  }
  return text_or(out, "<none>");
}

std::string_view node_address(const Object& o, std::string_view type) {
  if (const json::array* addresses = array_at(o, "status.addresses")) {
    for (const Value& item : *addresses) {
      if (item.is_object() && text_at(item.get_object(), "type") == type) {
        return text_at(item.get_object(), "address");
      }
    }
  }
  return "<none>";
}

constexpr Column kNodes[] = {
    {"Name", "string", 0, name},
    {"Status", "string", 0, node_status},
    {"Roles", "string", 0, node_roles},
    {"Age", "string", 0, age},
    {"Version",
     "string",
     0,
     [](const Object& o, Now) { return text(text_at(o, "status.nodeInfo.kubeletVersion")); }},
    {"Internal-IP",
     "string",
     1,
     [](const Object& o, Now) { return text(node_address(o, "InternalIP")); }},
    {"External-IP",
     "string",
     1,
     [](const Object& o, Now) { return text(node_address(o, "ExternalIP")); }},
    {"OS-Image",
     "string",
     1,
     [](const Object& o, Now) {
       return text_or(text_at(o, "status.nodeInfo.osImage"), "<unknown>");
     }},
    {"Kernel-Version",
     "string",
     1,
     [](const Object& o, Now) {
       return text_or(text_at(o, "status.nodeInfo.kernelVersion"), "<unknown>");
     }},
    {"Container-Runtime",
     "string",
     1,
     [](const Object& o, Now) {
       return text_or(text_at(o, "status.nodeInfo.containerRuntimeVersion"), "<unknown>");
     }},
};

// --- Workloads ---

Value ready_of_replicas(const Object& o, Now) {
  return text(ratio(int_at(o, "status.readyReplicas"), int_at(o, "spec.replicas", 1)));
}

constexpr Column kDeployments[] = {
    {"Name", "string", 0, name},
    {"Ready", "string", 0, ready_of_replicas},
    {"Up-to-date",
     "integer",
     0,
     [](const Object& o, Now) { return number(o, "status.updatedReplicas"); }},
    {"Available",
     "integer",
     0,
     [](const Object& o, Now) { return number(o, "status.availableReplicas"); }},
    {"Age", "string", 0, age},
    {"Containers", "string", 1, containers},
    {"Images", "string", 1, images},
    {"Selector", "string", 1, selector},
};

constexpr Column kReplicaSets[] = {
    {"Name", "string", 0, name},
    {"Desired",
     "integer",
     0,
     [](const Object& o, Now) { return Value(int_at(o, "spec.replicas", 1)); }},
    {"Current", "integer", 0, [](const Object& o, Now) { return number(o, "status.replicas"); }},
    {"Ready", "integer", 0, [](const Object& o, Now) { return number(o, "status.readyReplicas"); }},
    {"Age", "string", 0, age},
    {"Containers", "string", 1, containers},
    {"Images", "string", 1, images},
    {"Selector", "string", 1, selector},
};

constexpr Column kStatefulSets[] = {
    {"Name", "string", 0, name},
    {"Ready", "string", 0, ready_of_replicas},
    {"Age", "string", 0, age},
    {"Containers", "string", 1, containers},
    {"Images", "string", 1, images},
};

constexpr Column kDaemonSets[] = {
    {"Name", "string", 0, name},
    {"Desired",
     "integer",
     0,
     [](const Object& o, Now) { return number(o, "status.desiredNumberScheduled"); }},
    {"Current",
     "integer",
     0,
     [](const Object& o, Now) { return number(o, "status.currentNumberScheduled"); }},
    {"Ready", "integer", 0, [](const Object& o, Now) { return number(o, "status.numberReady"); }},
    {"Up-to-date",
     "integer",
     0,
     [](const Object& o, Now) { return number(o, "status.updatedNumberScheduled"); }},
    {"Available",
     "integer",
     0,
     [](const Object& o, Now) { return number(o, "status.numberAvailable"); }},
    {"Node Selector",
     "string",
     0,
     [](const Object& o, Now) {
       return text(labels_text(object_at(o, "spec.template.spec.nodeSelector")));
     }},
    {"Age", "string", 0, age},
    {"Containers", "string", 1, containers},
    {"Images", "string", 1, images},
    {"Selector", "string", 1, selector},
};

Value job_status(const Object& o, Now) {
  for (const std::string_view type : {"Complete", "Failed", "Suspended"}) {
    if (condition_is(o, type, "True")) {
      return text(type);
    }
  }
  return text(find_path(o, "metadata.deletionTimestamp") != nullptr ? "Terminating" : "Running");
}

Value job_duration(const Object& o, Now now) {
  const auto start = parse_time(text_at(o, "status.startTime"));
  const auto end = parse_time(text_at(o, "status.completionTime"));
  return text(start ? human_duration(end.value_or(now) - *start) : "");
}

constexpr Column kJobs[] = {
    {"Name", "string", 0, name},
    {"Status", "string", 0, job_status},
    {"Completions",
     "string",
     0,
     [](const Object& o, Now) {
       return text(ratio(int_at(o, "status.succeeded"), int_at(o, "spec.completions", 1)));
     }},
    {"Duration", "string", 0, job_duration},
    {"Age", "string", 0, age},
    {"Containers", "string", 1, containers},
    {"Images", "string", 1, images},
    {"Selector", "string", 1, selector},
};

constexpr Column kCronJobs[] = {
    {"Name", "string", 0, name},
    {"Schedule",
     "string",
     0,
     [](const Object& o, Now) { return text(text_at(o, "spec.schedule")); }},
    {"Timezone",
     "string",
     0,
     [](const Object& o, Now) { return text_or(text_at(o, "spec.timeZone"), "<none>"); }},
    {"Suspend",
     "string",
     0,
     [](const Object& o, Now) { return text(bool_at(o, "spec.suspend") ? "True" : "False"); }},
    {"Age", "string", 0, age},
};

// --- Policy and scheduling ---

Value int_or_text(const Object& o, std::string_view path) {
  const Value* value = find_path(o, path);
  if (value == nullptr) {
    return text("N/A");
  }
  return value->is_string() ? *value : Value(json::string(json::serialize(*value)));
}

constexpr Column kBudgets[] = {
    {"Name", "string", 0, name},
    {"Min Available",
     "string",
     0,
     [](const Object& o, Now) { return int_or_text(o, "spec.minAvailable"); }},
    {"Max Unavailable",
     "string",
     0,
     [](const Object& o, Now) { return int_or_text(o, "spec.maxUnavailable"); }},
    {"Allowed Disruptions",
     "integer",
     0,
     [](const Object& o, Now) { return number(o, "status.disruptionsAllowed"); }},
    {"Age", "string", 0, age},
};

constexpr Column kPriorityClasses[] = {
    {"Name", "string", 0, name},
    {"Value", "integer", 0, [](const Object& o, Now) { return number(o, "value"); }},
    {"Global-Default",
     "boolean",
     0,
     [](const Object& o, Now) { return Value(bool_at(o, "globalDefault")); }},
    {"Age", "string", 0, age},
    {"PreemptionPolicy",
     "string",
     0,
     [](const Object& o, Now) {
       return text_or(text_at(o, "preemptionPolicy"), "PreemptLowerPriority");
     }},
};

constexpr Column kLeases[] = {
    {"Name", "string", 0, name},
    {"Holder",
     "string",
     0,
     [](const Object& o, Now) { return text(text_at(o, "spec.holderIdentity")); }},
    {"Age", "string", 0, age},
};

constexpr Column kNamespaces[] = {
    {"Name", "string", 0, name},
    {"Status", "string", 0, [](const Object& o, Now) { return text(text_at(o, "status.phase")); }},
    {"Age", "string", 0, age},
};

// --- Events ---

std::string_view first_of(const Object& o, std::initializer_list<std::string_view> paths) {
  for (const std::string_view path : paths) {
    if (const std::string_view found = text_at(o, path); !found.empty()) {
      return found;
    }
  }
  return {};
}

Value event_last_seen(const Object& o, Now now) {
  return text(age_of(
      first_of(o, {"series.lastObservedTime", "lastTimestamp", "eventTime", "firstTimestamp"}),
      now));
}

Value event_first_seen(const Object& o, Now now) {
  return text(age_of(first_of(o, {"firstTimestamp", "eventTime"}), now));
}

Value event_object(const Object& o, Now) {
  std::string kind(text_at(o, "involvedObject.kind"));
  for (char& c : kind) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text(kind + "/" + std::string(text_at(o, "involvedObject.name")));
}

constexpr Column kEvents[] = {
    {"Last Seen", "string", 0, event_last_seen},
    {"Type", "string", 0, [](const Object& o, Now) { return text(text_at(o, "type")); }},
    {"Reason", "string", 0, [](const Object& o, Now) { return text(text_at(o, "reason")); }},
    {"Object", "string", 0, event_object},
    {"Subobject",
     "string",
     1,
     [](const Object& o, Now) { return text(text_at(o, "involvedObject.fieldPath")); }},
    {"Source",
     "string",
     1,
     [](const Object& o, Now) {
       return text(first_of(o, {"source.component", "reportingComponent"}));
     }},
    {"Message", "string", 0, [](const Object& o, Now) { return text(text_at(o, "message")); }},
    {"First Seen", "string", 1, event_first_seen},
    {"Count", "integer", 1, [](const Object& o, Now) { return Value(int_at(o, "count", 1)); }},
    {"Name", "string", 1, name},
};

// --- Storage ---

Value access_modes(const Object& o, Now) {
  std::string out;
  if (const json::array* modes = array_at(o, "spec.accessModes")) {
    for (const Value& mode : *modes) {
      const std::string_view full = mode.is_string() ? std::string_view(mode.get_string()) : "";
      out.append(out.empty() ? "" : ",");
      out.append(full == "ReadWriteOnce"      ? "RWO"
                 : full == "ReadOnlyMany"     ? "ROX"
                 : full == "ReadWriteMany"    ? "RWX"
                 : full == "ReadWriteOncePod" ? "RWOP"
                                              : full);
    }
  }
  return text(out);
}

constexpr Column kClaims[] = {
    {"Name", "string", 0, name},
    {"Status", "string", 0, [](const Object& o, Now) { return text(text_at(o, "status.phase")); }},
    {"Volume",
     "string",
     0,
     [](const Object& o, Now) { return text(text_at(o, "spec.volumeName")); }},
    {"Capacity",
     "string",
     0,
     [](const Object& o, Now) { return text(text_at(o, "status.capacity.storage")); }},
    {"Access Modes", "string", 0, access_modes},
    {"StorageClass",
     "string",
     0,
     [](const Object& o, Now) { return text(text_at(o, "spec.storageClassName")); }},
    {"Age", "string", 0, age},
};

constexpr Column kVolumes[] = {
    {"Name", "string", 0, name},
    {"Capacity",
     "string",
     0,
     [](const Object& o, Now) { return text(text_at(o, "spec.capacity.storage")); }},
    {"Access Modes", "string", 0, access_modes},
    {"Reclaim Policy",
     "string",
     0,
     [](const Object& o, Now) { return text(text_at(o, "spec.persistentVolumeReclaimPolicy")); }},
    {"Status", "string", 0, [](const Object& o, Now) { return text(text_at(o, "status.phase")); }},
    {"Claim",
     "string",
     0,
     [](const Object& o, Now) { return text(text_at(o, "spec.claimRef.name")); }},
    {"StorageClass",
     "string",
     0,
     [](const Object& o, Now) { return text(text_at(o, "spec.storageClassName")); }},
    {"Age", "string", 0, age},
};

constexpr Column kStorageClasses[] = {
    {"Name", "string", 0, name},
    {"Provisioner",
     "string",
     0,
     [](const Object& o, Now) { return text(text_at(o, "provisioner")); }},
    {"ReclaimPolicy",
     "string",
     0,
     [](const Object& o, Now) { return text_or(text_at(o, "reclaimPolicy"), "Delete"); }},
    {"VolumeBindingMode",
     "string",
     0,
     [](const Object& o, Now) { return text_or(text_at(o, "volumeBindingMode"), "Immediate"); }},
    {"AllowVolumeExpansion",
     "boolean",
     0,
     [](const Object& o, Now) { return Value(bool_at(o, "allowVolumeExpansion")); }},
    {"Age", "string", 0, age},
};

// --- The rest ---

Value data_count(const Object& o, Now) {
  std::size_t count = 0;
  for (const std::string_view field : {"data", "binaryData"}) {
    const Object* data = object_at(o, field);
    count += data == nullptr ? 0 : data->size();
  }
  return Value(static_cast<std::int64_t>(count));
}

Value service_ports(const Object& o, Now) {
  std::string out;
  if (const json::array* ports = array_at(o, "spec.ports")) {
    for (const Value& port : *ports) {
      const Object& item = port.as_object();
      out.append(out.empty() ? "" : ",").append(std::to_string(int_at(item, "port")));
      const std::string_view protocol = text_at(item, "protocol");
      out.append("/").append(protocol.empty() ? "TCP" : protocol);
    }
  }
  return text_or(out, "<none>");
}

constexpr Column kConfigMaps[] = {
    {"Name", "string", 0, name}, {"Data", "integer", 0, data_count}, {"Age", "string", 0, age}};

constexpr Column kSecrets[] = {
    {"Name", "string", 0, name},
    {"Type",
     "string",
     0,
     [](const Object& o, Now) { return text_or(text_at(o, "type"), "Opaque"); }},
    {"Data", "integer", 0, data_count},
    {"Age", "string", 0, age},
};

constexpr Column kServices[] = {
    {"Name", "string", 0, name},
    {"Type",
     "string",
     0,
     [](const Object& o, Now) { return text_or(text_at(o, "spec.type"), "ClusterIP"); }},
    {"Cluster-IP",
     "string",
     0,
     [](const Object& o, Now) { return text_or(text_at(o, "spec.clusterIP"), "<none>"); }},
    {"External-IP", "string", 0, [](const Object&, Now) { return text("<none>"); }},
    {"Port(s)", "string", 0, service_ports},
    {"Age", "string", 0, age},
    {"Selector",
     "string",
     1,
     [](const Object& o, Now) { return text(labels_text(object_at(o, "spec.selector"))); }},
};

constexpr Column kDefinitions[] = {
    {"Name", "string", 0, name},
    {"Created At",
     "date",
     0,
     [](const Object& o, Now) { return text(text_at(o, "metadata.creationTimestamp")); }},
};

struct KindColumns {
  std::string_view plural;
  std::span<const Column> columns;
};

constexpr KindColumns kAll[] = {
    {"pods", kPods},
    {"nodes", kNodes},
    {"deployments", kDeployments},
    {"replicasets", kReplicaSets},
    {"statefulsets", kStatefulSets},
    {"daemonsets", kDaemonSets},
    {"jobs", kJobs},
    {"cronjobs", kCronJobs},
    {"poddisruptionbudgets", kBudgets},
    {"priorityclasses", kPriorityClasses},
    {"leases", kLeases},
    {"namespaces", kNamespaces},
    {"events", kEvents},
    {"persistentvolumeclaims", kClaims},
    {"persistentvolumes", kVolumes},
    {"storageclasses", kStorageClasses},
    {"configmaps", kConfigMaps},
    {"secrets", kSecrets},
    {"services", kServices},
    {"customresourcedefinitions", kDefinitions},
};

}  // namespace

std::span<const Column> columns_of(const ResourceType& type) {
  for (const KindColumns& entry : kAll) {
    if (entry.plural == type.plural && !type.custom) {
      return entry.columns;
    }
  }
  return {};
}

}  // namespace sim::api

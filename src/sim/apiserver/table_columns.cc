// The columns of the built-in kinds, in kubectl's order and words: most show what is at a path, the
// others are small functions of the object and the time.

#include <boost/json.hpp>

#include "sim/apiserver/json.h"
#include "sim/apiserver/table.h"
#include "sim/apiserver/table_cells.h"

namespace sim::api {

namespace {

using namespace cells;

// What is at the path, or the fallback.
constexpr Column field(std::string_view name,
                       std::string_view path,
                       std::string_view fallback = {}) {
  return {.name = name, .type = "string", .path = path, .fallback = fallback};
}

constexpr Column count(std::string_view name, std::string_view path) {
  return {.name = name, .type = "integer", .path = path};
}

constexpr Column flag(std::string_view name, std::string_view path) {
  return {.name = name, .type = "boolean", .path = path};
}

constexpr Column cell(std::string_view name, Column::Cell made, std::string_view type = "string") {
  return {.name = name, .type = type, .cell = made};
}

// Only with -o wide.
constexpr Column wide(Column column) {
  column.priority = 1;
  return column;
}

// --- Pods ---

constexpr Column kPods[] = {
    field("Name", "metadata.name"),
    cell("Ready", pod_ready),
    cell("Status", pod_status),
    cell("Restarts", pod_restarts),
    cell("Age", age),
    wide(field("IP", "status.podIP", "<none>")),
    wide(field("Node", "spec.nodeName", "<none>")),
    wide(field("Nominated Node", "status.nominatedNodeName", "<none>")),
    wide(cell("Readiness Gates", [](const Object&, Now) { return text("<none>"); })),
};

// --- Nodes ---

constexpr Column kNodes[] = {
    field("Name", "metadata.name"),
    cell("Status", node_status),
    cell("Roles", node_roles),
    cell("Age", age),
    field("Version", "status.nodeInfo.kubeletVersion"),
    wide(cell("Internal-IP",
              [](const Object& o, Now) { return text(node_address(o, "InternalIP")); })),
    wide(cell("External-IP",
              [](const Object& o, Now) { return text(node_address(o, "ExternalIP")); })),
    wide(field("OS-Image", "status.nodeInfo.osImage", "<unknown>")),
    wide(field("Kernel-Version", "status.nodeInfo.kernelVersion", "<unknown>")),
    wide(field("Container-Runtime", "status.nodeInfo.containerRuntimeVersion", "<unknown>")),
};

// --- Workloads ---

constexpr Column kDeployments[] = {
    field("Name", "metadata.name"),
    cell("Ready", ready_of_replicas),
    count("Up-to-date", "status.updatedReplicas"),
    count("Available", "status.availableReplicas"),
    cell("Age", age),
    wide(cell("Containers", containers)),
    wide(cell("Images", images)),
    wide(cell("Selector", selector)),
};

constexpr Column kReplicaSets[] = {
    field("Name", "metadata.name"),
    cell(
        "Desired",
        [](const Object& o, Now) { return Value(int_at(o, "spec.replicas", 1)); },
        "integer"),
    count("Current", "status.replicas"),
    count("Ready", "status.readyReplicas"),
    cell("Age", age),
    wide(cell("Containers", containers)),
    wide(cell("Images", images)),
    wide(cell("Selector", selector)),
};

constexpr Column kStatefulSets[] = {
    field("Name", "metadata.name"),
    cell("Ready", ready_of_replicas),
    cell("Age", age),
    wide(cell("Containers", containers)),
    wide(cell("Images", images)),
};

constexpr Column kDaemonSets[] = {
    field("Name", "metadata.name"),
    count("Desired", "status.desiredNumberScheduled"),
    count("Current", "status.currentNumberScheduled"),
    count("Ready", "status.numberReady"),
    count("Up-to-date", "status.updatedNumberScheduled"),
    count("Available", "status.numberAvailable"),
    cell("Node Selector",
         [](const Object& o, Now) {
           return text(labels_text(object_at(o, "spec.template.spec.nodeSelector")));
         }),
    cell("Age", age),
    wide(cell("Containers", containers)),
    wide(cell("Images", images)),
    wide(cell("Selector", selector)),
};

constexpr Column kJobs[] = {
    field("Name", "metadata.name"),
    cell("Status", job_status),
    cell("Completions",
         [](const Object& o, Now) {
           return text(ratio(int_at(o, "status.succeeded"), int_at(o, "spec.completions", 1)));
         }),
    cell("Duration", job_duration),
    cell("Age", age),
    wide(cell("Containers", containers)),
    wide(cell("Images", images)),
    wide(cell("Selector", selector)),
};

constexpr Column kCronJobs[] = {
    field("Name", "metadata.name"),
    field("Schedule", "spec.schedule"),
    field("Timezone", "spec.timeZone", "<none>"),
    cell("Suspend",
         [](const Object& o, Now) { return text(bool_at(o, "spec.suspend") ? "True" : "False"); }),
    cell("Age", age),
};

// --- Policy and scheduling ---

constexpr Column kBudgets[] = {
    field("Name", "metadata.name"),
    cell("Min Available", [](const Object& o, Now) { return int_or_text(o, "spec.minAvailable"); }),
    cell("Max Unavailable",
         [](const Object& o, Now) { return int_or_text(o, "spec.maxUnavailable"); }),
    count("Allowed Disruptions", "status.disruptionsAllowed"),
    cell("Age", age),
};

constexpr Column kPriorityClasses[] = {
    field("Name", "metadata.name"),
    count("Value", "value"),
    flag("Global-Default", "globalDefault"),
    cell("Age", age),
    field("PreemptionPolicy", "preemptionPolicy", "PreemptLowerPriority"),
};

constexpr Column kLeases[] = {
    field("Name", "metadata.name"),
    field("Holder", "spec.holderIdentity"),
    cell("Age", age),
};

constexpr Column kNamespaces[] = {
    field("Name", "metadata.name"),
    field("Status", "status.phase"),
    cell("Age", age),
};

// --- Events ---

constexpr Column kEvents[] = {
    cell("Last Seen", event_last_seen),
    field("Type", "type"),
    field("Reason", "reason"),
    cell("Object", event_object),
    wide(field("Subobject", "involvedObject.fieldPath")),
    wide(cell("Source",
              [](const Object& o, Now) {
                return text(first_of(o, {"source.component", "reportingComponent"}));
              })),
    field("Message", "message"),
    wide(cell("First Seen", event_first_seen)),
    wide(cell(
        "Count", [](const Object& o, Now) { return Value(int_at(o, "count", 1)); }, "integer")),
    wide(field("Name", "metadata.name")),
};

// --- Storage ---

constexpr Column kClaims[] = {
    field("Name", "metadata.name"),
    field("Status", "status.phase"),
    field("Volume", "spec.volumeName"),
    field("Capacity", "status.capacity.storage"),
    cell("Access Modes", access_modes),
    field("StorageClass", "spec.storageClassName"),
    cell("Age", age),
};

constexpr Column kVolumes[] = {
    field("Name", "metadata.name"),
    field("Capacity", "spec.capacity.storage"),
    cell("Access Modes", access_modes),
    field("Reclaim Policy", "spec.persistentVolumeReclaimPolicy"),
    field("Status", "status.phase"),
    field("Claim", "spec.claimRef.name"),
    field("StorageClass", "spec.storageClassName"),
    cell("Age", age),
};

constexpr Column kStorageClasses[] = {
    field("Name", "metadata.name"),
    field("Provisioner", "provisioner"),
    field("ReclaimPolicy", "reclaimPolicy", "Delete"),
    field("VolumeBindingMode", "volumeBindingMode", "Immediate"),
    flag("AllowVolumeExpansion", "allowVolumeExpansion"),
    cell("Age", age),
};

// --- The rest ---

constexpr Column kConfigMaps[] = {
    field("Name", "metadata.name"), cell("Data", data_count, "integer"), cell("Age", age)};

constexpr Column kSecrets[] = {
    field("Name", "metadata.name"),
    field("Type", "type", "Opaque"),
    cell("Data", data_count, "integer"),
    cell("Age", age),
};

constexpr Column kServices[] = {
    field("Name", "metadata.name"),
    field("Type", "spec.type", "ClusterIP"),
    field("Cluster-IP", "spec.clusterIP", "<none>"),
    cell("External-IP", [](const Object&, Now) { return text("<none>"); }),
    cell("Port(s)", service_ports),
    cell("Age", age),
    wide(cell(
        "Selector",
        [](const Object& o, Now) { return text(labels_text(object_at(o, "spec.selector"))); })),
};

constexpr Column kDefinitions[] = {
    field("Name", "metadata.name"),
    cell(
        "Created At",
        [](const Object& o, Now) { return text(text_at(o, "metadata.creationTimestamp")); },
        "date"),
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

json::value cell_of(const Column& column, const json::object& object, k8s::TimeNs now) {
  if (column.cell != nullptr) {
    return column.cell(object, now);
  }
  if (column.type == "integer") {
    return int_at(object, column.path);
  }
  if (column.type == "boolean") {
    return bool_at(object, column.path);
  }
  return cells::text_or(text_at(object, column.path), column.fallback);
}

std::span<const Column> columns_of(const ResourceType& type) {
  for (const KindColumns& entry : kAll) {
    if (entry.plural == type.plural && !type.custom) {
      return entry.columns;
    }
  }
  return {};
}

}  // namespace sim::api

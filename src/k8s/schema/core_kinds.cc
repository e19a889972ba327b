#include "k8s/schema/core_kinds.h"

#include <string_view>

#include "k8s/schema/core_checks.h"
#include "k8s/schema/core_types.h"

namespace k8s::schema {
namespace {

using Check = decltype(KindSchema::check);
using Fill = decltype(KindSchema::fill);

struct Row {
  std::string_view group;
  std::string_view kind;
  std::string_view plural;
  std::string_view singular;
  bool is_namespaced;
  bool has_status;
  Check check = nullptr;
  Fill fill = nullptr;
};

constexpr Row kRows[] = {
    {"", "ConfigMap", "configmaps", "configmap", true, false},
    {"", "Event", "events", "event", true, false},
    {"", "Namespace", "namespaces", "namespace", false, true},
    {"", "Node", "nodes", "node", false, true, check_node},
    {"", "PersistentVolume", "persistentvolumes", "persistentvolume", false, true, check_volume},
    {"",
     "PersistentVolumeClaim",
     "persistentvolumeclaims",
     "persistentvolumeclaim",
     true,
     true,
     check_claim},
    {"", "Pod", "pods", "pod", true, true, check_pod, fill_pod},
    {"", "PodTemplate", "podtemplates", "podtemplate", true, false},
    {"", "Secret", "secrets", "secret", true, false},
    {"", "Service", "services", "service", true, true, nullptr, fill_service},
    {"", "ServiceAccount", "serviceaccounts", "serviceaccount", true, false},
    {"apps", "DaemonSet", "daemonsets", "daemonset", true, true, check_workload, fill_workload},
    {"apps", "Deployment", "deployments", "deployment", true, true, check_workload, fill_workload},
    {"apps", "ReplicaSet", "replicasets", "replicaset", true, true, check_workload, fill_workload},
    {"apps",
     "StatefulSet",
     "statefulsets",
     "statefulset",
     true,
     true,
     check_workload,
     fill_workload},
    {"batch", "Job", "jobs", "job", true, true, check_job, fill_job},
    {"coordination.k8s.io", "Lease", "leases", "lease", true, false},
    {"policy",
     "PodDisruptionBudget",
     "poddisruptionbudgets",
     "poddisruptionbudget",
     true,
     true,
     check_budget},
    {"resource.k8s.io", "DeviceClass", "deviceclasses", "deviceclass", false, false},
    {"resource.k8s.io", "ResourceClaim", "resourceclaims", "resourceclaim", true, true},
    {"resource.k8s.io",
     "ResourceClaimTemplate",
     "resourceclaimtemplates",
     "resourceclaimtemplate",
     true,
     false},
    {"resource.k8s.io", "ResourceSlice", "resourceslices", "resourceslice", false, false},
    {"scheduling.k8s.io", "PriorityClass", "priorityclasses", "priorityclass", false, false},
    {"storage.k8s.io", "CSINode", "csinodes", "csinode", false, false},
    {"storage.k8s.io", "StorageClass", "storageclasses", "storageclass", false, false},
    {"storage.k8s.io", "VolumeAttachment", "volumeattachments", "volumeattachment", false, true},
};

}  // namespace

std::vector<KindSchema> core_kinds() {
  std::vector<KindSchema> out;
  for (const Row& row : kRows) {
    KindSchema kind{
        .group = std::string(row.group),
        .version = "v1",
        .kind = std::string(row.kind),
        .plural = std::string(row.plural),
        .singular = std::string(row.singular),
        .is_namespaced = row.is_namespaced,
        .has_status = row.has_status,
        .has_scale =
            row.kind == "Deployment" || row.kind == "ReplicaSet" || row.kind == "StatefulSet",
        .schema = core_types().get(row.kind),
        .check = row.check,
        .fill = row.fill,
    };
    out.push_back(std::move(kind));
  }
  return out;
}

}  // namespace k8s::schema

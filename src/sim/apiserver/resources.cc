#include "sim/apiserver/resources.h"

#include <array>
#include <string>

#include "base/assert.h"

namespace sim::api {

namespace {

using k8s::Kind;

constexpr bool kNamespaced = true;
constexpr bool kCluster = false;
constexpr bool kStatus = true;
constexpr bool kNoStatus = false;
constexpr bool kScale = true;
constexpr bool kNoScale = false;
constexpr bool kBuiltIn = false;
constexpr bool kCustom = true;
constexpr auto kPlain = Storage::kPlain;
constexpr auto kSpec = Storage::kSpec;
constexpr auto kVirtual = Storage::kVirtual;
constexpr std::optional<Kind> kUntyped = std::nullopt;
constexpr std::string_view kRbac = "rbac.authorization.k8s.io";
constexpr std::string_view kAuthz = "authorization.k8s.io";
constexpr std::string_view kAuthn = "authentication.k8s.io";
constexpr std::string_view kStorageGroup = "storage.k8s.io";
constexpr std::string_view kDevices = "resource.k8s.io";
constexpr std::string_view kNet = "networking.k8s.io";

// clang-format off
constexpr std::array kTypes = {
    ResourceType{"", "v1", "pods", "pod", "Pod", "po", "all", kNamespaced, kStatus, kNoScale, kSpec, kBuiltIn, Kind::kPod},
    ResourceType{"", "v1", "nodes", "node", "Node", "no", "", kCluster, kStatus, kNoScale, kPlain, kBuiltIn, Kind::kNode},
    ResourceType{"", "v1", "namespaces", "namespace", "Namespace", "ns", "", kCluster, kStatus, kNoScale, kPlain, kBuiltIn, Kind::kNamespace},
    ResourceType{"", "v1", "events", "event", "Event", "ev", "", kNamespaced, kNoStatus, kNoScale, kPlain, kBuiltIn, Kind::kEvent},
    ResourceType{"", "v1", "services", "service", "Service", "svc", "all", kNamespaced, kStatus, kNoScale, kPlain, kBuiltIn, Kind::kService},
    ResourceType{"", "v1", "configmaps", "configmap", "ConfigMap", "cm", "", kNamespaced, kNoStatus, kNoScale, kPlain, kBuiltIn, kUntyped},
    ResourceType{"", "v1", "secrets", "secret", "Secret", "", "", kNamespaced, kNoStatus, kNoScale, kPlain, kBuiltIn, kUntyped},
    ResourceType{"", "v1", "serviceaccounts", "serviceaccount", "ServiceAccount", "sa", "", kNamespaced, kNoStatus, kNoScale, kPlain, kBuiltIn, kUntyped},
    ResourceType{"", "v1", "endpoints", "endpoints", "Endpoints", "ep", "", kNamespaced, kNoStatus, kNoScale, kPlain, kBuiltIn, kUntyped},
    ResourceType{"", "v1", "persistentvolumeclaims", "persistentvolumeclaim", "PersistentVolumeClaim", "pvc", "", kNamespaced, kStatus, kNoScale, kPlain, kBuiltIn, Kind::kPersistentVolumeClaim},
    ResourceType{"", "v1", "persistentvolumes", "persistentvolume", "PersistentVolume", "pv", "", kCluster, kStatus, kNoScale, kPlain, kBuiltIn, Kind::kPersistentVolume},
    ResourceType{"", "v1", "replicationcontrollers", "replicationcontroller", "ReplicationController", "rc", "all", kNamespaced, kStatus, kScale, kSpec, kBuiltIn, Kind::kReplicationController},
    ResourceType{"", "v1", "resourcequotas", "resourcequota", "ResourceQuota", "quota", "", kNamespaced, kStatus, kNoScale, kPlain, kBuiltIn, kUntyped},
    ResourceType{"", "v1", "limitranges", "limitrange", "LimitRange", "limits", "", kNamespaced, kNoStatus, kNoScale, kPlain, kBuiltIn, kUntyped},
    ResourceType{"", "v1", "podtemplates", "podtemplate", "PodTemplate", "", "", kNamespaced, kNoStatus, kNoScale, kSpec, kBuiltIn, Kind::kPodTemplate},
    ResourceType{"apps", "v1", "deployments", "deployment", "Deployment", "deploy", "all", kNamespaced, kStatus, kScale, kSpec, kBuiltIn, Kind::kDeployment},
    ResourceType{"apps", "v1", "replicasets", "replicaset", "ReplicaSet", "rs", "all", kNamespaced, kStatus, kScale, kSpec, kBuiltIn, Kind::kReplicaSet},
    ResourceType{"apps", "v1", "statefulsets", "statefulset", "StatefulSet", "sts", "all", kNamespaced, kStatus, kScale, kSpec, kBuiltIn, Kind::kStatefulSet},
    ResourceType{"apps", "v1", "daemonsets", "daemonset", "DaemonSet", "ds", "all", kNamespaced, kStatus, kNoScale, kSpec, kBuiltIn, Kind::kDaemonSet},
    ResourceType{"apps", "v1", "controllerrevisions", "controllerrevision", "ControllerRevision", "", "", kNamespaced, kNoStatus, kNoScale, kPlain, kBuiltIn, kUntyped},
    ResourceType{"batch", "v1", "jobs", "job", "Job", "", "all", kNamespaced, kStatus, kNoScale, kSpec, kBuiltIn, Kind::kJob},
    ResourceType{"batch", "v1", "cronjobs", "cronjob", "CronJob", "cj", "all", kNamespaced, kStatus, kNoScale, kSpec, kBuiltIn, kUntyped},
    ResourceType{"autoscaling", "v2", "horizontalpodautoscalers", "horizontalpodautoscaler", "HorizontalPodAutoscaler", "hpa", "all", kNamespaced, kStatus, kNoScale, kPlain, kBuiltIn, kUntyped},
    ResourceType{"policy", "v1", "poddisruptionbudgets", "poddisruptionbudget", "PodDisruptionBudget", "pdb", "", kNamespaced, kStatus, kNoScale, kSpec, kBuiltIn, Kind::kPodDisruptionBudget},
    ResourceType{"scheduling.k8s.io", "v1", "priorityclasses", "priorityclass", "PriorityClass", "pc", "", kCluster, kNoStatus, kNoScale, kSpec, kBuiltIn, Kind::kPriorityClass},
    ResourceType{"coordination.k8s.io", "v1", "leases", "lease", "Lease", "", "", kNamespaced, kNoStatus, kNoScale, kPlain, kBuiltIn, Kind::kLease},
    ResourceType{"discovery.k8s.io", "v1", "endpointslices", "endpointslice", "EndpointSlice", "", "", kNamespaced, kNoStatus, kNoScale, kSpec, kBuiltIn, kUntyped},
    ResourceType{kStorageGroup, "v1", "storageclasses", "storageclass", "StorageClass", "sc", "", kCluster, kNoStatus, kNoScale, kPlain, kBuiltIn, Kind::kStorageClass},
    ResourceType{kStorageGroup, "v1", "csinodes", "csinode", "CSINode", "", "", kCluster, kNoStatus, kNoScale, kPlain, kBuiltIn, Kind::kCSINode},
    ResourceType{kStorageGroup, "v1", "volumeattachments", "volumeattachment", "VolumeAttachment", "", "", kCluster, kStatus, kNoScale, kPlain, kBuiltIn, Kind::kVolumeAttachment},
    ResourceType{kStorageGroup, "v1", "csidrivers", "csidriver", "CSIDriver", "", "", kCluster, kNoStatus, kNoScale, kPlain, kBuiltIn, kUntyped},
    ResourceType{kDevices, "v1", "resourceclaims", "resourceclaim", "ResourceClaim", "", "", kNamespaced, kStatus, kNoScale, kPlain, kBuiltIn, Kind::kResourceClaim},
    ResourceType{kDevices, "v1", "resourceclaimtemplates", "resourceclaimtemplate", "ResourceClaimTemplate", "", "", kNamespaced, kNoStatus, kNoScale, kPlain, kBuiltIn, Kind::kResourceClaimTemplate},
    ResourceType{kDevices, "v1", "resourceslices", "resourceslice", "ResourceSlice", "", "", kCluster, kNoStatus, kNoScale, kPlain, kBuiltIn, Kind::kResourceSlice},
    ResourceType{kDevices, "v1", "deviceclasses", "deviceclass", "DeviceClass", "", "", kCluster, kNoStatus, kNoScale, kSpec, kBuiltIn, Kind::kDeviceClass},
    ResourceType{kNet, "v1", "networkpolicies", "networkpolicy", "NetworkPolicy", "netpol", "", kNamespaced, kNoStatus, kNoScale, kSpec, kBuiltIn, kUntyped},
    ResourceType{kNet, "v1", "ingresses", "ingress", "Ingress", "ing", "", kNamespaced, kStatus, kNoScale, kSpec, kBuiltIn, kUntyped},
    ResourceType{kRbac, "v1", "roles", "role", "Role", "", "", kNamespaced, kNoStatus, kNoScale, kPlain, kBuiltIn, kUntyped},
    ResourceType{kRbac, "v1", "rolebindings", "rolebinding", "RoleBinding", "", "", kNamespaced, kNoStatus, kNoScale, kPlain, kBuiltIn, kUntyped},
    ResourceType{kRbac, "v1", "clusterroles", "clusterrole", "ClusterRole", "", "", kCluster, kNoStatus, kNoScale, kPlain, kBuiltIn, kUntyped},
    ResourceType{kRbac, "v1", "clusterrolebindings", "clusterrolebinding", "ClusterRoleBinding", "", "", kCluster, kNoStatus, kNoScale, kPlain, kBuiltIn, kUntyped},
    ResourceType{kAuthz, "v1", "selfsubjectaccessreviews", "selfsubjectaccessreview", "SelfSubjectAccessReview", "", "", kCluster, kNoStatus, kNoScale, kVirtual, kBuiltIn, kUntyped},
    ResourceType{kAuthz, "v1", "selfsubjectrulesreviews", "selfsubjectrulesreview", "SelfSubjectRulesReview", "", "", kCluster, kNoStatus, kNoScale, kVirtual, kBuiltIn, kUntyped},
    ResourceType{kAuthz, "v1", "subjectaccessreviews", "subjectaccessreview", "SubjectAccessReview", "", "", kCluster, kNoStatus, kNoScale, kVirtual, kBuiltIn, kUntyped},
    ResourceType{kAuthn, "v1", "selfsubjectreviews", "selfsubjectreview", "SelfSubjectReview", "", "", kCluster, kNoStatus, kNoScale, kVirtual, kBuiltIn, kUntyped},
    ResourceType{"apiextensions.k8s.io", "v1", "customresourcedefinitions", "customresourcedefinition", "CustomResourceDefinition", "crd,crds", "api-extensions", kCluster, kStatus, kNoScale, kSpec, kBuiltIn, kUntyped},
    ResourceType{"karpenter.sh", "v1", "nodepools", "nodepool", "NodePool", "", "karpenter", kCluster, kStatus, kScale, kSpec, kCustom, Kind::kNodePool},
    ResourceType{"karpenter.sh", "v1", "nodeclaims", "nodeclaim", "NodeClaim", "", "karpenter", kCluster, kStatus, kNoScale, kSpec, kCustom, Kind::kNodeClaim},
    ResourceType{"karpenter.sh", "v1alpha1", "nodeoverlays", "nodeoverlay", "NodeOverlay", "overlays", "karpenter", kCluster, kStatus, kNoScale, kSpec, kCustom, Kind::kNodeOverlay},
    ResourceType{"karpenter.k8s.aws", "v1", "ec2nodeclasses", "ec2nodeclass", "EC2NodeClass", "ec2nc,ec2ncs", "karpenter", kCluster, kStatus, kNoScale, kSpec, kCustom, Kind::kEC2NodeClass},
    ResourceType{"karpenter.kwok.sh", "v1alpha1", "kwoknodeclasses", "kwoknodeclass", "KWOKNodeClass", "kwoknc,kwokncs", "karpenter", kCluster, kStatus, kNoScale, kSpec, kCustom, Kind::kKWOKNodeClass},
    ResourceType{"autoscaling.x-k8s.io", "v1beta1", "capacitybuffers", "capacitybuffer", "CapacityBuffer", "cb", "autoscaling", kNamespaced, kStatus, kNoScale, kSpec, kCustom, Kind::kCapacityBuffer},
};
// clang-format on

constexpr TypeId id_at(std::size_t index) {
  return static_cast<TypeId>(index);
}

template <typename Predicate>
std::optional<TypeId> find_type(Predicate matches) {
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    if (matches(kTypes[i])) {
      return id_at(i);
    }
  }
  return std::nullopt;
}

}  // namespace

std::span<const ResourceType> resource_types() {
  return kTypes;
}

const ResourceType& resource_type(TypeId id) {
  const auto index = static_cast<std::size_t>(id);
  ASSERT(index < kTypes.size());
  return kTypes[index];
}

std::optional<TypeId> find_resource(std::string_view group,
                                    std::string_view version,
                                    std::string_view plural) {
  return find_type([&](const ResourceType& type) {
    return type.plural == plural && type.group == group && type.version == version;
  });
}

std::optional<TypeId> find_kind(std::string_view api_version, std::string_view kind) {
  return find_type([&](const ResourceType& type) {
    return type.kind == kind && api_version_of(type) == api_version;
  });
}

TypeId type_of(k8s::Kind kind) {
  const auto found = find_type([&](const ResourceType& type) { return type.typed == kind; });
  ASSERT(found.has_value());
  return *found;
}

std::string api_version_of(const ResourceType& type) {
  return type.group.empty() ? std::string(type.version)
                            : std::string(type.group) + "/" + std::string(type.version);
}

}  // namespace sim::api

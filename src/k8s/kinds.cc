#include "k8s/kinds.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/assert.h"

namespace k8s {
namespace {

using Names = std::array<std::string_view, 1>;

constexpr std::size_t kKindCount = static_cast<std::size_t>(Kind::kCount);
constexpr std::string_view kKarpenter = "karpenter.sh";

constexpr Names kPo = {"po"};
constexpr Names kNo = {"no"};
constexpr Names kDs = {"ds"};
constexpr Names kDeploy = {"deploy"};
constexpr Names kRs = {"rs"};
constexpr Names kRc = {"rc"};
constexpr Names kSts = {"sts"};
constexpr Names kPvc = {"pvc"};
constexpr Names kPv = {"pv"};
constexpr Names kSc = {"sc"};
constexpr Names kPdb = {"pdb"};
constexpr Names kPc = {"pc"};
constexpr Names kNs = {"ns"};
constexpr Names kSvc = {"svc"};
constexpr Names kEv = {"ev"};
constexpr Names kOverlays = {"overlays"};
constexpr Names kCb = {"cb"};
constexpr std::array<std::string_view, 2> kEc2nc = {"ec2nc", "ec2ncs"};
constexpr std::array<std::string_view, 2> kKwoknc = {"kwoknc", "kwokncs"};
constexpr Names kAll = {"all"};
constexpr Names kKarpenterCategory = {"karpenter"};
constexpr Names kAutoscaling = {"autoscaling"};
constexpr std::string_view kBuffers = "autoscaling.x-k8s.io";
constexpr std::string_view kDevices = "resource.k8s.io";

// In the order of Kind (asserted below).
// clang-format off
constexpr std::array<KindFacts, kKindCount> kKinds = {{
  {Kind::kPod, "", "v1", "Pod", "pods", "pod", kPo, kAll, true, true, false},
  {Kind::kNode, "", "v1", "Node", "nodes", "node", kNo, {}, false, true, false},
  {Kind::kNodeClaim, kKarpenter, "v1", "NodeClaim", "nodeclaims", "nodeclaim", {}, kKarpenterCategory, false, true, false},
  {Kind::kNodePool, kKarpenter, "v1", "NodePool", "nodepools", "nodepool", {}, kKarpenterCategory, false, true, true},
  {Kind::kEC2NodeClass, "karpenter.k8s.aws", "v1", "EC2NodeClass", "ec2nodeclasses", "ec2nodeclass", kEc2nc, kKarpenterCategory, false, true, false},
  {Kind::kKWOKNodeClass, "karpenter.kwok.sh", "v1alpha1", "KWOKNodeClass", "kwoknodeclasses", "kwoknodeclass", kKwoknc, kKarpenterCategory, false, true, false},
  {Kind::kNodeOverlay, kKarpenter, "v1alpha1", "NodeOverlay", "nodeoverlays", "nodeoverlay", kOverlays, kKarpenterCategory, false, true, false},
  {Kind::kDaemonSet, "apps", "v1", "DaemonSet", "daemonsets", "daemonset", kDs, kAll, true, true, false},
  {Kind::kDeployment, "apps", "v1", "Deployment", "deployments", "deployment", kDeploy, kAll, true, true, true},
  {Kind::kReplicaSet, "apps", "v1", "ReplicaSet", "replicasets", "replicaset", kRs, kAll, true, true, true},
  {Kind::kStatefulSet, "apps", "v1", "StatefulSet", "statefulsets", "statefulset", kSts, kAll, true, true, true},
  {Kind::kJob, "batch", "v1", "Job", "jobs", "job", {}, kAll, true, true, false},
  {Kind::kPersistentVolumeClaim, "", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", "persistentvolumeclaim", kPvc, {}, true, true, false},
  {Kind::kPersistentVolume, "", "v1", "PersistentVolume", "persistentvolumes", "persistentvolume", kPv, {}, false, true, false},
  {Kind::kStorageClass, "storage.k8s.io", "v1", "StorageClass", "storageclasses", "storageclass", kSc, {}, false, false, false},
  {Kind::kCSINode, "storage.k8s.io", "v1", "CSINode", "csinodes", "csinode", {}, {}, false, false, false},
  {Kind::kVolumeAttachment, "storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", "volumeattachment", {}, {}, false, true, false},
  {Kind::kPodDisruptionBudget, "policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", "poddisruptionbudget", kPdb, {}, true, true, false},
  {Kind::kPriorityClass, "scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", "priorityclass", kPc, {}, false, false, false},
  {Kind::kNamespace, "", "v1", "Namespace", "namespaces", "namespace", kNs, {}, false, true, false},
  {Kind::kService, "", "v1", "Service", "services", "service", kSvc, kAll, true, true, false},
  {Kind::kEvent, "", "v1", "Event", "events", "event", kEv, {}, true, false, false},
  {Kind::kLease, "coordination.k8s.io", "v1", "Lease", "leases", "lease", {}, {}, true, false, false},
  {Kind::kPodTemplate, "", "v1", "PodTemplate", "podtemplates", "podtemplate", {}, {}, true, false, false},
  {Kind::kCapacityBuffer, kBuffers, "v1beta1", "CapacityBuffer", "capacitybuffers", "capacitybuffer", kCb, kAutoscaling, true, true, false},
  {Kind::kResourceClaim, kDevices, "v1", "ResourceClaim", "resourceclaims", "resourceclaim", {}, {}, true, true, false},
  {Kind::kResourceClaimTemplate, kDevices, "v1", "ResourceClaimTemplate", "resourceclaimtemplates", "resourceclaimtemplate", {}, {}, true, false, false},
  {Kind::kResourceSlice, kDevices, "v1", "ResourceSlice", "resourceslices", "resourceslice", {}, {}, false, false, false},
  {Kind::kDeviceClass, kDevices, "v1", "DeviceClass", "deviceclasses", "deviceclass", {}, {}, false, false, false},
  {Kind::kReplicationController, "", "v1", "ReplicationController", "replicationcontrollers", "replicationcontroller", kRc, kAll, true, true, true},
}};
// clang-format on

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kKindCount; ++i) {
    if (static_cast<std::size_t>(kKinds[i].kind) != i) {
      return false;
    }
  }
  return true;
}

static_assert(is_in_order());

template <typename Predicate>
std::optional<Kind> find_first(Predicate predicate) {
  const auto it = std::ranges::find_if(kKinds, predicate);
  return it == kKinds.end() ? std::nullopt : std::optional(it->kind);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(
      out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool is_called(const KindFacts& f, std::string_view lower_name) {
  return f.plural == lower_name || f.singular == lower_name ||
         std::ranges::find(f.short_names, lower_name) != f.short_names.end();
}

}  // namespace

const KindFacts& facts(Kind kind) {
  ASSERT(kind < Kind::kCount);
  return kKinds[static_cast<std::size_t>(kind)];
}

std::span<const KindFacts> all_kinds() {
  return kKinds;
}

std::string api_version(Kind kind) {
  const KindFacts& f = facts(kind);
  return f.group.empty() ? std::string(f.version)
                         : std::string(f.group).append("/").append(f.version);
}

std::string_view kind_name(Kind kind) {
  return facts(kind).name;
}

std::optional<Kind> find_kind(std::string_view api_version, std::string_view kind) {
  const auto [group, version] = split_api_version(api_version);
  return find_first([&](const KindFacts& f) {
    return f.name == kind && f.group == group && f.version == version;
  });
}

std::optional<Kind> find_kind_in_group(std::string_view group, std::string_view kind) {
  return find_first([&](const KindFacts& f) { return f.name == kind && f.group == group; });
}

std::optional<Kind> find_resource(std::string_view group,
                                  std::string_view version,
                                  std::string_view plural) {
  return find_first([&](const KindFacts& f) {
    return f.plural == plural && f.group == group && f.version == version;
  });
}

std::optional<Kind> find_kind_by_alias(std::string_view name) {
  const std::string text = lower(name);
  const std::size_t dot = text.find('.');
  const std::string_view base = std::string_view(text).substr(0, dot);
  const std::string_view group =
      dot == std::string::npos ? std::string_view() : std::string_view(text).substr(dot + 1);
  return find_first([&](const KindFacts& f) {
    return is_called(f, base) && (dot == std::string::npos || f.group == group);
  });
}

GroupVersion split_api_version(std::string_view api_version) {
  const std::size_t slash = api_version.find('/');
  if (slash == std::string_view::npos) {
    return {"", api_version};
  }
  return {api_version.substr(0, slash), api_version.substr(slash + 1)};
}

bool is_custom(Kind kind) {
  const std::string_view group = facts(kind).group;
  return group == kKarpenter || group.starts_with("karpenter.") || group == kBuffers;
}

}  // namespace k8s

// The kinds that make pods, and the kinds that constrain them. Plain values (k8s/meta.h).
#pragma once

#include "k8s/pod.h"

namespace k8s {

struct PodTemplate {
  StringMap labels;
  StringMap annotations;
  PodSpec spec;
};

struct PersistentVolumeClaim : Object {
  std::string volume_name;
  std::optional<std::string> storage_class;
  std::string phase;

  PersistentVolumeClaim() : Object(Kind::kPersistentVolumeClaim) {}
};

// Deployment, ReplicaSet, ReplicationController, StatefulSet, DaemonSet and Job differ, for us, in
// their kind and in who counts only. The selector of a ReplicationController has labels only.
struct Workload : Object {
  std::int64_t replicas = 1;     // Deployments, ReplicaSets, StatefulSets.
  std::int64_t parallelism = 1;  // Jobs.
  std::int64_t completions = 1;  // Jobs.
  std::optional<LabelSelector> selector;
  PodTemplate pod_template;
  std::vector<PersistentVolumeClaim> claim_templates;  // StatefulSets: volumeClaimTemplates.
  std::int64_t observed_replicas = 0;                  // status.replicas
  using Object::Object;
};

struct PersistentVolume : Object {
  std::string csi_driver;
  bool is_aws_ebs = false;  // In-tree awsElasticBlockStore.
  bool is_local = false;    // local or hostPath.
  std::vector<NodeSelectorTerm> node_affinity;
  std::string storage_class;

  PersistentVolume() : Object(Kind::kPersistentVolume) {}
};

struct StorageClass : Object {
  std::string provisioner;
  std::string binding_mode;  // Empty is "Immediate".
  std::vector<std::vector<SelectorTerm>> allowed_topologies;

  StorageClass() : Object(Kind::kStorageClass) {}
};

struct CSIDriverOnNode {
  std::string name;
  std::string node_id;
  std::optional<std::int32_t> allocatable_count;
};

struct CSINode : Object {
  std::vector<CSIDriverOnNode> drivers;

  CSINode() : Object(Kind::kCSINode) {}
};

struct VolumeAttachment : Object {
  std::string node_name;
  std::string volume_name;

  VolumeAttachment() : Object(Kind::kVolumeAttachment) {}
};

// An absolute count or a percentage, as the API's IntOrString.
struct IntOrPercent {
  std::int64_t value = 0;
  bool is_percent = false;
};

struct PodDisruptionBudget : Object {
  std::optional<LabelSelector> selector;
  std::optional<IntOrPercent> min_available;
  std::optional<IntOrPercent> max_unavailable;
  std::string unhealthy_pod_eviction_policy;
  std::int64_t disruptions_allowed = 0;
  std::int64_t current_healthy = 0;
  std::int64_t desired_healthy = 0;
  std::int64_t expected_pods = 0;

  PodDisruptionBudget() : Object(Kind::kPodDisruptionBudget) {}
};

struct PriorityClass : Object {
  std::int32_t value = 0;
  bool global_default = false;
  std::string preemption_policy;

  PriorityClass() : Object(Kind::kPriorityClass) {}
};

struct Namespace : Object {
  Namespace() : Object(Kind::kNamespace) {}
};

struct Service : Object {
  StringMap selector;

  Service() : Object(Kind::kService) {}
};

struct Event : Object {
  ObjectReference involved;
  std::string reason;
  std::string message;
  std::string type;
  std::string component;
  std::int64_t count = 0;
  TimeNs first_time = 0;
  TimeNs last_time = 0;

  Event() : Object(Kind::kEvent) {}
};

struct Lease : Object {
  std::string holder;
  std::int64_t duration_seconds = 0;
  TimeNs acquire_time = 0;
  TimeNs renew_time = 0;
  std::int64_t transitions = 0;

  Lease() : Object(Kind::kLease) {}
};

}  // namespace k8s

// Nodes, namespaces, storage and the small kinds.
#include "k8s/schema/core_types.h"

namespace k8s::schema {

std::string_view cluster_type_table() {
  return R"(
core.v1.NodeSpec What is said about a node.
  configSource any
  externalID string
  podCIDR string
  podCIDRs []string
  providerID string # The instance, as the cloud calls it.
  taints []Taint # What keeps pods away.
  unschedulable bool # No new pods, please.
core.v1.NodeStatus... What the kubelet reports.
  addresses []any
  allocatable quantities # What pods may use.
  capacity quantities # What the machine has.
  conditions []Condition
  nodeInfo any
  phase string
core.v1.Node A machine that runs pods.
  apiVersion string
  kind string
  metadata ObjectMeta
  spec NodeSpec
  status NodeStatus
core.v1.NamespaceSpec
  finalizers []string
core.v1.NamespaceStatus...
  phase string
core.v1.Namespace A room for names.
  apiVersion string
  kind string
  metadata ObjectMeta
  spec NamespaceSpec
  status NamespaceStatus
core.v1.ServicePort One port of a service.
  appProtocol string
  name string
  nodePort int32
  port! int32 min(1) max(65535)
  protocol string enum(TCP|UDP|SCTP) =TCP
  targetPort intstr
core.v1.ServiceSpec... Which pods are reached and how.
  clusterIP string
  clusterIPs []string
  externalName string
  ports []ServicePort
  selector labels # Its pods.
  sessionAffinity string enum(ClientIP|None) =None
  type string enum(ClusterIP|NodePort|LoadBalancer|ExternalName) =ClusterIP
core.v1.ServiceStatus...
  conditions []Condition
core.v1.Service A stable address for pods.
  apiVersion string
  kind string
  metadata ObjectMeta
  spec ServiceSpec
  status ServiceStatus
core.v1.VolumeNodeAffinity Which nodes reach the volume.
  required NodeSelector
core.v1.PersistentVolumeSpec... A piece of storage.
  accessModes []string
  awsElasticBlockStore any
  capacity quantities
  claimRef ObjectReference
  csi any
  hostPath any
  local any
  nodeAffinity VolumeNodeAffinity # Which nodes reach the volume.
  persistentVolumeReclaimPolicy string enum(Retain|Recycle|Delete) =Retain
  storageClassName string
  volumeMode string enum(Filesystem|Block) =Filesystem
core.v1.PersistentVolumeStatus...
  phase string
core.v1.PersistentVolume A piece of storage in the cluster.
  apiVersion string
  kind string
  metadata ObjectMeta
  spec PersistentVolumeSpec
  status PersistentVolumeStatus
core.v1.TopologySelectorLabelRequirement A label and the values that it may have.
  key! string
  values! []string
core.v1.TopologySelectorTerm Labels that must all fit.
  matchLabelExpressions []TopologySelectorLabelRequirement
storage.v1.StorageClass How storage is made.
  allowVolumeExpansion bool
  allowedTopologies []TopologySelectorTerm # Where volumes may be made.
  apiVersion string
  kind string
  metadata ObjectMeta
  mountOptions []string
  parameters labels
  provisioner! string # Who makes the volumes.
  reclaimPolicy string enum(Retain|Recycle|Delete) =Delete
  volumeBindingMode string enum(Immediate|WaitForFirstConsumer) =Immediate
storage.v1.VolumeNodeResources
  count int32 # How many volumes fit.
storage.v1.CSINodeDriver A driver that runs on the node.
  allocatable VolumeNodeResources
  name! string
  nodeID! string
  topologyKeys []string
storage.v1.CSINodeSpec
  drivers! []CSINodeDriver unique(name)
storage.v1.CSINode The storage drivers of a node.
  apiVersion string
  kind string
  metadata ObjectMeta
  spec! CSINodeSpec
storage.v1.VolumeAttachmentSource What is attached.
  inlineVolumeSpec any
  persistentVolumeName string
storage.v1.VolumeAttachmentSpec
  attacher! string
  nodeName! string
  source! VolumeAttachmentSource
storage.v1.VolumeAttachment A volume that is or is to be attached to a node.
  apiVersion string
  kind string
  metadata ObjectMeta
  spec! VolumeAttachmentSpec
  status any
scheduling.v1.PriorityClass How important pods are.
  apiVersion string
  description string
  globalDefault bool # For pods that name no class.
  kind string
  metadata ObjectMeta
  preemptionPolicy string enum(PreemptLowerPriority|Never) =PreemptLowerPriority
  value! int32 # The larger, the more important.
core.v1.EventSource
  component string
  host string
core.v1.Event Something that happened.
  action string
  apiVersion string
  count int32
  eventTime time
  firstTimestamp time
  involvedObject! ObjectReference
  kind string
  lastTimestamp time
  message string
  metadata ObjectMeta
  reason string
  related ObjectReference
  reportingComponent string
  reportingInstance string
  series any
  source EventSource
  type string
coordination.v1.LeaseSpec
  acquireTime time
  holderIdentity string
  leaseDurationSeconds int32
  leaseTransitions int32
  preferredHolder string
  renewTime time
  strategy string
coordination.v1.Lease Who holds a role, and since when.
  apiVersion string
  kind string
  metadata ObjectMeta
  spec LeaseSpec
core.v1.ConfigMap Settings.
  apiVersion string
  binaryData labels
  data labels
  immutable bool
  kind string
  metadata ObjectMeta
core.v1.Secret Settings that are not for everyone.
  apiVersion string
  data labels
  immutable bool
  kind string
  metadata ObjectMeta
  stringData labels
  type string =Opaque
core.v1.ServiceAccount... Who pods are.
  apiVersion string
  automountServiceAccountToken bool
  imagePullSecrets []LocalObjectReference
  kind string
  metadata ObjectMeta
  secrets []ObjectReference
)";
}

}  // namespace k8s::schema

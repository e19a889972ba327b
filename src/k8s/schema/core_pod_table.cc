// Pod and what it is made of.
#include "k8s/schema/core_types.h"

namespace k8s::schema {

std::string_view pod_type_table() {
  return R"(
core.v1.ContainerPort A port that the container listens on.
  containerPort! int32 min(1) max(65535) # The port number.
  hostIP string
  hostPort int32 min(0) max(65535) # The port of the node that leads here.
  name string
  protocol string enum(TCP|UDP|SCTP) =TCP
core.v1.ResourceClaim One of the pod's resourceClaims.
  name! string
  request string
core.v1.ResourceRequirements What is needed and what may be used at most.
  claims []ResourceClaim
  limits quantities # What may be used at most.
  requests quantities # What is needed; default: the limits.
core.v1.EnvVar One environment variable.
  name! string
  value string
  valueFrom any
core.v1.VolumeMount Where a volume appears in the container.
  mountPath! string
  mountPropagation string
  name! string
  readOnly bool
  recursiveReadOnly string
  subPath string
  subPathExpr string
core.v1.VolumeDevice A raw block device in the container.
  devicePath! string
  name! string
core.v1.Probe... How the kubelet looks after a container.
  failureThreshold int32 =3
  initialDelaySeconds int32
  periodSeconds int32 =10
  successThreshold int32 =1
  terminationGracePeriodSeconds int64
  timeoutSeconds int32 =1
core.v1.ContainerResizePolicy What a change of a resource entails.
  resourceName! string
  restartPolicy! string enum(NotRequired|RestartContainer)
core.v1.Container One container of a pod.
  args []string # Arguments of the command.
  command []string # What to run; default: the image's entry point.
  env []EnvVar
  envFrom []any
  image string # The image, with tag or digest.
  imagePullPolicy string enum(Always|IfNotPresent|Never)
  lifecycle any
  livenessProbe Probe
  name! string # Unique in the pod.
  ports []ContainerPort
  readinessProbe Probe
  resizePolicy []ContainerResizePolicy
  resources ResourceRequirements # What the container needs.
  restartPolicy string enum(Always|OnFailure|Never) # Init containers: Always makes a sidecar.
  restartPolicyRules []any
  securityContext any
  startupProbe Probe
  stdin bool
  stdinOnce bool
  terminationMessagePath string =/dev/termination-log
  terminationMessagePolicy string enum(File|FallbackToLogsOnError) =File
  tty bool
  volumeDevices []VolumeDevice
  volumeMounts []VolumeMount unique(mountPath)
  workingDir string
core.v1.EphemeralContainer... A container added for debugging.
  image string
  name! string
core.v1.PersistentVolumeClaimVolumeSource A claim in the pod's namespace.
  claimName! string
  readOnly bool
core.v1.Volume... Storage that containers may mount.
  configMap any
  csi any
  emptyDir any
  ephemeral any # A claim that is made for the pod and goes with it.
  hostPath any
  name! string # Unique in the pod.
  persistentVolumeClaim PersistentVolumeClaimVolumeSource
  projected any
  secret any
core.v1.LocalObjectReference An object of the same namespace.
  name string
core.v1.PodResourceClaim A device claim of the pod.
  name! string
  resourceClaimName string
  resourceClaimTemplateName string
core.v1.PodSpec What a pod runs and where it may run.
  activeDeadlineSeconds int64 min(1)
  affinity Affinity # Where the pod may or would like to run.
  automountServiceAccountToken bool
  containers! []Container unique(name) # What runs; at least one.
  dnsConfig any
  dnsPolicy string enum(ClusterFirst|ClusterFirstWithHostNet|Default|None) =ClusterFirst
  enableServiceLinks bool
  ephemeralContainers []EphemeralContainer
  hostAliases []any
  hostIPC bool
  hostNetwork bool # Use the network of the node.
  hostPID bool
  hostUsers bool
  hostname string
  hostnameOverride string
  imagePullSecrets []LocalObjectReference
  initContainers []Container unique(name) # What runs first, one after the other.
  nodeName string # The node that the pod is bound to.
  nodeSelector labels # Labels that the node must have.
  os any
  overhead quantities # What running the pod costs beyond its containers.
  preemptionPolicy string enum(PreemptLowerPriority|Never)
  priority int32
  priorityClassName string
  readinessGates []any
  resourceClaims []PodResourceClaim unique(name)
  resources ResourceRequirements # For all containers together.
  restartPolicy string enum(Always|OnFailure|Never) # Whether containers are started again.
  runtimeClassName string
  schedulerName string =default-scheduler
  schedulingGates []PodSchedulingGate unique(name)
  securityContext any ={}
  serviceAccount string
  serviceAccountName string
  setHostnameAsFQDN bool
  shareProcessNamespace bool
  subdomain string
  terminationGracePeriodSeconds int64 min(0) =30 # How long the pod may take to stop.
  tolerations []Toleration # Taints that do not keep the pod away.
  topologySpreadConstraints []TopologySpreadConstraint # How pods of a kind are spread.
  volumes []Volume unique(name)
  workloadRef any
core.v1.ContainerStatus... What became of a container.
  name string
core.v1.PodStatus... What became of the pod.
  conditions []Condition
  containerStatuses []ContainerStatus
  ephemeralContainerStatuses []ContainerStatus
  hostIP string
  initContainerStatuses []ContainerStatus
  message string
  nominatedNodeName string
  phase string # Pending, Running, Succeeded, Failed or Unknown.
  podIP string
  podIPs []any
  qosClass string
  reason string
  startTime time
core.v1.Pod One or more containers that run together on a node.
  apiVersion string
  kind string
  metadata ObjectMeta
  spec! PodSpec # What runs and where.
  status PodStatus # What became of it.
core.v1.PodTemplateSpec What pods are made from.
  metadata ObjectMeta
  spec PodSpec
core.v1.PodTemplate A stored template.
  apiVersion string
  kind string
  metadata ObjectMeta
  template PodTemplateSpec
)";
}

}  // namespace k8s::schema

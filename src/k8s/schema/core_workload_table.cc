// The kinds that make pods, and disruption budgets.
#include "k8s/schema/core_types.h"

namespace k8s::schema {

std::string_view workload_type_table() {
  return R"(
apps.v1.RollingUpdate How many pods may be missing or too many during an update.
  maxSurge intstr
  maxUnavailable intstr
  partition int32 min(0)
apps.v1.UpdateStrategy How pods are replaced by new ones.
  rollingUpdate RollingUpdate
  type string
apps.v1.WorkloadStatus... How far the controller has come.
  availableReplicas int32
  conditions []Condition
  observedGeneration int64
  readyReplicas int32
  replicas int32
  updatedReplicas int32
apps.v1.DeploymentSpec What the Deployment keeps running.
  minReadySeconds int32 min(0)
  paused bool
  progressDeadlineSeconds int32 =600
  replicas int32 min(0) =1 # How many pods.
  revisionHistoryLimit int32 min(0) =10
  selector! LabelSelector # Its pods; must match the template's labels, never changes.
  strategy UpdateStrategy # How pods are replaced by new ones.
  template! PodTemplateSpec # What pods are made from.
apps.v1.Deployment Keeps a number of equal pods running and replaces them step by step.
  apiVersion string
  kind string
  metadata ObjectMeta
  spec! DeploymentSpec
  status WorkloadStatus
apps.v1.ReplicaSetSpec What the ReplicaSet keeps running.
  minReadySeconds int32 min(0)
  replicas int32 min(0) =1 # How many pods.
  selector! LabelSelector # Its pods; must match the template's labels, never changes.
  template PodTemplateSpec # What pods are made from.
apps.v1.ReplicaSet Keeps a number of equal pods running.
  apiVersion string
  kind string
  metadata ObjectMeta
  spec! ReplicaSetSpec
  status WorkloadStatus
apps.v1.DaemonSetSpec What runs on each node.
  minReadySeconds int32 min(0)
  revisionHistoryLimit int32 min(0) =10
  selector! LabelSelector # Its pods; must match the template's labels, never changes.
  template! PodTemplateSpec # What pods are made from.
  updateStrategy UpdateStrategy
apps.v1.DaemonSet Keeps one pod on each node that fits.
  apiVersion string
  kind string
  metadata ObjectMeta
  spec! DaemonSetSpec
  status WorkloadStatus
core.v1.VolumeResourceRequirements What a claim asks for.
  limits quantities
  requests quantities
core.v1.PersistentVolumeClaimSpec... What storage is asked for.
  accessModes []string # ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod.
  dataSource any
  dataSourceRef any
  resources VolumeResourceRequirements # How much.
  selector LabelSelector
  storageClassName string # How it is made; "" is none.
  volumeMode string enum(Filesystem|Block) =Filesystem
  volumeName string # The volume that the claim is bound to.
core.v1.PersistentVolumeClaimStatus...
  accessModes []string
  capacity quantities
  conditions []Condition
  phase string
core.v1.PersistentVolumeClaim Asks for storage.
  apiVersion string
  kind string
  metadata ObjectMeta
  spec PersistentVolumeClaimSpec
  status PersistentVolumeClaimStatus
apps.v1.StatefulSetSpec What the StatefulSet keeps running.
  minReadySeconds int32 min(0)
  ordinals any
  persistentVolumeClaimRetentionPolicy any
  podManagementPolicy string enum(OrderedReady|Parallel) =OrderedReady
  replicas int32 min(0) =1 # How many pods.
  revisionHistoryLimit int32 min(0) =10
  selector! LabelSelector # Its pods; must match the template's labels, never changes.
  serviceName string
  template! PodTemplateSpec # What pods are made from.
  updateStrategy UpdateStrategy
  volumeClaimTemplates []PersistentVolumeClaim # Claims that each pod gets.
apps.v1.StatefulSet Keeps pods with names and storage of their own running.
  apiVersion string
  kind string
  metadata ObjectMeta
  spec! StatefulSetSpec
  status WorkloadStatus
batch.v1.JobSpec What is to be done.
  activeDeadlineSeconds int64 min(0)
  backoffLimit int32 min(0) =6
  backoffLimitPerIndex int32 min(0)
  completionMode string enum(NonIndexed|Indexed) =NonIndexed
  completions int32 min(0)
  managedBy string
  manualSelector bool
  maxFailedIndexes int32 min(0)
  parallelism int32 min(0) # How many pods at a time.
  podFailurePolicy any
  podReplacementPolicy string enum(TerminatingOrFailed|Failed)
  selector LabelSelector
  successPolicy any
  suspend bool =false
  template! PodTemplateSpec # What pods are made from.
  ttlSecondsAfterFinished int32 min(0)
batch.v1.JobStatus... How far the job has come.
  active int32
  completionTime time
  conditions []Condition
  failed int32
  ready int32
  startTime time
  succeeded int32
batch.v1.Job Runs pods until enough of them have succeeded.
  apiVersion string
  kind string
  metadata ObjectMeta
  spec! JobSpec
  status JobStatus
policy.v1.PodDisruptionBudgetSpec How many pods may be missing.
  maxUnavailable intstr # At most this many, or this share, may be missing.
  minAvailable intstr # At least this many, or this share, must be there.
  selector LabelSelector # The pods; empty selects all of the namespace.
  unhealthyPodEvictionPolicy string enum(IfHealthyBudget|AlwaysAllow)
policy.v1.PodDisruptionBudgetStatus...
  conditions []Condition
  currentHealthy int32
  desiredHealthy int32
  disruptionsAllowed int32
  expectedPods int32
  observedGeneration int64
policy.v1.PodDisruptionBudget Limits how many pods may be evicted at a time.
  apiVersion string
  kind string
  metadata ObjectMeta
  spec PodDisruptionBudgetSpec
  status PodDisruptionBudgetStatus
)";
}

}  // namespace k8s::schema

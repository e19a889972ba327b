// The parts of a pod that say where it may run.
#include "k8s/schema/core_types.h"

namespace k8s::schema {

std::string_view pod_placement_type_table() {
  return R"(
core.v1.LabelSelectorRequirement One expression of a label selector.
  key! string # The label key.
  operator! string enum(In|NotIn|Exists|DoesNotExist) # How the label relates to the values.
  values []string # Needed for In and NotIn; else absent.
core.v1.LabelSelector Selects objects by their labels; empty selects all.
  matchExpressions []LabelSelectorRequirement # All must hold.
  matchLabels labels # Labels that must be equal.
core.v1.NodeSelectorRequirement One expression over the labels of a node.
  key! string # The label key.
  operator! string enum(In|NotIn|Exists|DoesNotExist|Gt|Lt) # How the label relates to the values.
  values []string # Needed for In and NotIn; one integer for Gt and Lt; else absent.
core.v1.NodeSelectorTerm Expressions that must all hold.
  matchExpressions []NodeSelectorRequirement # Over the labels of the node.
  matchFields []NodeSelectorRequirement # Over metadata.name of the node.
core.v1.NodeSelector Terms of which one must hold.
  nodeSelectorTerms! []NodeSelectorTerm
core.v1.PreferredSchedulingTerm A wish with a weight.
  preference! NodeSelectorTerm
  weight! int32 min(1) max(100)
core.v1.NodeAffinity Which nodes the pod may or would like to run on.
  preferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm # Wishes.
  requiredDuringSchedulingIgnoredDuringExecution NodeSelector # Must hold.
core.v1.PodAffinityTerm Pods to be near to or away from.
  labelSelector LabelSelector # Which pods.
  matchLabelKeys []string
  mismatchLabelKeys []string
  namespaceSelector LabelSelector # In which namespaces, by label.
  namespaces []string # In which namespaces; default: the pod's own.
  topologyKey! string # The node label that says what near means.
core.v1.WeightedPodAffinityTerm A wish with a weight.
  podAffinityTerm! PodAffinityTerm
  weight! int32 min(1) max(100)
core.v1.PodAffinity Which pods to be near to.
  preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm # Wishes.
  requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm # Must hold.
core.v1.PodAntiAffinity Which pods to be away from.
  preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm # Wishes.
  requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm # Must hold.
core.v1.Affinity Where the pod may or would like to run.
  nodeAffinity NodeAffinity
  podAffinity PodAffinity
  podAntiAffinity PodAntiAffinity
core.v1.Toleration A taint that does not keep the pod away.
  effect string # Empty matches all effects.
  key string # Empty with operator Exists matches all taints.
  operator string # Equal (default) or Exists.
  tolerationSeconds int64 # How long a NoExecute taint is tolerated.
  value string # What the taint's value must be; empty with Exists.
core.v1.TopologySpreadConstraint How pods are spread over parts of the cluster.
  labelSelector LabelSelector # Which pods are counted.
  matchLabelKeys []string
  maxSkew! int32 # How uneven the spread may be; at least 1.
  minDomains int32 # At least this many domains, with DoNotSchedule.
  nodeAffinityPolicy string enum(Honor|Ignore) # Are nodes outside nodeAffinity counted.
  nodeTaintsPolicy string enum(Honor|Ignore) # Are tainted nodes counted.
  topologyKey! string # The node label whose values are the domains.
  whenUnsatisfiable! string enum(DoNotSchedule|ScheduleAnyway) # Wait or run anyway.
core.v1.PodSchedulingGate Something that must be removed before the pod is scheduled.
  name! string
core.v1.Taint What keeps pods away from a node.
  effect! string enum(NoSchedule|PreferNoSchedule|NoExecute) # What happens to pods without toleration.
  key! string
  timeAdded time
  value string
core.v1.ObjectReference Another object.
  apiVersion string
  fieldPath string
  kind string
  name string
  namespace string
  resourceVersion string
  uid string
core.v1.Condition What is known about an object.
  lastHeartbeatTime time
  lastProbeTime time
  lastTransitionTime time
  lastUpdateTime time
  message string
  observedGeneration int64
  reason string
  status! string enum(True|False|Unknown)
  type! string
)";
}

}  // namespace k8s::schema

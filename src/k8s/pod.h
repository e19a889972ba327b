// core/v1 Pod, as far as scheduling, draining and running it need. Plain values (k8s/meta.h).
#pragma once

#include "k8s/meta.h"

namespace k8s {

struct ContainerPort {
  std::int32_t container_port = 0;
  std::int32_t host_port = 0;
  std::string protocol = "TCP";
  std::string host_ip;
};

struct ResourceRequirements {
  Resources requests;
  Resources limits;
  std::vector<std::string> claims;  // resources.claims[].name
};

struct Container {
  std::string name;
  std::string image;
  ResourceRequirements resources;
  std::vector<ContainerPort> ports;
  std::string restart_policy;  // Init containers: "Always" makes a sidecar.
};

// matchFields is kept only as a flag: a term that carries it is refused (SCH-87).
struct NodeSelectorTerm {
  std::vector<SelectorTerm> match_expressions;
  bool has_match_fields = false;
  std::vector<SelectorTerm> match_fields;  // For the DaemonSet controller's metadata.name pin.
};

struct PreferredNodeTerm {
  std::int32_t weight = 0;
  NodeSelectorTerm preference;
};

struct NodeAffinity {
  std::vector<NodeSelectorTerm> required;  // ORed.
  std::vector<PreferredNodeTerm> preferred;
};

struct PodAffinityTerm {
  std::optional<LabelSelector> selector;
  std::vector<std::string> namespaces;
  std::optional<LabelSelector> namespace_selector;
  std::string topology_key;
  std::vector<std::string> match_label_keys;
  std::vector<std::string> mismatch_label_keys;
};

struct WeightedPodAffinityTerm {
  std::int32_t weight = 0;
  PodAffinityTerm term;
};

struct PodAffinity {
  std::vector<PodAffinityTerm> required;
  std::vector<WeightedPodAffinityTerm> preferred;
};

struct TopologySpreadConstraint {
  std::int32_t max_skew = 1;
  std::string topology_key;
  std::string when_unsatisfiable;  // "DoNotSchedule" or "ScheduleAnyway".
  std::optional<LabelSelector> selector;
  std::optional<std::int32_t> min_domains;
  std::string node_affinity_policy;  // Empty is "Honor".
  std::string node_taints_policy;    // Empty is "Ignore".
  std::vector<std::string> match_label_keys;
};

struct Volume {
  std::string name;
  std::string claim_name;  // persistentVolumeClaim.claimName
  bool ephemeral = false;  // Generic ephemeral volume: its claim is <pod>-<volume>.
};

// One entry of spec.resourceClaims (dynamic resource allocation).
struct PodResourceClaim {
  std::string name;
  std::string claim_name;
  std::string template_name;
};

struct PodSpec {
  std::string node_name;
  std::string scheduler_name;
  std::string service_account;
  std::string priority_class_name;
  std::optional<std::int32_t> priority;
  std::optional<std::int64_t> termination_grace_seconds;
  std::string restart_policy;
  bool host_network = false;
  std::vector<Container> containers;
  std::vector<Container> init_containers;
  std::optional<ResourceRequirements> resources;  // Pod-level resources.
  Resources overhead;
  StringMap node_selector;
  NodeAffinity node_affinity;
  PodAffinity pod_affinity;
  PodAffinity pod_anti_affinity;
  std::vector<Toleration> tolerations;
  std::vector<TopologySpreadConstraint> topology_spread;
  std::vector<Volume> volumes;
  std::vector<PodResourceClaim> resource_claims;
};

struct ContainerStatus {
  std::string name;
  Resources allocated;  // allocatedResources
  std::optional<ResourceRequirements> resources;
};

// The claim that was made for an entry of spec.resourceClaims; empty: none is needed.
struct PodClaimStatus {
  std::string name;
  std::string claim_name;
};

struct PodStatus {
  std::string phase;
  std::string nominated_node_name;
  std::vector<Condition> conditions;
  TimeNs start_time = 0;
  std::vector<ContainerStatus> container_statuses;
  std::vector<ContainerStatus> init_container_statuses;
  std::vector<PodClaimStatus> claim_statuses;
};

struct Pod : Object {
  PodSpec spec;
  PodStatus status;

  Pod() : Object(Kind::kPod) {}
};

}  // namespace k8s

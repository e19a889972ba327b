// core/v1 Pod, as far as scheduling, draining and running it need. Plain values (k8s/meta.h).
#pragma once

#include "base/cow.h"
#include "k8s/meta.h"

namespace k8s {

struct ContainerPort {
  std::int32_t container_port = 0;
  std::int32_t host_port = 0;
  std::string protocol = "TCP";
  std::string host_ip;
  friend bool operator==(const ContainerPort&, const ContainerPort&) = default;
};

struct ResourceRequirements {
  Resources requests;
  Resources limits;
  std::vector<std::string> claims;  // resources.claims[].name
  friend bool operator==(const ResourceRequirements&, const ResourceRequirements&) = default;
};

struct Container {
  std::string name;
  std::string image;
  ResourceRequirements resources;
  std::vector<ContainerPort> ports;
  std::string restart_policy;  // Init containers: "Always" makes a sidecar.
  friend bool operator==(const Container&, const Container&) = default;
};

// matchFields is kept only as a flag: a term that carries it is refused (SCH-87).
struct NodeSelectorTerm {
  std::vector<SelectorTerm> match_expressions;
  bool has_match_fields = false;
  std::vector<SelectorTerm> match_fields;  // For the DaemonSet controller's metadata.name pin.
  friend bool operator==(const NodeSelectorTerm&, const NodeSelectorTerm&) = default;
};

struct PreferredNodeTerm {
  std::int32_t weight = 0;
  NodeSelectorTerm preference;
  friend bool operator==(const PreferredNodeTerm&, const PreferredNodeTerm&) = default;
};

struct NodeAffinity {
  base::CowVector<NodeSelectorTerm> required;  // ORed.
  base::CowVector<PreferredNodeTerm> preferred;
  friend bool operator==(const NodeAffinity&, const NodeAffinity&) = default;
};

struct PodAffinityTerm {
  std::optional<LabelSelector> selector;
  std::vector<std::string> namespaces;
  std::optional<LabelSelector> namespace_selector;
  std::string topology_key;
  std::vector<std::string> match_label_keys;
  std::vector<std::string> mismatch_label_keys;
  friend bool operator==(const PodAffinityTerm&, const PodAffinityTerm&) = default;
};

struct WeightedPodAffinityTerm {
  std::int32_t weight = 0;
  PodAffinityTerm term;
  friend bool operator==(const WeightedPodAffinityTerm&, const WeightedPodAffinityTerm&) = default;
};

struct PodAffinity {
  base::CowVector<PodAffinityTerm> required;
  base::CowVector<WeightedPodAffinityTerm> preferred;
  friend bool operator==(const PodAffinity&, const PodAffinity&) = default;
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
  friend bool operator==(const TopologySpreadConstraint&,
                         const TopologySpreadConstraint&) = default;
};

struct Volume {
  std::string name;
  std::string claim_name;  // persistentVolumeClaim.claimName
  bool ephemeral = false;  // Generic ephemeral volume: its claim is <pod>-<volume>.
  friend bool operator==(const Volume&, const Volume&) = default;
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
  base::CowVector<Container> containers;
  base::CowVector<Container> init_containers;
  std::optional<ResourceRequirements> resources;  // Pod-level resources.
  Resources overhead;
  StringMap node_selector;
  NodeAffinity node_affinity;
  PodAffinity pod_affinity;
  PodAffinity pod_anti_affinity;
  base::CowVector<Toleration> tolerations;
  base::CowVector<TopologySpreadConstraint> topology_spread;
  base::CowVector<Volume> volumes;
  base::CowVector<PodResourceClaim> resource_claims;
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

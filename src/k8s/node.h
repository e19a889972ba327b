// core/v1 Node and the karpenter.sh/v1 kinds NodeClaim and NodePool, with the provider's node
// classes. Field meaning, defaults and limits: spec 01. Plain values (k8s/meta.h).
#pragma once

#include "k8s/meta.h"

namespace k8s {

struct NodeStatus {
  Resources capacity;
  Resources allocatable;
  std::vector<Condition> conditions;
};

struct Node : Object {
  std::string provider_id;
  bool unschedulable = false;
  std::vector<Taint> taints;
  NodeStatus status;

  Node() : Object(Kind::kNode) {}
};

struct NodeClassRef {
  std::string group;
  std::string kind;
  std::string name;
};

// spec of a NodeClaim and spec.template.spec of a NodePool.
struct NodeClaimSpec {
  std::vector<Taint> taints;
  std::vector<Taint> startup_taints;
  std::vector<SelectorTerm> requirements;
  Resources requests;  // spec.resources.requests; NodeClaims only.
  NodeClassRef node_class;
  std::optional<DurationNs> termination_grace_period;
  std::optional<DurationNs> expire_after;  // Absent is "Never". The API default is 720h.
  std::string expire_after_text;           // As it was written, kept for re-encoding (API-23).
};

struct NodeClaimStatus {
  std::string provider_id;
  std::string node_name;
  std::string image_id;
  Resources capacity;
  Resources allocatable;
  std::vector<Condition> conditions;
  TimeNs last_pod_event = 0;
};

struct NodeClaim : Object {
  NodeClaimSpec spec;
  NodeClaimStatus status;

  NodeClaim() : Object(Kind::kNodeClaim) {}
};

// One budget of spec.disruption.budgets, still as text (parsed by disrupt/budget).
struct Budget {
  std::vector<std::string> reasons;  // Empty: all.
  std::string nodes = "10%";
  std::optional<std::string> schedule;
  std::optional<DurationNs> duration;
};

struct Disruption {
  std::optional<DurationNs> consolidate_after = 0;  // Absent is "Never"; the API default is 0s.
  std::string consolidation_policy = "WhenEmptyOrUnderutilized";
  std::vector<Budget> budgets{Budget{}};
  std::string consolidate_after_text;  // As it was written (API-23).
};

struct NodePool : Object {
  StringMap template_labels;
  StringMap template_annotations;
  NodeClaimSpec template_spec;
  Disruption disruption;
  Resources limits;
  std::optional<std::int32_t> weight;
  std::optional<std::int64_t> replicas;  // Set: a static pool.
  Resources status_resources;
  std::int64_t status_nodes = 0;
  std::vector<Condition> conditions;
  std::int64_t node_class_observed_generation = 0;
  // Lists and maps of the template that were given as empty ("labels", "taints"): unlike absent
  // ones they count in the hash (API-179).
  std::vector<std::string> explicit_empty;

  NodePool() : Object(Kind::kNodePool) {}
};

// One term of subnetSelectorTerms, securityGroupSelectorTerms, amiSelectorTerms or
// capacityReservationSelectorTerms.
struct ResourceSelectorTerm {
  StringMap tags;
  std::string id;
  std::string name;
  std::string owner;
  std::string alias;
  std::string ssm_parameter;
};

// spec.kubelet: the part that changes what fits on a node.
struct KubeletConfiguration {
  std::optional<std::int32_t> max_pods;
  std::optional<std::int32_t> pods_per_core;
  StringMap system_reserved;
  StringMap kube_reserved;
  StringMap eviction_hard;
  StringMap eviction_soft;
  std::vector<std::string> cluster_dns;
};

// One of blockDeviceMappings, with its ebs. What is absent is left to EC2; false and zero are said
// (API-179).
struct BlockDevice {
  std::string device_name;
  std::string volume_type;
  std::optional<Quantity> volume_size;
  bool root_volume = false;
  bool has_ebs = false;
  std::optional<bool> delete_on_termination;
  std::optional<bool> encrypted;
  std::optional<std::int64_t> iops;
  std::optional<std::string> kms_key_id;
  std::optional<std::string> snapshot_id;
  std::optional<std::int64_t> throughput;                  // MiB/s.
  std::optional<std::int32_t> volume_initialization_rate;  // MiB/s.
};

struct NetworkInterface {
  std::int32_t network_card_index = 0;
  std::int32_t device_index = 0;
  std::string interface_type;  // "interface", "efa-only".
};

struct MetadataOptions {
  std::optional<std::string> http_endpoint;
  std::optional<std::string> http_protocol_ipv6;
  std::optional<std::int64_t> http_put_response_hop_limit;
  std::optional<std::string> http_tokens;
};

struct ConnectionTracking {
  std::optional<std::int32_t> tcp_established_timeout;  // Seconds.
  std::optional<std::int32_t> udp_stream_timeout;
  std::optional<std::int32_t> udp_timeout;
};

struct CpuOptions {
  std::optional<std::string> nested_virtualization;
};

struct PlacementGroupSelector {
  std::string name;
  std::string id;
};

struct ResolvedSubnet {
  std::string id;
  std::string zone;
  std::string zone_id;
};

struct ResolvedImage {
  std::string id;
  std::string name;
  std::vector<SelectorTerm> requirements;
  bool deprecated = false;
};

struct EC2NodeClass : Object {
  std::vector<ResourceSelectorTerm> subnet_terms;
  std::vector<ResourceSelectorTerm> security_group_terms;
  std::vector<ResourceSelectorTerm> ami_terms;
  std::vector<ResourceSelectorTerm> capacity_reservation_terms;
  std::string ami_family;
  std::string role;
  std::string instance_profile;
  std::optional<std::string> user_data;
  std::string instance_store_policy;
  std::vector<BlockDevice> block_devices;
  StringMap tags;
  KubeletConfiguration kubelet;
  std::string kubelet_json;  // spec.kubelet as the hash takes it (API-186); empty: none.
  std::string
      kubelet_error;  // Not empty: a managed key has a wrong type, `kubelet` is unset (API-104).
  std::optional<bool> associate_public_ip;
  std::optional<PlacementGroupSelector> placement_group;
  std::optional<std::int32_t> ip_prefix_count;
  std::vector<NetworkInterface> network_interfaces;
  std::optional<bool> detailed_monitoring;
  std::optional<MetadataOptions> metadata_options;
  std::optional<ConnectionTracking> connection_tracking;
  std::optional<std::string> context;
  std::optional<CpuOptions> cpu_options;
  std::vector<std::string> explicit_empty;  // As of NodePool: tags and lists.

  std::vector<ResolvedSubnet> status_subnets;
  std::vector<std::string> status_security_groups;
  std::vector<ResolvedImage> status_amis;
  std::string status_instance_profile;
  std::vector<Condition> conditions;

  EC2NodeClass() : Object(Kind::kEC2NodeClass) {}
};

struct NodeOverlay : Object {
  std::vector<SelectorTerm> requirements;
  std::string price;             // Empty: absent.
  std::string price_adjustment;  // Empty: absent.
  Resources capacity;
  std::optional<std::int32_t> weight;
  std::vector<Condition> conditions;

  NodeOverlay() : Object(Kind::kNodeOverlay) {}
};

struct KWOKNodeClass : Object {
  std::optional<DurationNs> node_registration_delay;
  std::vector<Condition> conditions;

  KWOKNodeClass() : Object(Kind::kKWOKNodeClass) {}
};

}  // namespace k8s

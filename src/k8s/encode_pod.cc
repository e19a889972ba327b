// Pods and what their specs consist of.
#include "k8s/encode.h"

namespace k8s {
namespace {

constexpr std::string_view kRequired = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr std::string_view kPreferred = "preferredDuringSchedulingIgnoredDuringExecution";

// An empty selector means "all", an absent one "none": it is written even when empty.
void write_optional_selector(JsonOut& out,
                             std::string_view name,
                             const std::optional<LabelSelector>& selector) {
  if (selector) {
    out.object_always(name, [&] { write_selector(out, *selector); });
  }
}

void write_item(JsonOut& out, const ContainerPort& port) {
  out.object([&] {
    out.always("containerPort", static_cast<std::int64_t>(port.container_port));
    out.field("hostPort", static_cast<std::int64_t>(port.host_port));
    out.field("protocol", port.protocol);
    out.field("hostIP", port.host_ip);
  });
}

void write_item(JsonOut& out, const Container& container) {
  out.object([&] {
    out.always("name", std::string_view(container.name));
    out.field("image", container.image);
    out.array("ports", container.ports, [&](const ContainerPort& p) { write_item(out, p); });
    out.object("resources", [&] { write_requirements(out, container.resources); });
    out.field("restartPolicy", container.restart_policy);
  });
}

void write_containers(JsonOut& out,
                      std::string_view name,
                      const std::vector<Container>& containers) {
  out.array(name, containers, [&](const Container& c) { write_item(out, c); });
}

void write_affinity_term(JsonOut& out, const PodAffinityTerm& term) {
  write_optional_selector(out, "labelSelector", term.selector);
  out.field("namespaces", term.namespaces);
  write_optional_selector(out, "namespaceSelector", term.namespace_selector);
  out.always("topologyKey", std::string_view(term.topology_key));
  out.field("matchLabelKeys", term.match_label_keys);
  out.field("mismatchLabelKeys", term.mismatch_label_keys);
}

void write_pod_affinity(JsonOut& out, const PodAffinity& affinity) {
  out.array(kRequired, affinity.required.read(), [&](const PodAffinityTerm& term) {
    out.object([&] { write_affinity_term(out, term); });
  });
  out.array(kPreferred, affinity.preferred.read(), [&](const WeightedPodAffinityTerm& weighted) {
    out.object([&] {
      out.always("weight", static_cast<std::int64_t>(weighted.weight));
      out.object_always("podAffinityTerm", [&] { write_affinity_term(out, weighted.term); });
    });
  });
}

void write_node_affinity(JsonOut& out, const NodeAffinity& affinity) {
  out.object(kRequired, [&] { write_items(out, "nodeSelectorTerms", affinity.required.read()); });
  out.array(kPreferred, affinity.preferred.read(), [&](const PreferredNodeTerm& term) {
    out.object([&] {
      out.always("weight", static_cast<std::int64_t>(term.weight));
      out.object_always("preference", [&] {
        write_items(out, "matchExpressions", term.preference.match_expressions);
        write_items(out, "matchFields", term.preference.match_fields);
      });
    });
  });
}

void write_item(JsonOut& out, const TopologySpreadConstraint& spread) {
  out.object([&] {
    out.always("maxSkew", static_cast<std::int64_t>(spread.max_skew));
    out.always("topologyKey", std::string_view(spread.topology_key));
    out.always("whenUnsatisfiable", std::string_view(spread.when_unsatisfiable));
    write_optional_selector(out, "labelSelector", spread.selector);
    out.field("minDomains", spread.min_domains);
    out.field("nodeAffinityPolicy", spread.node_affinity_policy);
    out.field("nodeTaintsPolicy", spread.node_taints_policy);
    out.field("matchLabelKeys", spread.match_label_keys);
  });
}

void write_item(JsonOut& out, const Volume& volume) {
  out.object([&] {
    out.always("name", std::string_view(volume.name));
    out.object("persistentVolumeClaim", [&] { out.field("claimName", volume.claim_name); });
    if (volume.ephemeral) {
      out.object_always("ephemeral", [] {});
    }
  });
}

void write_item(JsonOut& out, const PodResourceClaim& claim) {
  out.object([&] {
    out.always("name", std::string_view(claim.name));
    out.field("resourceClaimName", claim.claim_name);
    out.field("resourceClaimTemplateName", claim.template_name);
  });
}

void write_item(JsonOut& out, const PodClaimStatus& status) {
  out.object([&] {
    out.always("name", std::string_view(status.name));
    out.field("resourceClaimName", status.claim_name);
  });
}

void write_item(JsonOut& out, const ContainerStatus& status) {
  out.object([&] {
    out.always("name", std::string_view(status.name));
    out.field("allocatedResources", status.allocated);
    if (status.resources) {
      out.object("resources", [&] { write_requirements(out, *status.resources); });
    }
  });
}

void write_affinity(JsonOut& out, const PodSpec& spec) {
  out.object("affinity", [&] {
    out.object("nodeAffinity", [&] { write_node_affinity(out, spec.node_affinity); });
    out.object("podAffinity", [&] { write_pod_affinity(out, spec.pod_affinity); });
    out.object("podAntiAffinity", [&] { write_pod_affinity(out, spec.pod_anti_affinity); });
  });
}

// For the types of this file alone.
template <typename T>
void write_own_items(JsonOut& out, std::string_view name, const std::vector<T>& items) {
  out.array(name, items, [&](const T& item) { write_item(out, item); });
}

}  // namespace

void write_requirements(JsonOut& out, const ResourceRequirements& requirements) {
  out.field("limits", requirements.limits);
  out.field("requests", requirements.requests);
  out.array("claims", requirements.claims, [&](const std::string& name) {
    out.object([&] { out.field("name", name); });
  });
}

void write_item(JsonOut& out, const Toleration& toleration) {
  out.object([&] {
    out.field("key", toleration.key);
    out.field("operator", toleration.op);
    out.field("value", toleration.value);
    out.field("effect", toleration.effect);
    out.field("tolerationSeconds", toleration.seconds);
  });
}

void write_item(JsonOut& out, const NodeSelectorTerm& term) {
  out.object([&] {
    write_items(out, "matchExpressions", term.match_expressions);
    write_items(out, "matchFields", term.match_fields);
  });
}

void write_pod_spec(JsonOut& out, const PodSpec& spec) {
  write_own_items(out, "volumes", spec.volumes.read());
  write_containers(out, "initContainers", spec.init_containers);
  write_containers(out, "containers", spec.containers);
  out.field("restartPolicy", spec.restart_policy);
  out.field("terminationGracePeriodSeconds", spec.termination_grace_seconds);
  out.field("nodeSelector", spec.node_selector);
  out.field("serviceAccountName", spec.service_account);
  out.field("nodeName", spec.node_name);
  out.field("hostNetwork", spec.host_network);
  write_affinity(out, spec);
  out.field("schedulerName", spec.scheduler_name);
  write_items(out, "tolerations", spec.tolerations.read());
  out.field("priorityClassName", spec.priority_class_name);
  out.field("priority", spec.priority);
  out.field("overhead", spec.overhead);
  write_own_items(out, "topologySpreadConstraints", spec.topology_spread.read());
  write_own_items(out, "resourceClaims", spec.resource_claims.read());
  if (spec.resources) {
    out.object("resources", [&] { write_requirements(out, *spec.resources); });
  }
}

void write_body(JsonOut& out, const Pod& pod) {
  out.object("spec", [&] { write_pod_spec(out, pod.spec); });
  out.object("status", [&] {
    out.field("phase", pod.status.phase);
    write_items(out, "conditions", pod.status.conditions);
    out.field("nominatedNodeName", pod.status.nominated_node_name);
    out.time("startTime", pod.status.start_time);
    write_own_items(out, "initContainerStatuses", pod.status.init_container_statuses);
    write_own_items(out, "containerStatuses", pod.status.container_statuses);
    write_own_items(out, "resourceClaimStatuses", pod.status.claim_statuses);
  });
}

}  // namespace k8s

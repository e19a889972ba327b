// Pods and pod templates.
#include "k8s/decode.h"
#include "k8s/resources.h"

namespace k8s {

void read(JsonIn& in, Element e, ContainerPort& out);
void read(JsonIn& in, Element e, Container& out);
void read(JsonIn& in, Element e, PreferredNodeTerm& out);
void read(JsonIn& in, Element e, PodAffinityTerm& out);
void read(JsonIn& in, Element e, WeightedPodAffinityTerm& out);
void read(JsonIn& in, Element e, NodeAffinity& out);
void read(JsonIn& in, Element e, PodAffinity& out);
void read(JsonIn& in, Element e, TopologySpreadConstraint& out);
void read(JsonIn& in, Element e, Volume& out);
void read(JsonIn& in, Element e, PodResourceClaim& out);
void read(JsonIn& in, Element e, ContainerStatus& out);
void read(JsonIn& in, Element e, PodClaimStatus& out);
void read(JsonIn& in, Element e, PodStatus& out);

void read(JsonIn& in, Element e, ContainerPort& out) {
  in.object(e, [&](Field f) {
    return f("containerPort", out.container_port) || f("hostPort", out.host_port) ||
           f("protocol", out.protocol) || f("hostIP", out.host_ip);
  });
}

namespace {

struct ClaimName {
  std::string& out;
};

void read(JsonIn& in, Element e, ClaimName claim) {
  in.object(e, [&](Field f) { return f("name", claim.out); });
}

struct ClaimNames {
  std::vector<std::string>& out;
};

void read(JsonIn& in, Element e, ClaimNames claims) {
  in.array(e, [&](Element item) { read(in, item, ClaimName{claims.out.emplace_back()}); });
}

}  // namespace

void read(JsonIn& in, Element e, ResourceRequirements& out) {
  in.object(e, [&](Field f) {
    return f("requests", out.requests) || f("limits", out.limits) ||
           f("claims", ClaimNames{out.claims});
  });
}

void read(JsonIn& in, Element e, Container& out) {
  in.object(e, [&](Field f) {
    return f("name", out.name) || f("image", out.image) || f("resources", out.resources) ||
           f("ports", out.ports) || f("restartPolicy", out.restart_policy);
  });
}

void read(JsonIn& in, Element e, NodeSelectorTerm& out) {
  in.object(e, [&](Field f) {
    return f("matchExpressions", out.match_expressions) || f("matchFields", out.match_fields);
  });
  out.has_match_fields = !out.match_fields.empty();
}

void read(JsonIn& in, Element e, PreferredNodeTerm& out) {
  in.object(e, [&](Field f) { return f("weight", out.weight) || f("preference", out.preference); });
}

void read(JsonIn& in, Element e, PodAffinityTerm& out) {
  in.object(e, [&](Field f) {
    return f("labelSelector", out.selector) || f("namespaces", out.namespaces) ||
           f("namespaceSelector", out.namespace_selector) || f("topologyKey", out.topology_key) ||
           f("matchLabelKeys", out.match_label_keys) ||
           f("mismatchLabelKeys", out.mismatch_label_keys);
  });
}

void read(JsonIn& in, Element e, WeightedPodAffinityTerm& out) {
  in.object(e, [&](Field f) { return f("weight", out.weight) || f("podAffinityTerm", out.term); });
}

void read(JsonIn& in, Element e, NodeAffinity& out) {
  in.object(e, [&](Field f) {
    return f.object("requiredDuringSchedulingIgnoredDuringExecution", [&](Field g) {
      return g("nodeSelectorTerms", out.required);
    }) || f("preferredDuringSchedulingIgnoredDuringExecution", out.preferred);
  });
}

void read(JsonIn& in, Element e, PodAffinity& out) {
  in.object(e, [&](Field f) {
    return f("requiredDuringSchedulingIgnoredDuringExecution", out.required) ||
           f("preferredDuringSchedulingIgnoredDuringExecution", out.preferred);
  });
}

void read(JsonIn& in, Element e, TopologySpreadConstraint& out) {
  in.object(e, [&](Field f) {
    return f("maxSkew", out.max_skew) || f("topologyKey", out.topology_key) ||
           f("whenUnsatisfiable", out.when_unsatisfiable) || f("labelSelector", out.selector) ||
           f("minDomains", out.min_domains) || f("nodeAffinityPolicy", out.node_affinity_policy) ||
           f("nodeTaintsPolicy", out.node_taints_policy) ||
           f("matchLabelKeys", out.match_label_keys);
  });
}

void read(JsonIn& in, Element e, Volume& out) {
  in.object(e, [&](Field f) {
    if (f.key() == "ephemeral") {
      out.ephemeral = true;
      return true;
    }
    return f("name", out.name) || f.object("persistentVolumeClaim",
                                           [&](Field g) { return g("claimName", out.claim_name); });
  });
}

void read(JsonIn& in, Element e, PodResourceClaim& out) {
  in.object(e, [&](Field f) {
    return f("name", out.name) || f("resourceClaimName", out.claim_name) ||
           f("resourceClaimTemplateName", out.template_name);
  });
}

namespace {

bool read_placement(Field f, PodSpec& out) {
  return f("nodeName", out.node_name) || f("nodeSelector", out.node_selector) ||
         f("tolerations", out.tolerations) || f("topologySpreadConstraints", out.topology_spread) ||
         f.object("affinity",
                  [&](Field g) {
                    return g("nodeAffinity", out.node_affinity) ||
                           g("podAffinity", out.pod_affinity) ||
                           g("podAntiAffinity", out.pod_anti_affinity);
                  }) ||
         f("schedulerName", out.scheduler_name) || f("priority", out.priority) ||
         f("priorityClassName", out.priority_class_name);
}

}  // namespace

void read(JsonIn& in, Element e, PodSpec& out) {
  out.restart_policy = "Always";
  out.scheduler_name = "default-scheduler";
  out.termination_grace_seconds = 30;
  in.object(e, [&](Field f) {
    return f("containers", out.containers) || f("initContainers", out.init_containers) ||
           read_placement(f, out) || f("serviceAccountName", out.service_account) ||
           f("terminationGracePeriodSeconds", out.termination_grace_seconds) ||
           f("restartPolicy", out.restart_policy) || f("hostNetwork", out.host_network) ||
           f("resources", out.resources) || f("overhead", out.overhead) ||
           f("volumes", out.volumes) || f("resourceClaims", out.resource_claims);
  });
}

void read(JsonIn& in, Element e, PodTemplate& out) {
  in.object(e, [&](Field f) {
    return f.object("metadata", [&](Field g) {
      return g("labels", out.labels) || g("annotations", out.annotations);
    }) || f("spec", out.spec);
  });
}

void read(JsonIn& in, Element e, ContainerStatus& out) {
  in.object(e, [&](Field f) {
    return f("name", out.name) || f("allocatedResources", out.allocated) ||
           f("resources", out.resources);
  });
}

void read(JsonIn& in, Element e, PodClaimStatus& out) {
  in.object(e,
            [&](Field f) { return f("name", out.name) || f("resourceClaimName", out.claim_name); });
}

void read(JsonIn& in, Element e, PodStatus& out) {
  in.object(e, [&](Field f) {
    return f("phase", out.phase) || f("nominatedNodeName", out.nominated_node_name) ||
           f("conditions", out.conditions) || f("startTime", AsTime{out.start_time}) ||
           f("containerStatuses", out.container_statuses) ||
           f("initContainerStatuses", out.init_container_statuses) ||
           f("resourceClaimStatuses", out.claim_statuses);
  });
}

void read(JsonIn& in, Element e, Pod& out) {
  in.object(e, [&](Field f) {
    return read_header(f, out) || f("spec", out.spec) || f("status", out.status);
  });
  // The API server does this for pods, not for the templates of their owners (SCH-59).
  default_requests_to_limits(out.spec);
}

}  // namespace k8s

// The kinds that make pods, the kinds that constrain them, events and leases.
#include "k8s/encode.h"

namespace k8s {
namespace {

void write_int_or_percent(JsonOut& out,
                          std::string_view name,
                          const std::optional<IntOrPercent>& value) {
  if (!value) {
    return;
  }
  if (value->is_percent) {
    out.always(name, std::string_view(std::to_string(value->value) + "%"));
  } else {
    out.always(name, value->value);
  }
}

void write_claim_spec(JsonOut& out, const PersistentVolumeClaim& claim) {
  out.field("volumeName", claim.volume_name);
  out.field("storageClassName", claim.storage_class);
}

void write_counts(JsonOut& out, const Workload& workload) {
  if (workload.kind == Kind::kJob) {
    out.always("parallelism", workload.parallelism);
    out.always("completions", workload.completions);
  } else if (workload.kind != Kind::kDaemonSet) {
    out.always("replicas", workload.replicas);
  }
}

}  // namespace

void write_template(JsonOut& out, const PodTemplate& pod_template) {
  out.object("metadata", [&] {
    out.field("labels", pod_template.labels);
    out.field("annotations", pod_template.annotations);
  });
  out.object("spec", [&] { write_pod_spec(out, pod_template.spec); });
}

void write_body(JsonOut& out, const Workload& workload) {
  out.object("spec", [&] {
    write_counts(out, workload);
    if (workload.selector && workload.kind == Kind::kReplicationController) {
      out.field("selector", workload.selector->match_labels);
    } else if (workload.selector) {
      out.object_always("selector", [&] { write_selector(out, *workload.selector); });
    }
    out.object("template", [&] { write_template(out, workload.pod_template); });
    const auto write_claim = [&](const PersistentVolumeClaim& claim) {
      out.object([&] {
        out.object("metadata", [&] { write_meta(out, claim.meta); });
        out.object("spec", [&] { write_claim_spec(out, claim); });
      });
    };
    out.array("volumeClaimTemplates", workload.claim_templates, write_claim);
  });
  out.object("status", [&] { out.field("replicas", workload.observed_replicas); });
}

void write_body(JsonOut& out, const PersistentVolumeClaim& claim) {
  out.object("spec", [&] { write_claim_spec(out, claim); });
  out.object("status", [&] { out.field("phase", claim.phase); });
}

void write_body(JsonOut& out, const PersistentVolume& volume) {
  out.object("spec", [&] {
    out.field("storageClassName", volume.storage_class);
    out.object("csi", [&] { out.field("driver", volume.csi_driver); });
    if (volume.is_aws_ebs) {
      out.object_always("awsElasticBlockStore", [] {});
    }
    if (volume.is_local) {
      out.object_always("local", [] {});
    }
    out.object("nodeAffinity", [&] {
      out.object("required", [&] { write_items(out, "nodeSelectorTerms", volume.node_affinity); });
    });
  });
}

void write_body(JsonOut& out, const StorageClass& storage_class) {
  out.field("provisioner", storage_class.provisioner);
  out.field("volumeBindingMode", storage_class.binding_mode);
  const auto write_topology = [&](const std::vector<SelectorTerm>& terms) {
    out.object([&] {
      out.array("matchLabelExpressions", terms, [&](const SelectorTerm& term) {
        out.object([&] {
          out.field("key", term.key);
          out.field("values", term.values);
        });
      });
    });
  };
  out.array("allowedTopologies", storage_class.allowed_topologies, write_topology);
}

void write_body(JsonOut& out, const CSINode& node) {
  out.object("spec", [&] {
    out.array("drivers", node.drivers, [&](const CSIDriverOnNode& driver) {
      out.object([&] {
        out.field("name", driver.name);
        out.field("nodeID", driver.node_id);
        out.object("allocatable", [&] { out.field("count", driver.allocatable_count); });
      });
    });
  });
}

void write_body(JsonOut& out, const VolumeAttachment& attachment) {
  out.object("spec", [&] {
    out.field("nodeName", attachment.node_name);
    out.object("source", [&] { out.field("persistentVolumeName", attachment.volume_name); });
  });
}

void write_body(JsonOut& out, const PodDisruptionBudget& budget) {
  out.object("spec", [&] {
    write_int_or_percent(out, "minAvailable", budget.min_available);
    write_int_or_percent(out, "maxUnavailable", budget.max_unavailable);
    if (budget.selector) {
      out.object_always("selector", [&] { write_selector(out, *budget.selector); });
    }
    out.field("unhealthyPodEvictionPolicy", budget.unhealthy_pod_eviction_policy);
  });
  out.object("status", [&] {
    out.always("disruptionsAllowed", budget.disruptions_allowed);
    out.always("currentHealthy", budget.current_healthy);
    out.always("desiredHealthy", budget.desired_healthy);
    out.always("expectedPods", budget.expected_pods);
  });
}

void write_body(JsonOut& out, const PriorityClass& priority_class) {
  out.always("value", static_cast<std::int64_t>(priority_class.value));
  out.field("globalDefault", priority_class.global_default);
  out.field("preemptionPolicy", priority_class.preemption_policy);
}

void write_body(JsonOut&, const Namespace&) {}

void write_body(JsonOut& out, const Service& service) {
  out.object("spec", [&] { out.field("selector", service.selector); });
}

void write_body(JsonOut& out, const Event& event) {
  out.object("involvedObject", [&] {
    out.field("kind", event.involved.kind);
    out.field("namespace", event.involved.namespace_);
    out.field("name", event.involved.name);
    out.field("uid", event.involved.uid);
    out.field("apiVersion", event.involved.api_version);
  });
  out.field("reason", event.reason);
  out.field("message", event.message);
  out.object("source", [&] { out.field("component", event.component); });
  out.time("firstTimestamp", event.first_time);
  out.time("lastTimestamp", event.last_time);
  out.field("count", event.count);
  out.field("type", event.type);
}

void write_body(JsonOut& out, const Lease& lease) {
  out.object("spec", [&] {
    out.field("holderIdentity", lease.holder);
    out.field("leaseDurationSeconds", lease.duration_seconds);
    out.micro_time("acquireTime", lease.acquire_time);
    out.micro_time("renewTime", lease.renew_time);
    out.field("leaseTransitions", lease.transitions);
  });
}

}  // namespace k8s

// The kinds that make pods, and the kinds that constrain them.
#include "k8s/decode.h"

namespace k8s {

void read(JsonIn& in, Element e, CSIDriverOnNode& out);

namespace {

struct Topologies {
  std::vector<std::vector<SelectorTerm>>& out;
};

// Each expression of a storage class is an In.
void read(JsonIn& in, Element e, Topologies topologies) {
  in.array(e, [&](Element item) {
    std::vector<SelectorTerm>& terms = topologies.out.emplace_back();
    in.object(item, [&](Field f) { return f("matchLabelExpressions", terms); });
    for (SelectorTerm& term : terms) {
      term.op = "In";
    }
  });
}

bool read_volume_spec(Field f, PersistentVolume& out) {
  if (f.key() == "awsElasticBlockStore") {
    out.is_aws_ebs = true;
    return true;
  }
  if (f.key() == "local" || f.key() == "hostPath") {
    out.is_local = true;
    return true;
  }
  return f("storageClassName", out.storage_class) || f.object("csi", [&](Field g) {
    return g("driver", out.csi_driver);
  }) || f.object("nodeAffinity", [&](Field g) {
    return g.object("required", [&](Field h) { return h("nodeSelectorTerms", out.node_affinity); });
  });
}

// A ReplicationController has a plain map of labels where the others have a LabelSelector.
bool read_owner_selector(Field f, Workload& out) {
  if (out.kind != Kind::kReplicationController) {
    return f("selector", out.selector);
  }
  return f.key() == "selector" && f("selector", out.selector.emplace().match_labels);
}

bool is_finished(const std::vector<Condition>& conditions) {
  return is_true(conditions, "Complete") || is_true(conditions, "Failed");
}

bool read_event_times(Field f, Event& out) {
  return f("firstTimestamp", AsTime{out.first_time}) || f("lastTimestamp", AsTime{out.last_time});
}

}  // namespace

void read(JsonIn& in, Element e, Workload& out) {
  bool has_completions = false;
  bool is_idle = false;
  std::vector<Condition> conditions;
  in.object(e, [&](Field f) {
    return read_header(f, out) || f.object("spec", [&](Field g) {
      has_completions = has_completions || g.key() == "completions";
      return g("replicas", out.replicas) || g("parallelism", out.parallelism) ||
             g("completions", out.completions) || read_owner_selector(g, out) ||
             g("template", out.pod_template) || g("volumeClaimTemplates", out.claim_templates) ||
             g("suspend", is_idle);
    }) || f.object("status", [&](Field g) {
      return g("replicas", out.observed_replicas) || g("conditions", conditions);
    });
  });
  if (out.kind == Kind::kJob && (is_idle || is_finished(conditions))) {
    out.parallelism = 0;  // It wants no pods (any more).
  }
  if (!has_completions) {
    // A work queue: as many pods as run at once.
    out.completions = out.parallelism;
  }
}

void read(JsonIn& in, Element e, PersistentVolumeClaim& out) {
  in.object(e, [&](Field f) {
    return read_header(f, out) || f.object("spec", [&](Field g) {
      return g("volumeName", out.volume_name) || g("storageClassName", out.storage_class);
    }) || f.object("status", [&](Field g) { return g("phase", out.phase); });
  });
}

void read(JsonIn& in, Element e, PersistentVolume& out) {
  in.object(e, [&](Field f) {
    return read_header(f, out) ||
           f.object("spec", [&](Field g) { return read_volume_spec(g, out); });
  });
}

void read(JsonIn& in, Element e, StorageClass& out) {
  in.object(e, [&](Field f) {
    return read_header(f, out) || f("provisioner", out.provisioner) ||
           f("volumeBindingMode", out.binding_mode) ||
           f("allowedTopologies", Topologies{out.allowed_topologies});
  });
}

void read(JsonIn& in, Element e, CSIDriverOnNode& out) {
  in.object(e, [&](Field f) {
    return f("name", out.name) || f("nodeID", out.node_id) ||
           f.object("allocatable", [&](Field g) { return g("count", out.allocatable_count); });
  });
}

void read(JsonIn& in, Element e, CSINode& out) {
  in.object(e, [&](Field f) {
    return read_header(f, out) ||
           f.object("spec", [&](Field g) { return g("drivers", out.drivers); });
  });
}

void read(JsonIn& in, Element e, VolumeAttachment& out) {
  in.object(e, [&](Field f) {
    return read_header(f, out) || f.object("spec", [&](Field g) {
      return g("nodeName", out.node_name) || g.object("source", [&](Field h) {
        return h("persistentVolumeName", out.volume_name);
      });
    });
  });
}

void read(JsonIn& in, Element e, PodDisruptionBudget& out) {
  in.object(e, [&](Field f) {
    return read_header(f, out) || f.object("spec", [&](Field g) {
      return g("selector", out.selector) || g("minAvailable", out.min_available) ||
             g("maxUnavailable", out.max_unavailable) ||
             g("unhealthyPodEvictionPolicy", out.unhealthy_pod_eviction_policy);
    }) || f.object("status", [&](Field g) {
      return g("disruptionsAllowed", out.disruptions_allowed) ||
             g("currentHealthy", out.current_healthy) || g("desiredHealthy", out.desired_healthy) ||
             g("expectedPods", out.expected_pods);
    });
  });
}

void read(JsonIn& in, Element e, PriorityClass& out) {
  in.object(e, [&](Field f) {
    return read_header(f, out) || f("value", out.value) || f("globalDefault", out.global_default) ||
           f("preemptionPolicy", out.preemption_policy);
  });
}

void read(JsonIn& in, Element e, Namespace& out) {
  in.object(e, [&](Field f) { return read_header(f, out); });
}

void read(JsonIn& in, Element e, Service& out) {
  in.object(e, [&](Field f) {
    return read_header(f, out) ||
           f.object("spec", [&](Field g) { return g("selector", out.selector); });
  });
}

void read(JsonIn& in, Element e, Event& out) {
  in.object(e, [&](Field f) {
    return read_header(f, out) || f("involvedObject", out.involved) || f("reason", out.reason) ||
           f("message", out.message) || f("type", out.type) || f("count", out.count) ||
           f.object("source", [&](Field g) { return g("component", out.component); }) ||
           read_event_times(f, out);
  });
}

void read(JsonIn& in, Element e, Lease& out) {
  in.object(e, [&](Field f) {
    return read_header(f, out) || f.object("spec", [&](Field g) {
      return g("holderIdentity", out.holder) || g("leaseDurationSeconds", out.duration_seconds) ||
             g("acquireTime", AsTime{out.acquire_time}) || g("renewTime", AsTime{out.renew_time}) ||
             g("leaseTransitions", out.transitions);
    });
  });
}

}  // namespace k8s

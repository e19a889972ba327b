// Nodes, and karpenter's kinds that do not belong to a cloud.
#include <algorithm>

#include "k8s/decode.h"
#include "k8s/time.h"

namespace k8s {
namespace {

constexpr DurationNs kDefaultExpireAfter = 720 * kHour;

bool read_claim_spec(Field f, NodeClaimSpec& out) {
  return f("taints", out.taints) || f("startupTaints", out.startup_taints) ||
         f("requirements", out.requirements) ||
         f.object("nodeClassRef",
                  [&](Field g) {
                    return g("group", out.node_class.group) || g("kind", out.node_class.kind) ||
                           g("name", out.node_class.name);
                  }) ||
         f("terminationGracePeriod", AsDuration{out.termination_grace_period}) ||
         f("expireAfter", AsNillableDuration{out.expire_after, out.expire_after_text});
}

bool read_budget(Field f, Budget& out) {
  return f("reasons", out.reasons) || f("nodes", out.nodes) || f("schedule", out.schedule) ||
         f("duration", AsDuration{out.duration});
}

bool read_pool_template(Field f, NodePool& out) {
  return f.object("metadata", [&](Field g) {
    note_if_empty(g, {"labels", "annotations"}, out.explicit_empty);
    return g("labels", out.template_labels) || g("annotations", out.template_annotations);
  }) || f.object("spec", [&](Field g) {
    note_if_empty(g, {"taints", "startupTaints"}, out.explicit_empty);
    return read_claim_spec(g, out.template_spec);
  });
}

bool read_node_status(Field f, NodeStatus& out) {
  return f("capacity", out.capacity) || f("allocatable", out.allocatable) ||
         f("conditions", out.conditions);
}

bool read_claim_status(Field f, NodeClaimStatus& out) {
  return f("providerID", out.provider_id) || f("nodeName", out.node_name) ||
         f("imageID", out.image_id) || f("capacity", out.capacity) ||
         f("allocatable", out.allocatable) || f("conditions", out.conditions) ||
         f("lastPodEventTime", AsTime{out.last_pod_event});
}

}  // namespace

void read(JsonIn& in, Element e, Budget& out);
void read(JsonIn& in, Element e, Disruption& out);

void note_if_empty(Field f,
                   std::initializer_list<std::string_view> names,
                   std::vector<std::string>& out) {
  simdjson::dom::object fields;
  simdjson::dom::array items;
  const bool is_empty = (f.value().get(fields) == simdjson::SUCCESS && fields.size() == 0) ||
                        (f.value().get(items) == simdjson::SUCCESS && items.size() == 0);
  if (is_empty && std::ranges::find(names, f.key()) != names.end()) {
    out.emplace_back(f.key());
  }
}

void read(JsonIn& in, Element e, Budget& out) {
  in.object(e, [&](Field f) { return read_budget(f, out); });
}

// Absent members keep the defaults of the type: API-44, API-45.
void read(JsonIn& in, Element e, Disruption& out) {
  in.object(e, [&](Field f) {
    return f("consolidateAfter",
             AsNillableDuration{out.consolidate_after, out.consolidate_after_text}) ||
           f("consolidationPolicy", out.consolidation_policy) || f("budgets", out.budgets);
  });
}

void read(JsonIn& in, Element e, Node& out) {
  in.object(e, [&](Field f) {
    return read_header(f, out) || f.object("spec", [&](Field g) {
      return g("providerID", out.provider_id) || g("unschedulable", out.unschedulable) ||
             g("taints", out.taints);
    }) || f.object("status", [&](Field g) { return read_node_status(g, out.status); });
  });
}

void read(JsonIn& in, Element e, NodeClaim& out) {
  out.spec.expire_after = kDefaultExpireAfter;
  in.object(e, [&](Field f) {
    return read_header(f, out) || f.object("spec", [&](Field g) {
      return read_claim_spec(g, out.spec) ||
             g.object("resources", [&](Field h) { return h("requests", out.spec.requests); });
    }) || f.object("status", [&](Field g) { return read_claim_status(g, out.status); });
  });
}

void read(JsonIn& in, Element e, NodePool& out) {
  out.template_spec.expire_after = kDefaultExpireAfter;
  in.object(e, [&](Field f) {
    return read_header(f, out) || f.object("spec", [&](Field g) {
      return g.object("template", [&](Field h) { return read_pool_template(h, out); }) ||
             g("disruption", out.disruption) || g("limits", out.limits) ||
             g("weight", out.weight) || g("replicas", out.replicas);
    }) || f.object("status", [&](Field g) {
      return g("resources", out.status_resources) || g("nodes", out.status_nodes) ||
             g("nodeClassObservedGeneration", out.node_class_observed_generation) ||
             g("conditions", out.conditions);
    });
  });
}

void read(JsonIn& in, Element e, NodeOverlay& out) {
  in.object(e, [&](Field f) {
    return read_header(f, out) || f.object("spec", [&](Field g) {
      return g("requirements", out.requirements) || g("price", out.price) ||
             g("priceAdjustment", out.price_adjustment) || g("capacity", out.capacity) ||
             g("weight", out.weight);
    }) || f.object("status", [&](Field g) { return g("conditions", out.conditions); });
  });
}

}  // namespace k8s

// Nodes, karpenter's kinds and the node classes.
#include "k8s/encode.h"
#include "k8s/time.h"

namespace k8s {
namespace {

// The text that was read is written again as long as it still says the same (API-23); an unset
// value is "Never", never left out (API-24).
void write_nillable(JsonOut& out,
                    std::string_view name,
                    const std::optional<DurationNs>& value,
                    const std::string& text) {
  const auto original = parse_nillable_duration(text);
  const bool is_current = original.has_value() && *original == value;
  out.always(name, std::string_view(is_current ? text : format_nillable_duration(value)));
}

void write_class_ref(JsonOut& out, const NodeClassRef& ref) {
  out.object_always("nodeClassRef", [&] {
    out.always("group", std::string_view(ref.group));
    out.always("kind", std::string_view(ref.kind));
    out.always("name", std::string_view(ref.name));
  });
}

void write_claim_spec(JsonOut& out, const NodeClaimSpec& spec) {
  write_items(out, "taints", spec.taints);
  write_items(out, "startupTaints", spec.startup_taints);
  out.array_always(
      "requirements", spec.requirements, [&](const SelectorTerm& term) { write_item(out, term); });
  write_class_ref(out, spec.node_class);
  out.duration("terminationGracePeriod", spec.termination_grace_period);
  write_nillable(out, "expireAfter", spec.expire_after, spec.expire_after_text);
}

void write_disruption(JsonOut& out, const Disruption& disruption) {
  write_nillable(
      out, "consolidateAfter", disruption.consolidate_after, disruption.consolidate_after_text);
  out.field("consolidationPolicy", disruption.consolidation_policy);
  out.array_always("budgets", disruption.budgets, [&](const Budget& budget) {
    out.object([&] {
      out.field("reasons", budget.reasons);
      out.always("nodes", std::string_view(budget.nodes));
      out.field("schedule", budget.schedule);
      out.duration("duration", budget.duration);
    });
  });
}

void write_template(JsonOut& out, const NodePool& pool) {
  out.object_always("metadata", [&] {
    out.field("labels", pool.template_labels);
    out.field("annotations", pool.template_annotations);
  });
  out.object_always("spec", [&] { write_claim_spec(out, pool.template_spec); });
}

}  // namespace

void write_body(JsonOut& out, const Node& node) {
  out.object("spec", [&] {
    out.field("providerID", node.provider_id);
    out.field("unschedulable", node.unschedulable);
    write_items(out, "taints", node.taints);
  });
  out.object("status", [&] {
    out.field("capacity", node.status.capacity);
    out.field("allocatable", node.status.allocatable);
    write_items(out, "conditions", node.status.conditions);
  });
}

void write_body(JsonOut& out, const NodeClaim& claim) {
  out.object_always("spec", [&] {
    write_claim_spec(out, claim.spec);
    out.object_always("resources", [&] { out.field("requests", claim.spec.requests); });
  });
  const NodeClaimStatus& status = claim.status;
  out.object_always("status", [&] {
    out.field("nodeName", status.node_name);
    out.field("providerID", status.provider_id);
    out.field("imageID", status.image_id);
    out.field("capacity", status.capacity);
    out.field("allocatable", status.allocatable);
    write_items(out, "conditions", status.conditions);
    out.time("lastPodEventTime", status.last_pod_event);
  });
}

void write_body(JsonOut& out, const NodePool& pool) {
  out.object_always("spec", [&] {
    out.object_always("template", [&] { write_template(out, pool); });
    out.object_always("disruption", [&] { write_disruption(out, pool.disruption); });
    out.field("limits", pool.limits);
    out.field("weight", pool.weight);
    out.field("replicas", pool.replicas);
  });
  out.object_always("status", [&] {
    out.field("resources", pool.status_resources);
    out.always("nodes", pool.status_nodes);
    out.field("nodeClassObservedGeneration", pool.node_class_observed_generation);
    write_items(out, "conditions", pool.conditions);
  });
}

void write_body(JsonOut& out, const NodeOverlay& overlay) {
  out.object_always("spec", [&] {
    out.array_always("requirements", overlay.requirements, [&](const SelectorTerm& term) {
      write_item(out, term);
    });
    out.field("priceAdjustment", overlay.price_adjustment);
    out.field("price", overlay.price);
    out.field("capacity", overlay.capacity);
    out.field("weight", overlay.weight);
  });
  out.object("status", [&] { write_items(out, "conditions", overlay.conditions); });
}

void write_body(JsonOut& out, const KWOKNodeClass& node_class) {
  out.object("spec",
             [&] { out.duration("nodeRegistrationDelay", node_class.node_registration_delay); });
  out.object("status", [&] { write_items(out, "conditions", node_class.conditions); });
}

}  // namespace k8s

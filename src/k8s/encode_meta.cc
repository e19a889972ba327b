#include "k8s/encode.h"

namespace k8s {

void write_meta(JsonOut& out, const ObjectMeta& meta) {
  out.field("name", meta.name);
  out.field("generateName", meta.generate_name);
  out.field("namespace", meta.namespace_);
  out.field("uid", meta.uid);
  out.field("resourceVersion", meta.resource_version);
  out.field("generation", meta.generation);
  out.time("creationTimestamp", meta.creation_time);
  out.time("deletionTimestamp", meta.deletion_time);
  out.field("deletionGracePeriodSeconds", meta.deletion_grace_seconds);
  out.field("labels", meta.labels);
  out.field("annotations", meta.annotations);
  out.array("ownerReferences", meta.owners.read(), [&](const OwnerReference& owner) {
    out.object([&] {
      out.always("apiVersion", std::string_view(owner.api_version));
      out.always("kind", std::string_view(owner.kind));
      out.always("name", std::string_view(owner.name));
      out.always("uid", std::string_view(owner.uid));
      out.field("controller", owner.controller);
      out.field("blockOwnerDeletion", owner.block_owner_deletion);
    });
  });
  out.field("finalizers", meta.finalizers);
}

void write_item(JsonOut& out, const Condition& condition) {
  out.object([&] {
    out.always("type", std::string_view(condition.type));
    out.always("status", std::string_view(condition.status));
    out.field("observedGeneration", condition.observed_generation);
    out.time("lastHeartbeatTime", condition.last_heartbeat);
    out.time("lastTransitionTime", condition.last_transition);
    // Required by the schema, though they may be empty (API-41).
    out.always("reason", std::string_view(condition.reason));
    out.always("message", std::string_view(condition.message));
  });
}

void write_item(JsonOut& out, const Taint& taint) {
  out.object([&] {
    out.always("key", std::string_view(taint.key));
    out.field("value", taint.value);
    out.always("effect", std::string_view(taint.effect));
    out.time("timeAdded", taint.time_added);
  });
}

void write_item(JsonOut& out, const SelectorTerm& term) {
  out.object([&] {
    out.always("key", std::string_view(term.key));
    out.always("operator", std::string_view(term.op));
    out.field("values", term.values);
    out.field("minValues", term.min_values);
  });
}

void write_selector(JsonOut& out, const LabelSelector& selector) {
  out.field("matchLabels", selector.match_labels);
  write_items(out, "matchExpressions", selector.match_expressions);
}

}  // namespace k8s

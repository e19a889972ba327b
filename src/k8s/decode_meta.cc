#include "k8s/decode.h"

namespace k8s {

void read(JsonIn& in, Element e, OwnerReference& out) {
  in.object(e, [&](Field f) {
    return f("apiVersion", out.api_version) || f("kind", out.kind) || f("name", out.name) ||
           f("uid", out.uid) || f("controller", out.controller) ||
           f("blockOwnerDeletion", out.block_owner_deletion);
  });
}

void read(JsonIn& in, Element e, ObjectMeta& out) {
  in.object(e, [&](Field f) {
    return f("name", out.name) || f("generateName", out.generate_name) ||
           f("namespace", out.namespace_) || f("uid", out.uid) ||
           f("resourceVersion", out.resource_version) || f("generation", out.generation) ||
           f("creationTimestamp", AsTime{out.creation_time}) ||
           f("deletionTimestamp", AsTime{out.deletion_time}) ||
           f("deletionGracePeriodSeconds", out.deletion_grace_seconds) || f("labels", out.labels) ||
           f("annotations", out.annotations) || f("ownerReferences", out.owners) ||
           f("finalizers", out.finalizers) || f.skip("managedFields", "selfLink", "clusterName");
  });
}

void read(JsonIn& in, Element e, Condition& out) {
  in.object(e, [&](Field f) {
    return f("type", out.type) || f("status", out.status) || f("reason", out.reason) ||
           f("message", out.message) || f("lastTransitionTime", AsTime{out.last_transition}) ||
           f("lastHeartbeatTime", AsTime{out.last_heartbeat}) ||
           f("observedGeneration", out.observed_generation);
  });
}

void read(JsonIn& in, Element e, ObjectReference& out) {
  in.object(e, [&](Field f) {
    return f("apiVersion", out.api_version) || f("kind", out.kind) ||
           f("namespace", out.namespace_) || f("name", out.name) || f("uid", out.uid);
  });
}

void read(JsonIn& in, Element e, SelectorTerm& out) {
  in.object(e, [&](Field f) {
    return f("key", out.key) || f("operator", out.op) || f("values", out.values) ||
           f("minValues", out.min_values);
  });
}

void read(JsonIn& in, Element e, LabelSelector& out) {
  in.object(e, [&](Field f) {
    return f("matchLabels", out.match_labels) || f("matchExpressions", out.match_expressions);
  });
}

void read(JsonIn& in, Element e, Taint& out) {
  in.object(e, [&](Field f) {
    return f("key", out.key) || f("value", out.value) || f("effect", out.effect) ||
           f("timeAdded", AsTime{out.time_added});
  });
}

void read(JsonIn& in, Element e, Toleration& out) {
  in.object(e, [&](Field f) {
    return f("key", out.key) || f("operator", out.op) || f("value", out.value) ||
           f("effect", out.effect) || f("tolerationSeconds", out.seconds);
  });
}

void read(JsonIn& in, Element e, IntOrPercent& out) {
  std::string_view text;
  if (e.get(text) != simdjson::SUCCESS) {
    read(in, e, out.value);
    return;
  }
  if (text.ends_with('%')) {
    out.is_percent = true;
    text.remove_suffix(1);
  }
  constexpr std::size_t kMaxDigits = 9;
  bool ok = !text.empty() && text.size() <= kMaxDigits;
  for (const char c : text) {
    ok = ok && c >= '0' && c <= '9';
    out.value = ok ? out.value * 10 + (c - '0') : out.value;
  }
  if (!ok) {
    in.mismatch("integer or percentage (such as 2 or \"25%\")", e);
  }
}

}  // namespace k8s

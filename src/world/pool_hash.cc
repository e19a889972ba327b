#include "world/pool_hash.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "world/static_hash.h"

namespace world {

namespace {

bool is_given(const k8s::NodePool& pool, std::string_view name, bool is_empty) {
  const auto& empty = pool.explicit_empty;
  return !is_empty || std::ranges::find(empty, name) != empty.end();
}

std::uint64_t hash_taints(const std::vector<k8s::Taint>& taints) {
  std::uint64_t state = 0;
  for (const k8s::Taint& taint : taints) {
    StructHash hash("Taint");
    hash.text("Key", taint.key);
    hash.text("Value", taint.value);
    hash.text("Effect", taint.effect);
    state ^= hash.value();
  }
  return state;
}

std::uint64_t hash_class_ref(const k8s::NodeClassRef& ref) {
  StructHash hash("NodeClassReference");
  hash.text("Kind", ref.kind);
  hash.text("Name", ref.name);
  hash.text("Group", ref.group);
  return hash.value();
}

std::uint64_t hash_duration(std::string_view type, k8s::DurationNs duration) {
  StructHash hash(type);
  if (duration != 0) {
    hash.field("Duration", hash_int64(duration));
  }
  return hash.value();
}

// A set pointer counts even when the duration it points at is zero; "Never" is a zero struct and
// does not (API-181).
std::uint64_t hash_spec(const k8s::NodePool& pool) {
  const k8s::NodeClaimSpec& spec = pool.template_spec;
  StructHash hash("NodeClaimTemplateSpec");
  if (is_given(pool, "taints", spec.taints.empty())) {
    hash.field("Taints", hash_taints(spec.taints));
  }
  if (is_given(pool, "startupTaints", spec.startup_taints.empty())) {
    hash.field("StartupTaints", hash_taints(spec.startup_taints));
  }
  hash.field("NodeClassRef", hash_class_ref(spec.node_class));
  if (spec.termination_grace_period) {
    hash.field("TerminationGracePeriod", hash_duration("Duration", *spec.termination_grace_period));
  }
  if (spec.expire_after) {
    hash.field("ExpireAfter", hash_duration("NillableDuration", *spec.expire_after));
  }
  return hash.value();
}

}  // namespace

std::string pool_hash(const k8s::NodePool& pool) {
  const bool has_labels = is_given(pool, "labels", pool.template_labels.empty());
  const bool has_annotations = is_given(pool, "annotations", pool.template_annotations.empty());
  StructHash meta("ObjectMeta");
  if (has_labels) {
    meta.field("Labels", hash_map(pool.template_labels));
  }
  if (has_annotations) {
    meta.field("Annotations", hash_map(pool.template_annotations));
  }
  StructHash whole("NodeClaimTemplate");
  if (has_labels || has_annotations) {
    whole.field("ObjectMeta", meta.value());
  }
  whole.field("Spec", hash_spec(pool));
  return std::to_string(whole.value());
}

}  // namespace world

#include "world/pool_hash.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace world {

namespace {

// API-169: FNV-1, multiply first.
std::uint64_t fnv(std::string_view bytes) {
  std::uint64_t h = 14695981039346656037ULL;
  for (const char byte : bytes) {
    h *= 1099511628211ULL;
    h ^= static_cast<unsigned char>(byte);
  }
  return h;
}

void append_little_endian(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) {
    out.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
  }
}

std::uint64_t finish(std::uint64_t a) {
  std::string bytes;
  append_little_endian(bytes, a);
  return fnv(bytes);
}

std::uint64_t ordered(std::uint64_t a, std::uint64_t b) {
  std::string bytes;
  append_little_endian(bytes, a);
  append_little_endian(bytes, b);
  return fnv(bytes);
}

// API-178: fields in declaration order, each followed by a finish step.
class StructHash {
 public:
  explicit StructHash(std::string_view type) : state_(fnv(type)) {}

  void field(std::string_view name, std::uint64_t value) {
    state_ = finish(state_ ^ ordered(fnv(name), value));
  }

  void text(std::string_view name, const std::string& value) {
    if (!value.empty()) {
      field(name, fnv(value));
    }
  }

  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_;
};

std::uint64_t hash_map(const k8s::StringMap& map) {
  std::uint64_t state = 0;
  for (const auto& [key, value] : map) {
    state ^= ordered(fnv(key), fnv(value));
  }
  return finish(state);
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
    hash.field("Duration", finish(static_cast<std::uint64_t>(duration)));
  }
  return hash.value();
}

// A set pointer counts even when the duration it points at is zero; "Never" is a zero struct and
// does not (API-181).
std::uint64_t hash_spec(const k8s::NodeClaimSpec& spec) {
  StructHash hash("NodeClaimTemplateSpec");
  if (!spec.taints.empty()) {
    hash.field("Taints", hash_taints(spec.taints));
  }
  if (!spec.startup_taints.empty()) {
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
  StructHash meta("ObjectMeta");
  if (!pool.template_labels.empty()) {
    meta.field("Labels", hash_map(pool.template_labels));
  }
  if (!pool.template_annotations.empty()) {
    meta.field("Annotations", hash_map(pool.template_annotations));
  }
  StructHash whole("NodeClaimTemplate");
  if (!pool.template_labels.empty() || !pool.template_annotations.empty()) {
    whole.field("ObjectMeta", meta.value());
  }
  whole.field("Spec", hash_spec(pool.template_spec));
  return std::to_string(whole.value());
}

}  // namespace world

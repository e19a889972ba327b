// CapacityBuffer and PodTemplate.
#include "k8s/decode.h"

namespace k8s {

void read(JsonIn& in, Element e, ScalableRef& out);

namespace {

// {"name": "..."}
struct NameRef {
  std::optional<std::string>& out;
};

void read(JsonIn& in, Element e, NameRef ref) {
  in.object(e, [&](Field f) { return f("name", ref.out); });
}

constexpr std::string_view kActiveCapacity = "buffer.x-k8s.io/active-capacity";

}  // namespace

void read(JsonIn& in, Element e, ScalableRef& out) {
  in.object(e, [&](Field f) {
    return f("apiGroup", out.api_group) || f("kind", out.kind) || f("name", out.name);
  });
}

void read(JsonIn& in, Element e, CapacityBuffer& out) {
  out.provisioning_strategy = kActiveCapacity;
  in.object(e, [&](Field f) {
    return read_header(f, out) || f.object("spec", [&](Field g) {
      return g("provisioningStrategy", out.provisioning_strategy) ||
             g("podTemplateRef", NameRef{out.pod_template}) || g("scalableRef", out.scalable) ||
             g("replicas", out.replicas) || g("percentage", out.percentage) ||
             g("limits", out.limits);
    }) || f.object("status", [&](Field g) {
      return g("podTemplateRef", NameRef{out.status_pod_template}) ||
             g("replicas", out.status_replicas) ||
             g("podTemplateGeneration", out.pod_template_generation) ||
             g("provisioningStrategy", out.status_strategy) || g("conditions", out.conditions);
    });
  });
}

void read(JsonIn& in, Element e, PodTemplateObject& out) {
  in.object(e, [&](Field f) { return read_header(f, out) || f("template", out.pod_template); });
}

}  // namespace k8s

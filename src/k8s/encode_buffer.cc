// CapacityBuffer and PodTemplate.
#include "k8s/encode.h"

namespace k8s {
namespace {

void write_ref(JsonOut& out, std::string_view name, const std::optional<std::string>& ref) {
  if (ref) {
    out.object_always(name, [&] { out.field("name", *ref); });
  }
}

void write_spec(JsonOut& out, const CapacityBuffer& buffer) {
  out.field("provisioningStrategy", buffer.provisioning_strategy);
  write_ref(out, "podTemplateRef", buffer.pod_template);
  if (buffer.scalable) {
    out.object_always("scalableRef", [&] {
      out.field("apiGroup", buffer.scalable->api_group);
      out.field("kind", buffer.scalable->kind);
      out.field("name", buffer.scalable->name);
    });
  }
  out.field("replicas", buffer.replicas);
  out.field("percentage", buffer.percentage);
  if (buffer.limits) {
    out.field("limits", *buffer.limits);
  }
}

}  // namespace

void write_body(JsonOut& out, const CapacityBuffer& buffer) {
  out.object_always("spec", [&] { write_spec(out, buffer); });
  out.object("status", [&] {
    write_ref(out, "podTemplateRef", buffer.status_pod_template);
    out.field("replicas", buffer.status_replicas);
    out.field("podTemplateGeneration", buffer.pod_template_generation);
    out.field("provisioningStrategy", buffer.status_strategy);
    write_items(out, "conditions", buffer.conditions);
  });
}

void write_body(JsonOut& out, const PodTemplateObject& object) {
  out.object("template", [&] { write_template(out, object.pod_template); });
}

}  // namespace k8s

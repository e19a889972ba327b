// NodeOverlay (spec 01 s7), CapacityBuffer (s8) and KWOKNodeClass (s9).
#include <array>
#include <string>
#include <utility>

#include "k8s/schema/common.h"
#include "k8s/schema/json_access.h"
#include "k8s/schema/karpenter_kinds.h"

namespace k8s::schema {
namespace {

bool overlays_no_basic_resource(const value& capacity, const value*) {
  constexpr std::array<std::string_view, 4> kBasic{"cpu", "memory", "ephemeral-storage", "pods"};
  for (const std::string_view name : kBasic) {
    if (fields_of(&capacity).contains(name)) {
      return false;
    }
  }
  return true;
}

Schema overlay_spec(Flavour flavour) {
  return object({
                    optional("capacity",
                             quantities()
                                 .rule("self.all(k, !(k in ['cpu', 'memory', 'ephemeral-storage', "
                                       "'pods']))",
                                       "invalid resource restricted",
                                       overlays_no_basic_resource)
                                 .describe("Extended resources that the instance types get.")),
                    optional("price",
                             string()
                                 .pattern(R"(^\d+(\.\d+)?$)")
                                 .describe("The price per hour to reckon with.")),
                    optional("priceAdjustment",
                             string()
                                 .pattern(R"(^(([+-]{1}(\d*\.?\d+))|(\+{1}\d*\.?\d+%)|)"
                                          R"((^(-\d{1,2}(\.\d+)?%)$)|(-100%))$)")
                                 .describe("A change of the price: +0.5, -0.5, +10%, -10%.")),
                    required("requirements", requirements(RequirementUse::kNodeOverlay, flavour)),
                    optional("weight",
                             int32().min(1).max(10000).describe("The heaviest overlay wins.")),
                })
      .rule("!(has(self.price) && has(self.priceAdjustment))",
            "cannot set both 'price' and 'priceAdjustment'",
            [](const value& self, const value*) {
              return !(has(self, "price") && has(self, "priceAdjustment"));
            })  // API-63
      .describe("Which instance types are seen differently, and how.");
}

Schema pod_template_ref(bool is_strict) {
  return object({
      is_strict ? required("name", string().min_length(1)) : optional("name", string()),
  });
}

Schema buffer_spec() {
  return object({
                    optional("limits", quantities().describe("What the buffer may use in total.")),
                    optional("percentage",
                             int32().min(0).describe("Size as a share of the scalable object.")),
                    optional("podTemplateRef", pod_template_ref(true)),
                    optional("provisioningStrategy",
                             string().fallback("\"buffer.x-k8s.io/active-capacity\"")),
                    optional("replicas", int32().min(0).describe("Size in pods.")),
                    optional("scalableRef",
                             object({
                                 optional("apiGroup", string()),
                                 required("kind", string().min_length(1)),
                                 required("name", string().min_length(1)),
                             })),
                })
      .rule("!has(self.podTemplateRef) || has(self.replicas) || has(self.limits)",
            "If podTemplateRef is set, replicas or limits must also be set",
            [](const value& self, const value*) {
              return !has(self, "podTemplateRef") || has(self, "replicas") || has(self, "limits");
            })  // API-68
      .rule("!(has(self.podTemplateRef) && has(self.scalableRef))",
            "You must define either PodTemplateRef or ScalableRef, but not both",
            [](const value& self, const value*) {
              return !(has(self, "podTemplateRef") && has(self, "scalableRef"));
            })  // API-69
      .describe("Room that is kept free for pods to come.");
}

Schema buffer_status() {
  return object({
      optional("conditions", conditions(ConditionList::kByType)),
      optional("podTemplateGeneration", int64()),
      optional("podTemplateRef", pod_template_ref(false)),
      optional("provisioningStrategy", string()),
      optional("replicas", int32()),
  });
}

// API-75: Ready from the start, without any controller.
constexpr const char* kKwokStatus =
    R"({"conditions": [{"lastTransitionTime": "2024-01-01T01:01:01Z", "message": "", )"
    R"("reason": "Ready", "status": "True", "type": "Ready"}]})";

}  // namespace

KindSchema node_overlay_kind(Flavour flavour) {
  Schema status = object({optional("conditions", conditions(ConditionList::kByType))});
  return {
      .group = "karpenter.sh",
      .version = "v1alpha1",
      .kind = "NodeOverlay",
      .plural = "nodeoverlays",
      .singular = "nodeoverlay",
      .short_names = {"overlays"},
      .categories = {"karpenter"},
      .is_custom = true,
      .columns = {ready_column(), age_column(), {"Weight", "integer", ".spec.weight", 1}},  // API-6
      .schema = top_level({required("spec", overlay_spec(flavour)),
                           optional("status", std::move(status))})
                    .describe("A NodeOverlay corrects prices and capacity of instance types."),
  };
}

KindSchema capacity_buffer_kind() {
  return {
      .group = "autoscaling.x-k8s.io",
      .version = "v1beta1",
      .kind = "CapacityBuffer",
      .plural = "capacitybuffers",
      .singular = "capacitybuffer",
      .short_names = {"cb"},
      .categories = {"autoscaling"},
      .is_namespaced = true,
      .is_custom = true,
      .columns =
          {{"Strategy", "string", ".spec.provisioningStrategy", 0, "The strategy to be used."},
           {"PodTemplate",
            "string",
            ".status.podTemplateRef.name",
            0,
            "The name of the PodTemplate used."},
           {"Replicas", "integer", ".status.replicas", 0, "The actual number of buffer chunks."},
           {"ConditionsType",
            "string",
            ".status.conditions[*].type",
            0,
            "List of all condition types."},
           {"ConditionsStatus",
            "string",
            ".status.conditions[*].status",
            0,
            "List of all condition statuses."},
           {"ConditionsReason",
            "string",
            ".status.conditions[*].reason",
            0,
            "List of all condition reasons."},
           {"Age",
            "date",
            ".metadata.creationTimestamp",
            0,
            "The age of the CapacityBuffer."}},  // API-7
      .schema = top_level({required("spec", buffer_spec()), optional("status", buffer_status())})
                    .describe("A CapacityBuffer keeps room free ahead of demand."),
  };
}

KindSchema kwok_node_class_kind() {
  Schema spec = object({
      optional("nodeRegistrationDelay",
               duration_text().describe("How long a node takes to register.")),
  });
  Schema status =
      object({optional("conditions", conditions(ConditionList::kAtomic))}).fallback(kKwokStatus);
  return {
      .group = "karpenter.kwok.sh",
      .version = "v1alpha1",
      .kind = "KWOKNodeClass",
      .plural = "kwoknodeclasses",
      .singular = "kwoknodeclass",
      .short_names = {"kwoknc", "kwokncs"},
      .categories = {"karpenter"},
      .is_custom = true,
      .schema =
          top_level({optional("spec", std::move(spec)), optional("status", std::move(status))})
              .describe("A KWOKNodeClass says how simulated nodes are made."),
  };
}

}  // namespace k8s::schema

// NodeClaim, karpenter.sh/v1 (spec 01 s6).
#include "k8s/patch.h"
#include "k8s/schema/common.h"
#include "k8s/schema/json_access.h"
#include "k8s/schema/karpenter_kinds.h"

namespace k8s::schema {
namespace {

Schema spec(Flavour flavour) {
  return object({
                    optional("expireAfter",
                             nillable_duration_text()
                                 .fallback("\"720h\"")
                                 .describe("How long the node may live, or Never.")),
                    required("nodeClassRef", node_class_reference()),
                    required("requirements", requirements(RequirementUse::kNodeClaim, flavour)),
                    optional("resources",
                             object({
                                 optional("requests",
                                          quantities().describe("What the node must have at "
                                                                "least.")),
                             })),
                    optional("startupTaints", taints()),
                    optional("taints", taints()),
                    optional("terminationGracePeriod",
                             duration_text().describe("How long the node may take to drain before "
                                                      "it is removed by force.")),
                })
      .transition("self == oldSelf",
                  "spec is immutable",
                  [](const value& self, const value* old) {
                    return old == nullptr || same_json(self, *old);
                  })  // API-60
      .describe("The node that is wanted. Never changes.");
}

Schema status() {
  return object({
      optional("allocatable", quantities().describe("What pods may use of the node.")),
      optional("capacity", quantities().describe("What the node has.")),
      optional("conditions", conditions(ConditionList::kRelaxedByType)),
      optional("imageID", string().describe("The machine image of the instance.")),
      optional("lastPodEventTime",
               date_time().describe("When a pod last came to the node or left it.")),
      optional("nodeName", string().describe("The Node that the instance registered as.")),
      optional("providerID", string().describe("The instance, as the cloud calls it.")),
  });
}

}  // namespace

KindSchema node_claim_kind(Flavour flavour) {
  return {
      .group = "karpenter.sh",
      .version = "v1",
      .kind = "NodeClaim",
      .plural = "nodeclaims",
      .singular = "nodeclaim",
      .categories = {"karpenter"},
      .is_custom = true,
      .columns = {{"Type", "string", R"(.metadata.labels.node\.kubernetes\.io/instance-type)"},
                  {"Capacity", "string", R"(.metadata.labels.karpenter\.sh/capacity-type)"},
                  {"Zone", "string", R"(.metadata.labels.topology\.kubernetes\.io/zone)"},
                  {"Node", "string", ".status.nodeName"},
                  ready_column(),
                  age_column(),
                  {"ImageID", "string", ".status.imageID", 1},
                  {"ID", "string", ".status.providerID", 1},
                  {"NodePool", "string", R"(.metadata.labels.karpenter\.sh/nodepool)", 1},
                  {"NodeClass", "string", ".spec.nodeClassRef.name", 1},
                  {"Drifted",
                   "string",
                   R"(.status.conditions[?(@.type=="Drifted")].status)",
                   1}},  // API-5
      .schema = top_level({required("spec", spec(flavour)), optional("status", status())})
                    .describe("A NodeClaim asks for one node and shows what became of it."),
  };
}

}  // namespace k8s::schema

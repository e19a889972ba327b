// NodePool, karpenter.sh/v1 (spec 01 s5).
#include <string>
#include <utility>

#include "k8s/schema/common.h"
#include "k8s/schema/json_access.h"
#include "k8s/schema/karpenter_kinds.h"

namespace k8s::schema {
namespace {

// Applies to each key of a map of labels (API-52).
template <typename Test>
Predicate for_all_keys(Test test) {
  return [test](const value& self, const value*) {
    for (const auto& field : fields_of(&self)) {
      if (!test(std::string_view(field.key()))) {
        return false;
      }
    }
    return true;
  };
}

Schema template_labels(Flavour flavour) {
  Schema labels = map_of(string().max_length(63).pattern(std::string(kLabelValuePattern)))
                      .max_length(100)
                      .map("atomic")
                      .describe("Labels of the nodes; they count as requirements too.");
  // API-11: the KWOK flavour does not restrict its domain here.
  const Flavour rules = flavour == Flavour::kKwok ? Flavour::kCore : flavour;
  for (const RestrictedDomain& restricted : restricted_domains(RequirementUse::kNodePool, rules)) {
    labels = std::move(labels).rule(
        "self.all(k, " + domain_expression("k", restricted) + ")",
        "label domain \"" + std::string(restricted.domain) + "\" is restricted",
        for_all_keys(
            [restricted](std::string_view key) { return !is_restricted(key, restricted); }));
  }
  for (const std::string_view name : {"karpenter.sh/nodepool", "kubernetes.io/hostname"}) {
    labels =
        std::move(labels).rule("self.all(k, k != '" + std::string(name) + "')",
                               "label \"" + std::string(name) + "\" is restricted",
                               for_all_keys([name](std::string_view key) { return key != name; }));
  }
  return labels;
}

Schema pool_node_class_reference() {
  const auto is_same = [](std::string_view field) {
    return [field](const value& self, const value* old) {
      return old == nullptr || text_at(self, field) == text_at(*old, field);
    };
  };
  // API-50
  return node_class_reference()
      .transition(
          "self.group == oldSelf.group", "nodeClassRef.group is immutable", is_same("group"))
      .transition("self.kind == oldSelf.kind", "nodeClassRef.kind is immutable", is_same("kind"))
      .describe("The node class that says how nodes are made.");
}

Schema node_template(Flavour flavour) {
  Schema claim_spec = object({
      optional("expireAfter",
               nillable_duration_text()
                   .fallback("\"720h\"")
                   .describe("How long a node may live, or Never.")),
      required("nodeClassRef", pool_node_class_reference()),
      required("requirements", requirements(RequirementUse::kNodePool, flavour)),
      optional("startupTaints",
               taints().describe("Taints that something else removes when a node has started; pods "
                                 "need not tolerate them.")),
      optional("taints", taints()),
      optional("terminationGracePeriod",
               duration_text().describe(
                   "How long a node may take to drain before it is removed by force.")),
  });
  return object({
      optional(
          "metadata",
          object({
              optional("annotations",
                       text_map().map("granular").describe("Annotations of the claims and nodes.")),
              optional("labels", template_labels(flavour)),
          })),
      required("spec", std::move(claim_spec)),
  });
}

bool has_schedule_with_duration(const value& budgets, const value*) {
  for (const value& budget : items_of(&budgets)) {
    if (has(budget, "schedule") != has(budget, "duration")) {
      return false;
    }
  }
  return true;
}

Schema budgets() {
  Schema budget = object({
      optional("duration",
               string()
                   .pattern("^((([0-9]+(h|m))|([0-9]+h[0-9]+m))(0s)?)$")
                   .describe("How long the budget is active after each time of the schedule.")),
      required("nodes",
               string()
                   .pattern("^((100|[0-9]{1,2})%|[0-9]+)$")
                   .fallback("\"10%\"")
                   .describe("How many nodes may be disrupted at a time: a number or a "
                             "percentage.")),
      optional("reasons",
               array(string().one_of({"Underutilized", "Empty", "Drifted"}))
                   .max_length(50)
                   .list("set")
                   .describe("The reasons that the budget limits; absent: all.")),
      optional("schedule",
               string()
                   .pattern(R"(^(@(annually|yearly|monthly|weekly|daily|midnight|hourly))|)"
                            R"(((.+)\s(.+)\s(.+)\s(.+)\s(.+))$)")
                   .describe("When the budget becomes active: cron, in UTC.")),
  });
  return array(std::move(budget))
      .max_length(50)
      .list("atomic")
      .fallback("[{\"nodes\": \"10%\"}]")
      .rule("self.all(b, has(b.schedule) == has(b.duration))",
            "'schedule' must be set with 'duration'",
            has_schedule_with_duration)  // API-51
      .describe("Limits on how many nodes may be disrupted at a time.");
}

Schema disruption() {
  // API-14: consolidateAfter is defaulted, not required.
  return object({
                    optional("budgets", budgets()),
                    optional("consolidateAfter",
                             nillable_duration_text().fallback("\"0s\"").describe(
                                 "How long a node must be quiet before it may be consolidated, or "
                                 "Never.")),
                    optional("consolidationPolicy",
                             string()
                                 .one_of({"WhenEmpty", "WhenEmptyOrUnderutilized", "Balanced"})
                                 .fallback("\"WhenEmptyOrUnderutilized\"")
                                 .describe("Which nodes may be consolidated.")),
                })
      .fallback("{\"consolidateAfter\": \"0s\"}")
      .describe("When and how nodes may be taken away.");
}

bool only_limits_nodes(const value& spec, const value*) {
  if (!has(spec, "replicas")) {
    return true;
  }
  const auto& limits = fields_at(spec, "limits");
  return limits.empty() || (limits.size() == 1 && limits.contains("nodes"));
}

Schema spec(Flavour flavour) {
  return object({
                    optional("disruption", disruption()),
                    optional("limits",
                             quantities().describe("What the pool may use in total; `nodes` counts "
                                                   "nodes.")),
                    optional("replicas",
                             int64().min(0).describe("Makes the pool static: this many nodes, "
                                                     "whatever the pods want (alpha).")),
                    required("template", node_template(flavour)),
                    optional("weight",
                             int32().min(1).max(100).describe("Heavier pools are tried first.")),
                })
      .transition(
          "has(self.replicas) == has(oldSelf.replicas)",
          "Cannot transition NodePool between static (replicas set) and dynamic (replicas unset) "
          "provisioning modes",
          [](const value& self, const value* old) {
            return old == nullptr || has(self, "replicas") == has(*old, "replicas");
          })  // API-46
      .rule(
          "!has(self.replicas) || !has(self.limits) || size(self.limits) == 0 || "
          "(size(self.limits) == 1 && 'nodes' in self.limits)",
          "only 'limits.nodes' is supported on static NodePools",
          only_limits_nodes)  // API-47
      .rule("!has(self.replicas) || !has(self.weight)",
            "'weight' is not supported on static NodePools",
            [](const value& self, const value*) {
              return !has(self, "replicas") || !has(self, "weight");
            })  // API-48
      .describe("What nodes the pool makes and when it takes them away.");
}

Schema status() {
  return object({
      optional("conditions", conditions(ConditionList::kByType)),
      optional("nodeClassObservedGeneration",
               int64().describe("Generation of the node class when registration health was last "
                                "looked at.")),
      optional("nodes", int64().fallback("0").describe("How many nodes the pool has.")),
      optional("resources", quantities().describe("What the nodes of the pool have in total.")),
  });
}

}  // namespace

PrinterColumn ready_column() {
  return {"Ready", "string", R"(.status.conditions[?(@.type=="Ready")].status)"};
}

PrinterColumn age_column() {
  return {"Age", "date", ".metadata.creationTimestamp"};
}

KindSchema node_pool_kind(Flavour flavour) {
  return {
      .group = "karpenter.sh",
      .version = "v1",
      .kind = "NodePool",
      .plural = "nodepools",
      .singular = "nodepool",
      .categories = {"karpenter"},
      .is_custom = true,
      .has_scale = true,
      .columns = {{"NodeClass", "string", ".spec.template.spec.nodeClassRef.name"},
                  {"Nodes", "string", ".status.nodes"},
                  ready_column(),
                  age_column(),
                  {"Weight", "integer", ".spec.weight", 1},
                  {"CPU", "string", ".status.resources.cpu", 1},
                  {"Memory", "string", ".status.resources.memory", 1}},  // API-4
      .schema =
          top_level({required("spec", spec(flavour)), optional("status", status())})
              .describe("A NodePool says which nodes may be made for pods that fit nowhere else."),
  };
}

}  // namespace k8s::schema

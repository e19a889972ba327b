#include "k8s/schema/common.h"

#include <string>
#include <utility>

namespace k8s::schema {
namespace {

constexpr std::string_view kConditionTypePattern =
    R"(^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$)";
constexpr std::string_view kReasonPattern = R"(^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$)";
constexpr std::string_view kRelaxedReasonPattern = R"(^([A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?|)$)";

Property required_if(bool is_required, std::string name, Schema schema) {
  Property property = required(std::move(name), std::move(schema));
  property.is_required = is_required;
  return property;
}

Schema condition(bool is_relaxed) {
  Schema reason =
      is_relaxed ? string().max_length(1024).pattern(std::string(kRelaxedReasonPattern))
                 : string().min_length(1).max_length(1024).pattern(std::string(kReasonPattern));
  return object({
      required("lastTransitionTime",
               date_time().describe("When the condition last changed its status.")),
      required_if(
          !is_relaxed, "message", string().max_length(32768).describe("Details for humans.")),
      optional("observedGeneration",
               int64().min(0).describe("The metadata.generation that the condition is about.")),
      required_if(!is_relaxed,
                  "reason",
                  std::move(reason).describe("The cause of the last transition, in CamelCase.")),
      required("status", string().one_of({"True", "False", "Unknown"})),
      required("type",
               string()
                   .max_length(316)
                   .pattern(std::string(kConditionTypePattern))
                   .describe("What the condition is about, in CamelCase.")),
  });
}

Schema owner_references() {
  return array(object({
                   required("apiVersion", string()),
                   optional("blockOwnerDeletion", boolean()),
                   optional("controller", boolean()),
                   required("kind", string()),
                   required("name", string()),
                   required("uid", string()),
               }))
      .describe("The objects that this one depends on; it is deleted with the last of them.");
}

Schema taint() {
  return object({
      required("effect",
               string()
                   .one_of({"NoSchedule", "PreferNoSchedule", "NoExecute"})
                   .describe("What happens to pods that do not tolerate the taint.")),
      required("key",
               string()
                   .min_length(1)
                   .pattern(std::string(kQualifiedNamePattern))
                   .describe("The taint key.")),
      optional("timeAdded", date_time().describe("When the taint was added.")),
      optional("value",
               string()
                   .pattern(std::string(kQualifiedNamePattern))
                   .describe("The taint value; leave it out rather than empty.")),
  });
}

}  // namespace

Schema taints() {
  return array(taint()).list("atomic").describe("Taints that the nodes carry.");
}

Schema conditions(ConditionList list) {
  Schema schema = array(condition(list == ConditionList::kRelaxedByType))
                      .describe("What is currently known about the object.");
  return list == ConditionList::kAtomic ? std::move(schema)
                                        : std::move(schema).list("map", {"type"});
}

Schema object_meta() {
  return object(
             {
                 optional("annotations", text_map().describe("Free key-value pairs.")),
                 optional("creationTimestamp", date_time()),
                 optional("deletionGracePeriodSeconds", int64()),
                 optional("deletionTimestamp", date_time()),
                 optional("finalizers",
                          array(string()).describe("Who must agree before the object goes away.")),
                 optional("generateName",
                          string().describe("Prefix of a name that the server makes up.")),
                 optional("generation", int64()),
                 optional("labels", text_map().describe("Key-value pairs to select by.")),
                 optional("managedFields", array(any_object())),
                 optional("name", string().describe("Unique per kind and namespace.")),
                 optional("namespace", string()),
                 optional("ownerReferences", owner_references()),
                 optional("resourceVersion", string()),
                 optional("selfLink", string()),
                 optional("uid", string()),
             })
      .named(std::string(kObjectMetaDefinition))
      .describe("What every object carries.");
}

Schema top_level(std::vector<Property> rest) {
  std::vector<Property> properties{
      optional("apiVersion", string().describe("Group and version of this representation.")),
      optional("kind", string().describe("The kind of this object.")),
      optional("metadata", object_meta()),
  };
  for (Property& property : rest) {
    properties.push_back(std::move(property));
  }
  return object(std::move(properties));
}

Schema quantities() {
  return map_of(quantity());
}

Schema text_map() {
  return map_of(string());
}

Schema duration_text() {
  return string().pattern(std::string(kDurationPattern));
}

Schema nillable_duration_text() {
  return string().pattern(std::string(kNillableDurationPattern));
}

}  // namespace k8s::schema

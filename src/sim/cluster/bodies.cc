#include "sim/cluster/bodies.h"

#include <boost/json.hpp>

#include "base/assert.h"
#include "base/text.h"
#include "k8s/codec.h"
#include "k8s/kinds.h"

namespace sim {

namespace {

namespace json = boost::json;

json::object to_json(const k8s::StringMap& map) {
  json::object object;
  for (const auto& [key, value] : map) {
    object[key] = value;
  }
  return object;
}

json::object selector_json(const k8s::LabelSelector& selector) {
  json::object object;
  if (!selector.match_labels.empty()) {
    object["matchLabels"] = to_json(selector.match_labels);
  }
  json::array expressions;
  for (const k8s::SelectorTerm& term : selector.match_expressions) {
    json::object expression{{"key", term.key}, {"operator", term.op}};
    if (!term.values.empty()) {
      expression["values"] = json::value_from(term.values);
    }
    expressions.push_back(std::move(expression));
  }
  if (!expressions.empty()) {
    object["matchExpressions"] = std::move(expressions);
  }
  return object;
}

json::array owner_references(const k8s::Object& owner) {
  return {{{"apiVersion", k8s::api_version(owner.kind)},
           {"kind", k8s::kind_name(owner.kind)},
           {"name", owner.meta.name},
           {"uid", owner.meta.uid},
           {"controller", true},
           {"blockOwnerDeletion", true}}};
}

// The member as an object, made when absent.
json::object& member(json::object& object, std::string_view key) {
  json::value& value = object[key];
  if (!value.is_object()) {
    value = json::object();
  }
  return value.get_object();
}

json::array& list_member(json::object& object, std::string_view key) {
  json::value& value = object[key];
  if (!value.is_array()) {
    value = json::array();
  }
  return value.get_array();
}

json::object parse_template(std::string_view text) {
  json::value value = json::parse(text);
  ASSERT(value.is_object());
  return std::move(value.get_object());
}

// The daemon's pod may go to this node only; what the template demands of nodes still holds.
void pin(json::object& spec, const std::string& node) {
  json::object& affinity = member(member(spec, "affinity"), "nodeAffinity");
  json::object& required = member(affinity, "requiredDuringSchedulingIgnoredDuringExecution");
  json::array& terms = list_member(required, "nodeSelectorTerms");
  if (terms.empty()) {
    terms.push_back(json::object());
  }
  for (json::value& term : terms) {
    term.as_object()["matchFields"] =
        json::array{{{"key", "metadata.name"}, {"operator", "In"}, {"values", json::array{node}}}};
  }
}

void add_tolerations(json::object& spec, const std::vector<k8s::Toleration>& tolerations) {
  json::array& list = list_member(spec, "tolerations");
  for (const k8s::Toleration& toleration : tolerations) {
    list.push_back(
        {{"key", toleration.key}, {"operator", toleration.op}, {"effect", toleration.effect}});
  }
}

void add_claims(json::object& spec, const k8s::StringMap& claims) {
  json::array& volumes = list_member(spec, "volumes");
  for (const auto& [volume, claim] : claims) {
    volumes.push_back({{"name", volume}, {"persistentVolumeClaim", {{"claimName", claim}}}});
  }
}

json::object pod_metadata(const k8s::Workload& owner,
                          json::object& from_template,
                          const PodIdentity& identity) {
  json::object labels = member(from_template, "labels");
  for (const auto& [key, value] : identity.labels) {
    labels[key] = value;
  }
  json::object metadata{{"name", identity.name},
                        {"namespace", owner.meta.namespace_},
                        {"labels", std::move(labels)},
                        {"ownerReferences", owner_references(owner)}};
  const json::object& annotations = member(from_template, "annotations");
  if (!annotations.empty()) {
    metadata["annotations"] = annotations;
  }
  return metadata;
}

}  // namespace

std::string template_json(const k8s::Workload& workload, const RawTemplate& raw) {
  if (raw) {
    std::string text = raw({.kind = workload.kind,
                            .namespace_ = workload.meta.namespace_,
                            .name = workload.meta.name});
    if (!text.empty()) {
      return text;
    }
  }
  json::object metadata;
  if (!workload.pod_template.labels.empty()) {
    metadata["labels"] = to_json(workload.pod_template.labels);
  }
  if (!workload.pod_template.annotations.empty()) {
    metadata["annotations"] = to_json(workload.pod_template.annotations);
  }
  return json::serialize(
      json::object{{"metadata", std::move(metadata)},
                   {"spec", json::parse(k8s::encode_pod_spec(workload.pod_template.spec))}});
}

std::string pod_body(const k8s::Workload& owner,
                     std::string_view template_text,
                     const PodIdentity& identity) {
  json::object from = parse_template(template_text);
  json::object& spec = member(from, "spec");
  if (!identity.pinned_node.empty()) {
    pin(spec, identity.pinned_node);
  }
  if (!identity.tolerations.empty()) {
    add_tolerations(spec, identity.tolerations);
  }
  if (!identity.hostname.empty()) {
    spec["hostname"] = identity.hostname;
  }
  if (!identity.claims.empty()) {
    add_claims(spec, identity.claims);
  }
  json::object metadata = pod_metadata(owner, member(from, "metadata"), identity);
  return json::serialize(json::object{{"apiVersion", "v1"},
                                      {"kind", "Pod"},
                                      {"metadata", std::move(metadata)},
                                      {"spec", std::move(spec)}});
}

std::string replica_set_body(const k8s::Workload& deployment,
                             std::string_view template_text,
                             std::string_view hash,
                             std::int64_t replicas) {
  json::object pod_template = parse_template(template_text);
  json::object& labels = member(member(pod_template, "metadata"), "labels");
  labels["pod-template-hash"] = hash;
  k8s::LabelSelector selector = deployment.selector.value_or(k8s::LabelSelector{});
  selector.match_labels["pod-template-hash"] = hash;
  const json::object set_labels = labels;
  return json::serialize(json::object{
      {"apiVersion", "apps/v1"},
      {"kind", "ReplicaSet"},
      {"metadata",
       {{"name", deployment.meta.name + "-" + std::string(hash)},
        {"namespace", deployment.meta.namespace_},
        {"labels", set_labels},
        {"annotations", {{"deployment.kubernetes.io/desired-replicas", std::to_string(replicas)}}},
        {"ownerReferences", owner_references(deployment)}}},
      {"spec",
       {{"replicas", replicas},
        {"selector", selector_json(selector)},
        {"template", std::move(pod_template)}}}});
}

std::string status_body(const StatusCounts& status) {
  json::object fields;
  for (const auto& [name, count] : status.counts) {
    fields[name] = count;
  }
  for (const auto& [name, text] : status.texts) {
    fields[name] = text;
  }
  return status_text(fields, status.conditions);
}

std::string status_text(const json::object& fields, const std::vector<k8s::Condition>& conditions) {
  std::string text = json::serialize(fields);
  if (!conditions.empty()) {
    text.pop_back();
    text.append(fields.empty() ? "" : ",");
    text.append(R"("conditions":)").append(k8s::encode_conditions(conditions)).append("}");
  }
  return base::concat(R"({"status":)", text, "}");
}

}  // namespace sim

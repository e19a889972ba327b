// NodePool and NodeClaim: v1beta1 -> v1 (spec 01 s19.1, s19.2).
#include <utility>

#include "base/text.h"
#include "k8s/convert/draft.h"

namespace k8s::convert {

namespace json = boost::json;

namespace {

// apiVersion becomes group; group and kind are required now.
void convert_reference(Draft& draft, json::object& spec) {
  json::object* reference = find_child(spec, "nodeClassRef");
  if (reference == nullptr) {
    draft.problem = "nodeClassRef is missing, so nothing says which node class it means";
    return;
  }
  const std::string version = text_in(*reference, "apiVersion");
  std::string group = text_in(*reference, "group");
  if (group.empty()) {
    group = version.empty() ? "karpenter.k8s.aws" : version.substr(0, version.find('/'));
    draft.note(version.empty()
                   ? "nodeClassRef.group is required now: karpenter.k8s.aws, which was the default"
                   : base::concat("nodeClassRef.apiVersion ", version, " is now group: ", group));
  }
  std::string kind = text_in(*reference, "kind");
  if (kind.empty()) {
    kind = "EC2NodeClass";
    draft.note("nodeClassRef.kind is required now: EC2NodeClass, which was the default");
  }
  *reference = {{"group", group}, {"kind", kind}, {"name", text_in(*reference, "name")}};
}

void warn_of_values(Draft& draft, const json::object& spec) {
  const json::value* requirements = spec.if_contains("requirements");
  if (requirements == nullptr || !requirements->is_array()) {
    return;
  }
  for (const json::value& requirement : requirements->get_array()) {
    if (requirement.is_object() && text_in(requirement.get_object(), "key") ==
                                       "karpenter.k8s.aws/instance-accelerator-name") {  // API-199
      draft.note(
          "check the values of karpenter.k8s.aws/instance-accelerator-name: they are trainium, "
          "inferentia or inferentia2 now, where all were inferentia");
    }
  }
}

void move_expiry(Draft& draft, json::object& disruption, json::object& claim_spec) {
  if (auto expiry = take(disruption, "expireAfter")) {
    claim_spec["expireAfter"] = std::move(*expiry);
    draft.note(
        "spec.disruption.expireAfter moved to spec.template.spec.expireAfter; it counts as part of "
        "the template (a change is drift), and expired nodes are drained whatever budgets say");
  }
}

void convert_policy(Draft& draft, json::object& disruption) {
  const std::string policy = text_in(disruption, "consolidationPolicy");
  const bool was_underutilized = policy.empty() || policy == "WhenUnderutilized";
  if (policy == "WhenUnderutilized") {
    disruption["consolidationPolicy"] = "WhenEmptyOrUnderutilized";
    draft.note("consolidationPolicy WhenUnderutilized is now WhenEmptyOrUnderutilized");
  }
  if (was_underutilized && !disruption.contains("consolidateAfter")) {
    disruption["consolidateAfter"] = "0s";
    draft.note("consolidateAfter: 0s keeps consolidating at once, as before");
  }
}

void convert_spec(Draft& draft, json::object& spec) {
  json::object& claim_spec = child(child(spec, "template"), "spec");
  convert_reference(draft, claim_spec);
  if (!claim_spec.contains("requirements")) {
    claim_spec["requirements"] = json::array();
    draft.note("requirements must be there, if only empty");
  }
  if (auto kubelet = take(claim_spec, "kubelet");
      kubelet && kubelet->is_object() && !kubelet->get_object().empty()) {
    draft.kubelet = std::move(kubelet);
  }
  if (take(claim_spec, "resources")) {
    draft.note("spec.template.spec.resources is dropped: it never had an effect");
  }
  if (json::object* disruption = find_child(spec, "disruption")) {
    move_expiry(draft, *disruption, claim_spec);
    convert_policy(draft, *disruption);
  }
  warn_of_values(draft, claim_spec);
}

void begin(Draft& draft, std::string_view api_version) {
  draft.object.as_object()["apiVersion"] = api_version;
  drop_server_fields(draft);
  draft.is_changed = true;
}

}  // namespace

void convert_node_pool(Draft& draft) {
  if (!draft.problem.empty() || !draft.is("karpenter.sh/v1beta1", "NodePool")) {
    return;
  }
  begin(draft, "karpenter.sh/v1");
  convert_spec(draft, child(draft.object.as_object(), "spec"));
}

void convert_node_claim(Draft& draft) {
  if (!draft.is("karpenter.sh/v1beta1", "NodeClaim")) {
    return;
  }
  begin(draft, "karpenter.sh/v1");
  json::object& spec = child(draft.object.as_object(), "spec");
  convert_reference(draft, spec);
  if (take(spec, "kubelet")) {
    draft.note(
        "spec.kubelet is dropped: it belongs to the node class now, and a claim cannot bring its "
        "own");
  }
  if (!spec.contains("expireAfter")) {
    spec["expireAfter"] = "Never";
    draft.note("expireAfter: Never keeps the claim from expiring; without it 720h would apply");
  }
}

}  // namespace k8s::convert

// Provisioner (karpenter.sh/v1alpha5) -> NodePool v1beta1; convert_node_pool does the rest.
#include <array>
#include <utility>

#include "base/text.h"
#include "k8s/convert/draft.h"

namespace k8s::convert {

namespace json = boost::json;

namespace {

constexpr std::string_view kOldPoolLabel = "karpenter.sh/provisioner-name";

std::string seconds(const json::value& count) {
  return json::serialize(count) + "s";
}

// Neither setting: the old controller took no node away by itself.
json::object disruption_of(Draft& draft, json::object& spec) {
  json::object out;
  const auto empty_ttl = take(spec, "ttlSecondsAfterEmpty");
  const auto consolidation = take(spec, "consolidation");
  const bool is_enabled = consolidation && consolidation->is_object() &&
                          consolidation->get_object().contains("enabled") &&
                          consolidation->get_object().at("enabled") == json::value(true);
  if (is_enabled) {
    out["consolidationPolicy"] = "WhenUnderutilized";
    draft.note("consolidation.enabled is now spec.disruption.consolidationPolicy");
  } else {
    out["consolidationPolicy"] = "WhenEmpty";
    out["consolidateAfter"] =
        empty_ttl ? json::value(json::string(seconds(*empty_ttl))) : json::value("Never");
    draft.note(empty_ttl ? "ttlSecondsAfterEmpty is now spec.disruption.consolidateAfter"
                         : "without consolidation and ttlSecondsAfterEmpty nodes stayed: "
                           "consolidateAfter is Never");
  }
  const auto expiry = take(spec, "ttlSecondsUntilExpired");
  out["expireAfter"] = expiry ? json::value(json::string(seconds(*expiry))) : json::value("Never");
  draft.note(expiry ? "ttlSecondsUntilExpired is now expireAfter"
                    : "without ttlSecondsUntilExpired nodes did not expire: expireAfter is Never");
  return out;
}

bool is_about(const json::array& requirements, std::string_view key) {
  for (const json::value& one : requirements) {
    if (one.is_object() && text_in(one.get_object(), "key") == key) {
      return true;
    }
  }
  return false;
}

// What the old controller filled in for keys that nobody mentioned. The instance types that it
// chose from are only narrowed when no requirement is about the type at all.
void write_defaults(Draft& draft, json::array& requirements, const json::object& labels) {
  const auto is_free = [&](std::string_view key) {
    return !is_about(requirements, key) && !labels.contains(key);
  };
  const auto add = [&](std::string_view key, std::string_view op, json::array values) {
    requirements.push_back(
        json::object{{"key", key}, {"operator", op}, {"values", std::move(values)}});
    draft.note(base::concat("requirement on ", key, " is what the old controller took by default"));
  };
  if (is_free("kubernetes.io/os")) {
    add("kubernetes.io/os", "In", {"linux"});
  }
  if (is_free("kubernetes.io/arch")) {
    add("kubernetes.io/arch", "In", {"amd64"});
  }
  if (is_free("karpenter.sh/capacity-type")) {
    add("karpenter.sh/capacity-type", "In", {"on-demand"});
  }
  constexpr std::array<std::string_view, 4> kAboutTypes{"node.kubernetes.io/instance-type",
                                                        "karpenter.k8s.aws/instance-family",
                                                        "karpenter.k8s.aws/instance-category",
                                                        "karpenter.k8s.aws/instance-generation"};
  for (const std::string_view key : kAboutTypes) {
    if (!is_free(key)) {
      return;
    }
  }
  add("karpenter.k8s.aws/instance-category", "In", {"c", "m", "r"});
  add("karpenter.k8s.aws/instance-generation", "Gt", {"2"});
}

json::array requirements_of(Draft& draft, json::object& spec, const json::object& labels) {
  json::array out;
  const auto given = take(spec, "requirements");
  if (given && given->is_array()) {
    for (const json::value& one : given->get_array()) {
      if (one.is_object() && text_in(one.get_object(), "key") == kOldPoolLabel) {
        draft.note(base::concat("requirement on ", kOldPoolLabel, " is dropped"));
      } else {
        out.push_back(one);
      }
    }
  }
  write_defaults(draft, out, labels);
  return out;
}

void convert_provider(Draft& draft, json::object& spec, json::object& claim_spec) {
  if (take(spec, "provider")) {
    draft.problem =
        "spec.provider (settings in place) cannot be converted: move it to an AWSNodeTemplate or "
        "EC2NodeClass of its own first";
    return;
  }
  auto reference = take(spec, "providerRef");
  if (!reference || !reference->is_object()) {
    draft.problem = "providerRef is missing, so nothing says which node class it means";
    return;
  }
  claim_spec["nodeClassRef"] = {{"group", "karpenter.k8s.aws"},
                                {"kind", "EC2NodeClass"},
                                {"name", text_in(reference->get_object(), "name")}};
  draft.note("providerRef (AWSNodeTemplate) is now nodeClassRef (EC2NodeClass)");
}

void convert_kubelet(Draft& draft, json::object& spec, json::object& claim_spec) {
  auto kubelet = take(spec, "kubeletConfiguration");
  if (!kubelet || !kubelet->is_object()) {
    return;
  }
  if (take(kubelet->get_object(), "containerRuntime")) {
    draft.note("kubeletConfiguration.containerRuntime is dropped: containerd is the only one left");
  }
  claim_spec["kubelet"] = std::move(*kubelet);
}

void move(json::object& from, std::string_view name, json::object& to) {
  if (auto moved = take(from, name)) {
    to[name] = std::move(*moved);
  }
}

json::object template_metadata(json::object& spec) {
  json::object out;
  move(spec, "labels", out);
  move(spec, "annotations", out);
  return out;
}

json::object pool_spec(Draft& draft, json::object& old) {
  json::object metadata = template_metadata(old);
  const json::object labels = metadata.contains("labels") && metadata.at("labels").is_object()
                                  ? metadata.at("labels").get_object()
                                  : json::object();
  json::object claim_spec;
  convert_provider(draft, old, claim_spec);
  claim_spec["requirements"] = requirements_of(draft, old, labels);
  move(old, "taints", claim_spec);
  move(old, "startupTaints", claim_spec);
  convert_kubelet(draft, old, claim_spec);
  json::object node_template;
  if (!metadata.empty()) {
    node_template["metadata"] = std::move(metadata);
  }
  node_template["spec"] = std::move(claim_spec);
  json::object out{{"template", std::move(node_template)},
                   {"disruption", disruption_of(draft, old)}};
  move(old, "weight", out);
  if (auto limits = take(old, "limits"); limits && limits->is_object()) {
    if (auto resources = take(limits->get_object(), "resources")) {
      out["limits"] = std::move(*resources);
      draft.note("limits.resources is now limits");
    }
  }
  return out;
}

}  // namespace

void convert_provisioner(Draft& draft) {
  if (!draft.is("karpenter.sh/v1alpha5", "Provisioner")) {
    return;
  }
  json::object& object = draft.object.as_object();
  object["apiVersion"] = "karpenter.sh/v1beta1";
  object["kind"] = "NodePool";
  draft.note(base::concat("pods and policies that select nodes by ",
                          kOldPoolLabel,
                          " must select by karpenter.sh/nodepool now"));
  json::object old = child(object, "spec");
  object["spec"] = pool_spec(draft, old);
  for (const auto& left : old) {
    draft.note(
        base::concat("spec.", std::string_view(left.key()), " is dropped: it has no successor"));
  }
}

}  // namespace k8s::convert

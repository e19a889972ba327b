// EC2NodeClass: v1beta1 -> v1 (spec 01 s19.3).
#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "k8s/convert/draft.h"

namespace k8s::convert {

namespace json = boost::json;

namespace {

bool has_terms(const json::object& spec) {
  const json::value* terms = spec.if_contains("amiSelectorTerms");
  return terms != nullptr && terms->is_array() && !terms->get_array().empty();
}

std::string lower(std::string text) {
  for (char& c : text) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

// Ubuntu's images are used as they are; its root volume was the family's doing.
void convert_ubuntu(Draft& draft, json::object& spec) {
  if (!has_terms(spec)) {
    draft.problem =
        "amiFamily Ubuntu without amiSelectorTerms cannot be converted: name the images in "
        "amiSelectorTerms first";
    return;
  }
  spec["amiFamily"] = "AL2";
  draft.note(
      "amiFamily Ubuntu is gone: AL2 makes the same user data, the images are those of "
      "amiSelectorTerms");
  if (!spec.contains("blockDeviceMappings")) {
    const json::object ebs{{"encrypted", true}, {"volumeType", "gp3"}, {"volumeSize", "20Gi"}};
    spec["blockDeviceMappings"] =
        json::array{json::object{{"deviceName", "/dev/sda1"}, {"rootVolume", true}, {"ebs", ebs}}};
    draft.note("blockDeviceMappings holds the root volume that the Ubuntu family gave");
  }
}

void convert_images(Draft& draft, json::object& spec) {
  constexpr std::array<std::string_view, 5> kFamiliesWithAlias{
      "AL2", "AL2023", "Bottlerocket", "Windows2019", "Windows2022"};
  const std::string family = text_in(spec, "amiFamily");
  if (family == "Ubuntu") {
    convert_ubuntu(draft, spec);
    return;
  }
  if (family == "Custom") {
    draft.note(
        "amiFamily Custom: the user data must register the node with the taint "
        "karpenter.sh/unregistered:NoExecute");
  }
  if (has_terms(spec)) {
    return;
  }
  if (std::find(kFamiliesWithAlias.begin(), kFamiliesWithAlias.end(), family) ==
      kFamiliesWithAlias.end()) {
    draft.problem = base::concat("amiSelectorTerms is required now, and amiFamily \"",
                                 family,
                                 "\" does not say which images to use");
    return;
  }
  const std::string alias = lower(family) + "@latest";
  spec["amiSelectorTerms"] = json::array{json::object{{"alias", alias}}};
  draft.note(base::concat("amiSelectorTerms is required now: alias ",
                          alias,
                          " is what ",
                          family,
                          " meant; pin a version for production"));
}

void keep_hop_limit(Draft& draft, json::object& spec) {
  json::object& options = child(spec, "metadataOptions");
  if (!options.contains("httpPutResponseHopLimit")) {
    options["httpPutResponseHopLimit"] = 2;
    draft.note(
        "metadataOptions.httpPutResponseHopLimit: 2 was the default; 1 is now, with which pods "
        "outside the host network cannot reach the metadata service");
  }
}

}  // namespace

void convert_node_class(Draft& draft) {
  if (!draft.problem.empty() || !draft.is("karpenter.k8s.aws/v1beta1", "EC2NodeClass")) {
    return;
  }
  draft.object.as_object()["apiVersion"] = "karpenter.k8s.aws/v1";
  draft.is_changed = true;
  drop_server_fields(draft);
  json::object& spec = child(draft.object.as_object(), "spec");
  convert_images(draft, spec);
  keep_hop_limit(draft, spec);
  if (!spec.contains("associatePublicIPAddress")) {
    draft.note(
        "associatePublicIPAddress is not set: in private subnets it was false by itself; set it "
        "if a policy of the account asks for it");
  }
}

}  // namespace k8s::convert

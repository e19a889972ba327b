// AWSNodeTemplate (karpenter.k8s.aws/v1alpha1) -> EC2NodeClass v1beta1; convert_node_class does the
// rest.
#include <array>
#include <utility>

#include "base/text.h"
#include "k8s/convert/draft.h"

namespace k8s::convert {

namespace json = boost::json;

namespace {

std::vector<std::string> listed(const json::value& text) {
  std::vector<std::string> out;
  if (text.is_string()) {
    for (const std::string_view one : base::split(std::string_view(text.get_string()), ',')) {
      const std::size_t begin = one.find_first_not_of(' ');
      if (begin != std::string_view::npos) {
        out.emplace_back(one.substr(begin, one.find_last_not_of(' ') - begin + 1));
      }
    }
  }
  return out;
}

// One alternative of a selector for each combination of its listed values.
json::array combined(const json::array& terms, std::string_view field, const json::value& values) {
  json::array out;
  for (const json::value& term : terms) {
    for (const std::string& one : listed(values)) {
      json::object next = term.get_object();
      next[field] = one;
      out.push_back(std::move(next));
    }
  }
  return out;
}

json::array with_tag(const json::array& terms, std::string_view key, const json::value& values) {
  json::array out;
  for (const json::value& term : terms) {
    for (const std::string& one : listed(values)) {
      json::object next = term.get_object();
      child(next, "tags")[key] = one;
      out.push_back(std::move(next));
    }
  }
  return out;
}

// Selectors were maps of tags, with a few keys of their own meaning; a value could list several
// alternatives. Terms say the same with fields: all of one term, any of the terms.
json::array terms_of(Draft& draft, std::string_view field, const json::object& selector) {
  json::array terms{json::object()};
  bool has_ids = false;
  for (const auto& [key, values] : selector) {
    const bool is_ids = key == "aws-ids" || key == "aws::ids";
    has_ids = has_ids || is_ids;
    if (is_ids) {
      terms = combined(terms, "id", values);
    } else if (key == "aws::name") {
      terms = combined(terms, "name", values);
    } else if (key == "aws::owners") {
      terms = combined(terms, "owner", values);
    } else {
      terms = with_tag(terms, key, values);
    }
  }
  if (has_ids && selector.size() > 1) {
    draft.problem = base::concat(
        "spec.", field, " selects by ids and by something else at once, which terms cannot say");
  }
  return terms;
}

void convert_selector(Draft& draft,
                      json::object& spec,
                      std::string_view from,
                      std::string_view to) {
  const auto selector = take(spec, from);
  if (!selector || !selector->is_object() || selector->get_object().empty()) {
    return;
  }
  spec[to] = terms_of(draft, from, selector->get_object());
  draft.note(base::concat("spec.", from, " is now ", to));
}

void convert_identity(Draft& draft, json::object& spec, const Options& options) {
  if (spec.contains("instanceProfile") || spec.contains("role")) {
    return;
  }
  if (options.role.empty()) {
    draft.problem =
        "it has no instanceProfile (the global default profile is gone): give the nodes' IAM role "
        "with --role";
    return;
  }
  spec["role"] = options.role;
  draft.note("role was given with --role: the setting of a default instance profile is gone");
}

}  // namespace

void convert_node_template(Draft& draft, const Options& options) {
  if (!draft.is("karpenter.k8s.aws/v1alpha1", "AWSNodeTemplate")) {
    return;
  }
  json::object& object = draft.object.as_object();
  object["apiVersion"] = "karpenter.k8s.aws/v1beta1";
  object["kind"] = "EC2NodeClass";
  draft.note("AWSNodeTemplate is now EC2NodeClass");
  json::object& spec = child(object, "spec");
  if (spec.contains("launchTemplate") || spec.contains("launchTemplateName")) {
    draft.problem =
        "a launch template of your own cannot be converted: say what it holds with the fields of "
        "the EC2NodeClass";
    return;
  }
  if (text_in(spec, "amiFamily").empty()) {
    spec["amiFamily"] = "AL2";
    draft.note("amiFamily AL2 was the default");
  }
  convert_selector(draft, spec, "subnetSelector", "subnetSelectorTerms");
  convert_selector(draft, spec, "securityGroupSelector", "securityGroupSelectorTerms");
  convert_selector(draft, spec, "amiSelector", "amiSelectorTerms");
  convert_identity(draft, spec, options);
  for (const std::string_view gone : {"apiVersion", "kind"}) {
    take(spec, gone);
  }
}

}  // namespace k8s::convert

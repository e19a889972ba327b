#include "k8s/schema/schema_testing.h"

#include <cctype>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "k8s/schema/json_access.h"

namespace k8s::schema {
namespace {

// Walks to `path`, making objects on the way when `make` is set. Digits are list indexes.
value* walk(value& root, std::string_view path, bool make) {
  value* at = &root;
  while (!path.empty()) {
    const std::string_view step = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(step.size() + 1, path.size()));
    if (at->is_array()) {
      const std::size_t index = std::stoul(std::string(step));
      if (index >= at->get_array().size()) {
        return nullptr;
      }
      at = &at->get_array()[index];
      continue;
    }
    if (!at->is_object() && make) {
      at->emplace_object();
    }
    if (!at->is_object() || (!make && !at->get_object().contains(step))) {
      return nullptr;
    }
    at = &at->get_object()[step];
  }
  return at;
}

std::string text_of_errors(const std::vector<FieldError>& errors) {
  std::string out;
  for (const FieldError& error : errors) {
    out += (out.empty() ? "" : "\n");
    out += to_string(error);
  }
  return out;
}

value ready(std::string_view object) {
  value parsed = boost::json::parse(object);
  prune(parsed);
  apply_defaults(parsed);
  return parsed;
}

}  // namespace

const char* const kGoodNodePool = R"({"apiVersion": "karpenter.sh/v1", "kind": "NodePool",
  "metadata": {"name": "p"}, "spec": {"template": {"spec": {"requirements": [],
  "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "c"}}}}})";
const char* const kGoodNodeClaim = R"({"apiVersion": "karpenter.sh/v1", "kind": "NodeClaim",
  "metadata": {"name": "c"}, "spec": {"requirements": [],
  "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "c"}}})";
const char* const kGoodNodeOverlay = R"({"apiVersion": "karpenter.sh/v1alpha1",
  "kind": "NodeOverlay", "metadata": {"name": "o"}, "spec": {"requirements": []}})";
const char* const kGoodEC2NodeClass = R"({"apiVersion": "karpenter.k8s.aws/v1",
  "kind": "EC2NodeClass", "metadata": {"name": "c"}, "spec": {"role": "r",
  "amiSelectorTerms": [{"alias": "al2023@latest"}], "subnetSelectorTerms": [{"id": "subnet-1"}],
  "securityGroupSelectorTerms": [{"id": "sg-1"}]}})";
const char* const kGoodBuffer = R"({"apiVersion": "autoscaling.x-k8s.io/v1beta1",
  "kind": "CapacityBuffer", "metadata": {"name": "b", "namespace": "n"}, "spec": {}})";
const char* const kGoodPod = R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
  "spec": {"containers": [{"name": "c", "image": "pause:3.9"}]}})";
const char* const kGoodDeployment = R"({"apiVersion": "apps/v1", "kind": "Deployment",
  "metadata": {"name": "d"}, "spec": {"selector": {"matchLabels": {"app": "a"}}, "template":
  {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"name": "c",
  "image": "pause"}]}}}})";

std::string changed(std::string_view object, const char* path, const char* json) {
  value parsed = boost::json::parse(object);
  const std::string_view whole(path);
  const std::size_t dot = whole.rfind('.');
  if (std::string_view(json).empty()) {
    value* parent =
        dot == std::string_view::npos ? &parsed : walk(parsed, whole.substr(0, dot), false);
    EXPECT_NE(parent, nullptr) << path;
    if (parent != nullptr) {
      parent->as_object().erase(whole.substr(dot == std::string_view::npos ? 0 : dot + 1));
    }
  } else if (value* at = walk(parsed, whole, true)) {
    *at = boost::json::parse(json);
  } else {
    ADD_FAILURE() << path;
  }
  return boost::json::serialize(parsed);
}

std::string errors_of(std::string_view object, Flavour flavour) {
  return text_of_errors(validate(ready(object), nullptr, flavour));
}

std::string update_errors(std::string_view old, std::string_view object) {
  const value before = ready(old);
  return text_of_errors(validate(ready(object), &before));
}

std::string defaulted(std::string_view object, const char* path) {
  value filled = ready(object);
  const value* at = walk(filled, path, false);
  return at == nullptr ? std::string() : boost::json::serialize(*at);
}

void expect_case(const char* good, const Case& c, Flavour flavour) {
  const std::string found = errors_of(changed(good, c.path, c.json), flavour);
  if (std::string_view(c.expected).empty()) {
    EXPECT_EQ(found, "") << c;
  } else {
    EXPECT_NE(found.find(c.expected), std::string::npos) << c << "\nfound: " << found;
  }
}

}  // namespace k8s::schema

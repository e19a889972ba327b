#include "k8s/schema/documents.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "k8s/schema/json_access.h"

namespace k8s::schema {
namespace {

value crd_of(std::string_view name) {
  for (const CrdDocument& document : crd_documents()) {
    if (document.name == name) {
      return boost::json::parse(document.json);
    }
  }
  return nullptr;
}

TEST(CrdDocuments, OnePerKindWithOneServedVersion) {
  // API-1
  const auto documents = crd_documents();
  ASSERT_EQ(documents.size(), 6u);
  for (const CrdDocument& document : documents) {
    const value crd = boost::json::parse(document.json);
    EXPECT_EQ(crd.at("metadata").at("name"), text_value(document.name));
    const auto& versions = crd.at("spec").at("versions").as_array();
    ASSERT_EQ(versions.size(), 1u);
    EXPECT_TRUE(versions[0].at("served").as_bool());
    EXPECT_TRUE(versions[0].at("storage").as_bool());
    EXPECT_FALSE(has(crd.at("spec"), "conversion"));
  }
}

TEST(CrdDocuments, NodePoolHasScaleAndRules) {
  // API-2, API-46
  const value crd = crd_of("nodepools.karpenter.sh");
  const value& version = crd.at("spec").at("versions").at(0);
  EXPECT_EQ(text_at(version.at("subresources").at("scale"), "statusReplicasPath"), ".status.nodes");
  const value& root = version.at("schema").at("openAPIV3Schema");
  EXPECT_EQ(boost::json::serialize(root.at("properties").at("metadata")), R"({"type":"object"})");
  EXPECT_EQ(boost::json::serialize(root.at("required")), R"(["spec"])");
  const value& spec = root.at("properties").at("spec");
  EXPECT_EQ(spec.at("x-kubernetes-validations").as_array().size(), 3u);
  EXPECT_FALSE(has(version.at("subresources").at("scale"), "labelSelectorPath"));
}

TEST(CrdDocuments, FlavourDecidesTheDomainRules) {
  // API-11
  const auto size_of = [](Flavour flavour) {
    std::size_t sum = 0;
    for (const CrdDocument& document : crd_documents(flavour)) {
      sum += document.json.size();
    }
    return sum;
  };
  EXPECT_LT(size_of(Flavour::kCore), size_of(Flavour::kKwok));
  EXPECT_LT(size_of(Flavour::kKwok), size_of(Flavour::kAws));
}

TEST(OpenApi, EveryReferenceIsDefined) {
  const value index = boost::json::parse(openapi_v3_index());
  for (const auto& path : index.at("paths").as_object()) {
    const std::string root(path.key());
    const bool is_core = root.starts_with("api/");
    const std::size_t slash = root.rfind('/');
    const std::string group = is_core ? "" : root.substr(5, slash - 5);
    const std::string text = openapi_v3(group, root.substr(slash + 1));
    ASSERT_FALSE(text.empty()) << root;
    const value document = boost::json::parse(text);
    const auto& schemas = document.at("components").at("schemas").as_object();
    constexpr std::string_view kMark = R"("$ref":"#/components/schemas/)";
    for (std::size_t at = text.find(kMark); at != std::string::npos; at = text.find(kMark, at)) {
      at += kMark.size();
      const std::string name = text.substr(at, text.find('"', at) - at);
      EXPECT_TRUE(schemas.contains(name)) << name;
    }
  }
}

TEST(OpenApi, PatchKnowsFieldValidation) {
  const value document = boost::json::parse(openapi_v3("karpenter.sh", "v1"));
  const value& patch =
      document.at("paths").at("/apis/karpenter.sh/v1/nodepools/{name}").at("patch");
  EXPECT_EQ(boost::json::serialize(patch.at("x-kubernetes-group-version-kind")),
            R"({"group":"karpenter.sh","kind":"NodePool","version":"v1"})");
  EXPECT_NE(boost::json::serialize(patch.at("parameters")).find("fieldValidation"),
            std::string::npos);
  EXPECT_TRUE(has(document.at("components").at("schemas"), "sh.karpenter.v1.NodePool"));
  EXPECT_EQ(openapi_v3("no.such.group", "v1"), "");
}

}  // namespace
}  // namespace k8s::schema

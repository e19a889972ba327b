#include <gtest/gtest.h>

#include "k8s/schema/kind_schema.h"
#include "k8s/schema/schema_testing.h"

namespace k8s::schema {
namespace {

TEST(NodeClaimSchema, Fields) {
  // API-61, API-62
  EXPECT_EQ(errors_of(kGoodNodeClaim), "");
  EXPECT_EQ(defaulted(kGoodNodeClaim, "spec.expireAfter"), "\"720h\"");
  const Case cases[] = {
      {"spec.requirements", R"([{"key": "karpenter.sh/nodepool", "operator": "Exists"}])", ""},
      {"spec.requirements",
       R"([{"key": "kubernetes.io/hostname", "operator": "Exists"}])",
       R"(label "kubernetes.io/hostname" is restricted)"},
      {"spec.requirements",
       R"([{"key": "karpenter.sh/x", "operator": "Exists"}])",
       R"(label domain "karpenter.sh" is restricted)"},
      {"spec.nodeClassRef.group", "\"karpenter.test.sh/v1\"", "should match"},
      {"spec.terminationGracePeriod", "\"Never\"", "should match"},
      {"spec.resources", R"({"requests": {"cpu": "1"}, "limits": {"cpu": "2"}})", ""},
  };
  for (const Case& c : cases) {
    expect_case(kGoodNodeClaim, c);
  }
}

TEST(NodeClaimSchema, SpecIsImmutable) {
  // API-60
  const auto other = changed(kGoodNodeClaim, "spec.expireAfter", "\"1h\"");
  EXPECT_EQ(update_errors(kGoodNodeClaim, other), "spec: Invalid value: spec is immutable");
  EXPECT_EQ(update_errors(kGoodNodeClaim, changed(kGoodNodeClaim, "metadata.labels.a", "\"b\"")),
            "");
}

TEST(NodeClaimSchema, ConditionsMayLackReasons) {
  // API-42, API-41
  const char* bare =
      R"([{"type": "Ready", "status": "True", "lastTransitionTime": "2024-01-01T00:00:00Z"}])";
  expect_case(kGoodNodeClaim, {"status.conditions", bare, ""});
  expect_case(kGoodNodePool, {"status.conditions", bare, "reason: Required value"});
  const char* twice = R"([
    {"type": "A", "status": "True", "lastTransitionTime": "2024-01-01T00:00:00Z"},
    {"type": "A", "status": "True", "lastTransitionTime": "2024-01-01T00:00:00Z"}])";
  expect_case(kGoodNodeClaim, {"status.conditions", twice, R"(Duplicate value: {"type":"A"})"});
  expect_case(kGoodNodeClaim,
              {"status.conditions",
               R"([{"type": "A", "status": "Maybe", "lastTransitionTime": "yesterday"}])",
               "supported values: \"True\", \"False\", \"Unknown\""});
}

TEST(NodeOverlaySchema, PriceAndAdjustment) {
  // API-63, API-64
  for (const char* good : {"\"43\"", "\"34.43\""}) {
    expect_case(kGoodNodeOverlay, {"spec.price", good, ""});
  }
  for (const char* bad : {"\"+42\"",
                          "\".5\"",
                          "\"42.\"",
                          "\"42%\"",
                          "\"3,14\"",
                          "\"1e10\"",
                          "\"0x42\"",
                          "\"42a\"",
                          "\"42 \"",
                          "\" 42\"",
                          "\"42.0.0\"",
                          "\"-\"",
                          "\".\"",
                          "\"-.42\"",
                          "\"-129\""}) {
    expect_case(kGoodNodeOverlay, {"spec.price", bad, "should match"});
  }
  for (const char* good : {"\"+1%\"",
                           "\"-1%\"",
                           "\"-100%\"",
                           "\"+100.102%\"",
                           "\"+298%\"",
                           "\"+43\"",
                           "\"-43\"",
                           "\"+34.43\"",
                           "\"-34.43\"",
                           "\"-129\""}) {
    expect_case(kGoodNodeOverlay, {"spec.priceAdjustment", good, ""});
  }
  for (const char* bad : {"\"1%\"", "\"1\"", "\"1.3\"", "\"-129%\"", "\"-100.0%\""}) {
    expect_case(kGoodNodeOverlay, {"spec.priceAdjustment", bad, "should match"});
  }
  const auto both = changed(kGoodNodeOverlay, "spec.price", "\"1\"");
  EXPECT_EQ(errors_of(changed(both, "spec.priceAdjustment", "\"+1\"")),
            "spec: Invalid value: cannot set both 'price' and 'priceAdjustment'");
}

TEST(NodeOverlaySchema, RequirementsAndCapacity) {
  // API-32, API-38, API-36
  const Case cases[] = {
      {"spec.requirements", "", "spec.requirements: Required value"},
      {"spec.requirements", R"([{"key": "karpenter.sh/nodepool", "operator": "Exists"}])", ""},
      {"spec.requirements",
       R"([{"key": "a", "operator": "NotIn"}])",
       "requirements with operator 'NotIn' must have a value defined"},
      {"spec.requirements",
       R"([{"key": "a", "operator": "Gt", "values": []}])",
       "'Gt', 'Lt', 'Gte' or 'Lte' must have"},
      {"spec.requirements",
       R"([{"key": "karpenter.k8s.aws/instance-tenancy", "operator": "Exists"}])",
       R"(label domain "karpenter.k8s.aws" is restricted)"},
      {"spec.capacity", R"({"smarter-devices/fuse": "1"})", ""},
      {"spec.capacity",
       R"({"cpu": "1"})",
       "spec.capacity: Invalid value: invalid resource "
       "restricted"},
      {"spec.capacity", R"({"pods": "1"})", "invalid resource restricted"},
      {"spec.weight", "10000", ""},
      {"spec.weight", "10001", "less than or equal to 10000"},
  };
  for (const Case& c : cases) {
    expect_case(kGoodNodeOverlay, c);
  }
}

TEST(CapacityBufferSchema, ReferencesAndSizes) {
  // API-68, API-69
  EXPECT_EQ(defaulted(kGoodBuffer, "spec.provisioningStrategy"),
            "\"buffer.x-k8s.io/active-capacity\"");
  const Case cases[] = {
      {"spec", "{}", ""},
      {"spec", R"({"podTemplateRef": {"name": "a"}, "replicas": 1})", ""},
      {"spec", R"({"podTemplateRef": {"name": "a"}, "limits": {"cpu": "1"}})", ""},
      {"spec", R"({"scalableRef": {"kind": "Deployment", "name": "a", "apiGroup": ""}})", ""},
      {"spec",
       R"({"scalableRef": {"kind": "K", "name": "a"}, "replicas": 0, "percentage": 0})",
       ""},
      {"spec",
       R"({"podTemplateRef": {"name": "a"}})",
       "If podTemplateRef is set, replicas or limits must also be set"},
      {"spec",
       R"({"podTemplateRef": {"name": "a"}, "replicas": 1,
                   "scalableRef": {"kind": "K", "name": "a"}})",
       "You must define either PodTemplateRef or ScalableRef, but not both"},
      {"spec", R"({"podTemplateRef": {"name": ""}, "replicas": 1})", "at least 1 chars long"},
      {"spec", R"({"scalableRef": {"kind": "", "name": "a"}})", "at least 1 chars long"},
      {"spec.replicas", "-1", "greater than or equal to 0"},
      {"spec.percentage", "-1", "greater than or equal to 0"},
  };
  for (const Case& c : cases) {
    expect_case(kGoodBuffer, c);
  }
}

TEST(KWOKNodeClassSchema, IsReadyFromTheStart) {
  // API-75
  const char* good = R"({"apiVersion": "karpenter.kwok.sh/v1alpha1", "kind": "KWOKNodeClass",
    "metadata": {"name": "k"}})";
  EXPECT_EQ(errors_of(good), "");
  EXPECT_EQ(defaulted(good, "status.conditions.0.status"), "\"True\"");
  EXPECT_EQ(defaulted(good, "status.conditions.0.lastTransitionTime"), "\"2024-01-01T01:01:01Z\"");
  expect_case(good, {"spec.nodeRegistrationDelay", "\"30s\"", ""});
  expect_case(good, {"spec.nodeRegistrationDelay", "\"Never\"", "should match"});
}

TEST(KindTable, NamesAndScopes) {
  // API-1
  struct Expected {
    const char* api_version;
    const char* kind;
    const char* plural;
    bool is_namespaced;
    bool has_scale;
  };

  const Expected all[] = {
      {"karpenter.sh/v1", "NodePool", "nodepools", false, true},
      {"karpenter.sh/v1", "NodeClaim", "nodeclaims", false, false},
      {"karpenter.sh/v1alpha1", "NodeOverlay", "nodeoverlays", false, false},
      {"autoscaling.x-k8s.io/v1beta1", "CapacityBuffer", "capacitybuffers", true, false},
      {"karpenter.kwok.sh/v1alpha1", "KWOKNodeClass", "kwoknodeclasses", false, false},
      {"karpenter.k8s.aws/v1", "EC2NodeClass", "ec2nodeclasses", false, false},
  };
  for (const Expected& expected : all) {
    const KindSchema* kind = find_kind_schema(expected.api_version, expected.kind);
    ASSERT_NE(kind, nullptr) << expected.kind;
    EXPECT_EQ(kind->plural, expected.plural);
    EXPECT_EQ(kind->is_namespaced, expected.is_namespaced);
    EXPECT_EQ(kind->has_scale, expected.has_scale);
    EXPECT_TRUE(kind->has_status);
  }
}

TEST(KindTable, PrinterColumns) {
  // API-4, API-5, API-6, API-7, API-8, API-9
  const auto names = [](const char* api_version, const char* kind) {
    std::string out;
    for (const PrinterColumn& column : find_kind_schema(api_version, kind)->columns) {
      out += column.name + (column.priority == 0 ? " " : "* ");
    }
    return out;
  };
  EXPECT_EQ(names("karpenter.sh/v1", "NodePool"),
            "NodeClass Nodes Ready Age Weight* CPU* Memory* ");
  EXPECT_EQ(names("karpenter.sh/v1", "NodeClaim"),
            "Type Capacity Zone Node Ready Age ImageID* ID* NodePool* NodeClass* Drifted* ");
  EXPECT_EQ(names("karpenter.sh/v1alpha1", "NodeOverlay"), "Ready Age Weight* ");
  EXPECT_EQ(names("autoscaling.x-k8s.io/v1beta1", "CapacityBuffer"),
            "Strategy PodTemplate Replicas ConditionsType ConditionsStatus ConditionsReason Age ");
  EXPECT_EQ(names("karpenter.k8s.aws/v1", "EC2NodeClass"), "Ready Age Role* ");
  EXPECT_EQ(names("karpenter.kwok.sh/v1alpha1", "KWOKNodeClass"), "");
}

}  // namespace
}  // namespace k8s::schema

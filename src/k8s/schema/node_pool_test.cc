#include <gtest/gtest.h>

#include "k8s/schema/schema_testing.h"

namespace k8s::schema {
namespace {

constexpr const char* kRequirements = "spec.template.spec.requirements";

void expect_requirement(const char* json, const char* expected, Flavour flavour = Flavour::kAws) {
  const std::string list = std::string("[") + json + "]";
  expect_case(kGoodNodePool, {kRequirements, list.c_str(), expected}, flavour);
}

TEST(NodePoolSchema, AcceptsTheSmallestPool) {
  // API-27
  EXPECT_EQ(errors_of(kGoodNodePool), "");
}

TEST(NodePoolSchema, DefaultsDisruptionAndExpiry) {
  // API-44, API-14, API-45, DIS-50
  EXPECT_EQ(defaulted(kGoodNodePool, "spec.disruption"),
            R"({"consolidateAfter":"0s","budgets":[{"nodes":"10%"}],)"
            R"("consolidationPolicy":"WhenEmptyOrUnderutilized"})");
  EXPECT_EQ(defaulted(kGoodNodePool, "spec.template.spec.expireAfter"), "\"720h\"");
  const auto pool = changed(kGoodNodePool, "spec.disruption.budgets", "[{}]");
  EXPECT_EQ(defaulted(pool, "spec.disruption.budgets"), R"([{"nodes":"10%"}])");
  EXPECT_EQ(defaulted(pool, "spec.disruption.consolidateAfter"), "\"0s\"");
  const auto none = changed(kGoodNodePool, "spec.disruption.budgets", "[]");
  EXPECT_EQ(defaulted(none, "spec.disruption.budgets"), "[]");
}

TEST(NodePoolSchema, NullCountsAsAbsent) {
  // API-18
  const auto pool = changed(kGoodNodePool, "spec.template.spec.expireAfter", "null");
  EXPECT_EQ(defaulted(pool, "spec.template.spec.expireAfter"), "\"720h\"");
  EXPECT_EQ(errors_of(changed(kGoodNodePool, "spec.weight", "null")), "");
}

TEST(NodePoolSchema, RequiresTheTemplate) {
  // API-3
  const Case cases[] = {
      {"spec", "", "spec: Required value"},
      {"spec.template", "", "spec.template: Required value"},
      {"spec.template.spec", "", "spec.template.spec: Required value"},
      {kRequirements, "", "spec.template.spec.requirements: Required value"},
      {"spec.template.spec.nodeClassRef", "", "spec.template.spec.nodeClassRef: Required value"},
      {"spec.template.spec.nodeClassRef.name", "\"\"", "name may not be empty"},
      {"spec.template.spec.nodeClassRef.group", "\"\"", "group may not be empty"},
      {"spec.template.spec.nodeClassRef.kind", "\"\"", "kind may not be empty"},
      {"spec.template.spec.nodeClassRef.group", "\"a/b\"", "should match '^[^/]*$'"},
      {"spec.template",
       "\"x\"",
       "spec.template: Invalid value: \"string\": spec.template in body must be of type object"},
  };
  for (const Case& c : cases) {
    expect_case(kGoodNodePool, c);
  }
}

TEST(NodePoolSchema, Durations) {
  // API-21, API-23
  for (const char* path : {"spec.template.spec.expireAfter",
                           "spec.disruption.consolidateAfter",
                           "spec.template.spec.terminationGracePeriod"}) {
    for (const char* good : {"\"30s\"", "\"1h30m5s\"", "\"90m\"", "\"5s1h\""}) {
      expect_case(kGoodNodePool, {path, good, ""});
    }
    for (const char* bad : {"\"-1s\"", "\"1hr\"", "\"FooNever\"", "\"1.5h\"", "\"\"", "30"}) {
      expect_case(kGoodNodePool, {path, bad, path});
    }
  }
  expect_case(kGoodNodePool, {"spec.template.spec.expireAfter", "\"Never\"", ""});
  expect_case(kGoodNodePool, {"spec.disruption.consolidateAfter", "\"Never\"", ""});
  expect_case(kGoodNodePool,
              {"spec.template.spec.terminationGracePeriod", "\"Never\"", "should match"});
}

TEST(NodePoolSchema, Policies) {
  // API-49
  const char* path = "spec.disruption.consolidationPolicy";
  for (const char* good : {"\"WhenEmpty\"", "\"WhenEmptyOrUnderutilized\"", "\"Balanced\""}) {
    expect_case(kGoodNodePool, {path, good, ""});
  }
  for (const char* bad : {"\"balanced\"", "\"\"", "\"WhenUnderutilized\"", "\"1\""}) {
    expect_case(
        kGoodNodePool,
        {path, bad, "supported values: \"WhenEmpty\", \"WhenEmptyOrUnderutilized\", \"Balanced\""});
  }
}

TEST(NodePoolSchema, Budgets) {
  // API-51, DIS-50
  const char* path = "spec.disruption.budgets";
  for (const char* good :
       {R"([{"nodes": "10", "schedule": "* * * * *", "duration": "20m"}])",
        R"([{"nodes": "10", "schedule": "@annually", "duration": "2h20m"}])",
        R"([{"nodes": "100%"}, {"nodes": "0", "reasons": ["Empty", "Drifted", "Underutilized"]}])",
        R"([{"nodes": "5", "schedule": "0 9 * * mon-fri", "duration": "8h0m0s"}])"}) {
    expect_case(kGoodNodePool, {path, good, ""});
  }
  const Case refused[] = {
      {path, R"([{"nodes": "1", "schedule": "*", "duration": "20m"}])", "should match"},
      {path, R"([{"nodes": "1", "schedule": "* * * * ", "duration": "20m"}])", "should match"},
      {path, R"([{"nodes": "1", "schedule": "* * * * *", "duration": "-20m"}])", "should match"},
      {path, R"([{"nodes": "1", "schedule": "* * * * *", "duration": "30s"}])", "should match"},
      {path, R"([{"nodes": "-10"}])", "should match"},
      {path, R"([{"nodes": "-10%"}])", "should match"},
      {path, R"([{"nodes": "1000%"}])", "should match"},
      {path,
       R"([{"nodes": "1"}, {"nodes": "1", "schedule": "* * * * *"}])",
       "spec.disruption.budgets: Invalid value: 'schedule' must be set with 'duration'"},
      {path, R"([{"nodes": "1", "duration": "20m"}])", "'schedule' must be set with 'duration'"},
      {path, R"([{"nodes": "1", "reasons": ["invalid"]}])", "Unsupported value: \"invalid\""},
      {path, R"([{"nodes": "1", "reasons": [""]}])", "Unsupported value: \"\""},
      {path, R"([{"nodes": "1", "reasons": ["Empty", "Empty"]}])", "Duplicate value: \"Empty\""},
  };
  for (const Case& c : refused) {
    expect_case(kGoodNodePool, c);
  }
  std::string many = "[{}";
  for (int i = 1; i < 50; ++i) {
    many += ", {}";
  }
  const std::string fifty = many + "]";
  expect_case(kGoodNodePool, {path, fifty.c_str(), ""});
  const std::string more = many + ", {}]";
  expect_case(kGoodNodePool, {path, more.c_str(), "Too many: 51: must have at most 50 items"});
}

TEST(NodePoolSchema, RequirementKeys) {
  // API-28, API-29, API-30
  for (const char* good : {"test",
                           "Test",
                           "test.com/test",
                           "test.com.com/test",
                           "karpenter.sh/capacity-type",
                           "topology.kubernetes.io/zone",
                           "kubernetes.io/test",
                           "subdomain.kubernetes.io/test"}) {
    const auto json = std::string(R"({"key": ")") + good + R"(", "operator": "Exists"})";
    expect_requirement(json.c_str(), "");
  }
  for (const char* bad : {"test.com.com}",
                          "Test.com/test",
                          "test/test/test",
                          "test/",
                          "/test",
                          "kubernetes.io/hostname/test"}) {
    const auto json = std::string(R"({"key": ")") + bad + R"(", "operator": "Exists"})";
    expect_requirement(json.c_str(), "should match");
  }
  const auto restricted = [](const char* key, const char* message) {
    const auto json = std::string(R"({"key": ")") + key + R"(", "operator": "Exists"})";
    expect_requirement(json.c_str(), message);
  };
  restricted("karpenter.sh/test", R"(label domain "karpenter.sh" is restricted)");
  restricted("sub.karpenter.sh/test", R"(label domain "karpenter.sh" is restricted)");
  restricted("karpenter.sh/nodepool", R"(label "karpenter.sh/nodepool" is restricted)");
  restricted("kubernetes.io/hostname", R"(label "kubernetes.io/hostname" is restricted)");
}

TEST(NodePoolSchema, ForeignDomainsThatEndAlikeAreFree) {
  // API-34
  expect_requirement(R"({"key": "notkarpenter.sh/x", "operator": "Exists"})", "");
}

TEST(NodePoolSchema, ProviderDomainsDependOnTheFlavour) {
  // API-31, API-33
  const char* aws = R"({"key": "karpenter.k8s.aws/unknown", "operator": "Exists"})";
  const char* kwok = R"({"key": "karpenter.kwok.sh/unknown", "operator": "Exists"})";
  expect_requirement(aws, R"(label domain "karpenter.k8s.aws" is restricted)");
  expect_requirement(aws, "", Flavour::kCore);
  expect_requirement(aws, "", Flavour::kKwok);
  expect_requirement(kwok, "");
  expect_requirement(kwok, R"(label domain "karpenter.kwok.sh" is restricted)", Flavour::kKwok);
  expect_requirement(R"({"key": "karpenter.k8s.aws/instance-family", "operator": "Exists"})", "");
  expect_requirement(
      R"({"key": "karpenter.kwok.sh/instance-size", "operator": "Exists"})", "", Flavour::kKwok);
}

TEST(NodePoolSchema, RequirementOperatorsAndValues) {
  // API-35, API-36, API-37, API-38, API-39
  expect_requirement(R"({"key": "a", "operator": "In", "values": ["x"]})", "");
  expect_requirement(R"({"key": "a", "operator": "NotIn"})", "");
  expect_requirement(R"({"key": "a", "operator": "Unknown"})", "Unsupported value: \"Unknown\"");
  for (const char* bad :
       {R"({"key": "a", "operator": "In"})", R"({"key": "a", "operator": "In", "values": []})"}) {
    expect_requirement(bad, "requirements with operator 'In' must have a value defined");
  }
  for (const char* op : {"Gt", "Lt", "Gte", "Lte"}) {
    const auto with = [&](const char* values) {
      return std::string(R"({"key": "a", "operator": ")") + op + R"(", "values": )" + values + "}";
    };
    expect_requirement(with(R"(["0"])").c_str(), "");
    for (const char* values : {"[]", R"(["1", "2"])", R"(["a"])"}) {
      expect_requirement(with(values).c_str(), "must have a single positive integer value");
    }
  }
  expect_requirement(R"({"key": "a", "operator": "In", "values": ["x", "y"], "minValues": 2})", "");
  expect_requirement(R"({"key": "a", "operator": "In", "values": ["x"], "minValues": 2})",
                     "requirements with 'minValues' must have at least that many values");
  expect_requirement(R"({"key": "a", "operator": "Exists", "minValues": 0})",
                     "should be greater than or equal to 1");
  expect_requirement(R"({"key": "a", "operator": "Exists", "minValues": 51})",
                     "should be less than or equal to 50");
  expect_requirement(R"({"key": "a", "operator": "In", "values": ["no good"]})", "should match");
}

TEST(NodePoolSchema, AtMostAHundredRequirements) {
  // API-27
  std::string list = "[";
  for (int i = 0; i <= 100; ++i) {
    list += (i == 0 ? "" : ",") + std::string(R"({"key":"k)") + std::to_string(i) +
            R"(","operator":"Exists"})";
  }
  list += "]";
  expect_case(kGoodNodePool,
              {kRequirements,
               list.c_str(),
               "spec.template.spec.requirements: Too many: 101: must have at most 100 items"});
}

TEST(NodePoolSchema, Taints) {
  // API-40
  for (const char* path : {"spec.template.spec.taints", "spec.template.spec.startupTaints"}) {
    const Case cases[] = {
        {path, R"([{"key": "a", "value": "b", "effect": "NoSchedule"}])", ""},
        {path, R"([{"key": "test.com/Test", "effect": "NoExecute"}])", ""},
        {path,
         R"([{"key": "a", "effect": "NoSchedule"}, {"key": "a", "effect": "NoExecute"}])",
         ""},
        {path, R"([{"effect": "NoSchedule"}])", "key: Required value"},
        {path, R"([{"key": "test/", "effect": "NoSchedule"}])", "should match"},
        {path, R"([{"key": "a", "value": "???", "effect": "NoSchedule"}])", "should match"},
        {path, R"([{"key": "a", "effect": "???"}])", "Unsupported value: \"???\""},
    };
    for (const Case& c : cases) {
      expect_case(kGoodNodePool, c);
    }
  }
}

TEST(NodePoolSchema, TemplateLabels) {
  // API-52
  const char* path = "spec.template.metadata.labels";
  const Case cases[] = {
      {path, R"({"foo": "bar"})", ""},
      {path, R"({"spaces are not allowed": "x"})", ""},
      {path, R"({"kops.k8s.io/instancegroup": "x", "kubernetes.io": "y"})", ""},
      {path, R"({"karpenter.k8s.aws/instance-family": "m5"})", ""},
      {path, R"({"karpenter.sh/nodepool": "x"})", R"(label "karpenter.sh/nodepool" is restricted)"},
      {path, R"({"karpenter.sh/unknown": "x"})", R"(label domain "karpenter.sh" is restricted)"},
      {path,
       R"({"kubernetes.io/hostname": "x"})",
       R"(label "kubernetes.io/hostname" is restricted)"},
      {path,
       R"({"karpenter.k8s.aws/unknown": "x"})",
       R"(label domain "karpenter.k8s.aws" is restricted)"},
      {path, R"({"a": "/ is not allowed"})", "should match"},
  };
  for (const Case& c : cases) {
    expect_case(kGoodNodePool, c);
  }
  expect_case(kGoodNodePool, {path, R"({"karpenter.kwok.sh/x": "x"})", ""}, Flavour::kKwok);
}

TEST(NodePoolSchema, StaticPools) {
  // API-47, API-48
  const auto pool = changed(kGoodNodePool, "spec.replicas", "5");
  EXPECT_EQ(errors_of(pool), "");
  EXPECT_EQ(errors_of(changed(pool, "spec.limits", R"({"nodes": "10"})")), "");
  EXPECT_EQ(errors_of(changed(pool, "spec.limits", "{}")), "");
  EXPECT_NE(errors_of(changed(pool, "spec.limits", R"({"cpu": "10"})"))
                .find("only 'limits.nodes' is supported on static NodePools"),
            std::string::npos);
  EXPECT_NE(errors_of(changed(pool, "spec.weight", "5"))
                .find("spec: Invalid value: 'weight' is not supported on static NodePools"),
            std::string::npos);
  expect_case(kGoodNodePool, {"spec.replicas", "-100", "greater than or equal to 0"});
}

TEST(NodePoolSchema, TransitionRules) {
  // API-46, API-50
  const auto pool = changed(kGoodNodePool, "spec.replicas", "3");
  EXPECT_EQ(update_errors(pool, changed(pool, "spec.replicas", "5")), "");
  EXPECT_NE(update_errors(pool, kGoodNodePool).find("Cannot transition NodePool between static"),
            std::string::npos);
  EXPECT_NE(update_errors(kGoodNodePool, pool).find("Cannot transition NodePool between static"),
            std::string::npos);
  const char* ref = "spec.template.spec.nodeClassRef";
  const auto with = [&](const char* field, const char* text) {
    return changed(kGoodNodePool, (std::string(ref) + field).c_str(), text);
  };
  EXPECT_NE(
      update_errors(kGoodNodePool, with(".group", "\"x\"")).find("nodeClassRef.group is immutable"),
      std::string::npos);
  EXPECT_NE(
      update_errors(kGoodNodePool, with(".kind", "\"X\"")).find("nodeClassRef.kind is immutable"),
      std::string::npos);
  EXPECT_EQ(update_errors(kGoodNodePool, with(".name", "\"x\"")), "");
}

TEST(NodePoolSchema, WeightAndLimits) {
  // API-20
  const Case cases[] = {
      {"spec.weight", "1", ""},
      {"spec.weight", "100", ""},
      {"spec.weight", "0", "spec.weight in body should be greater than or equal to 1"},
      {"spec.weight", "101", "spec.weight in body should be less than or equal to 100"},
      {"spec.weight", "\"5\"", "must be of type integer: \"string\""},
      {"spec.limits", R"({"cpu": 1000, "memory": "1000Gi"})", ""},
      {"spec.limits", R"({"cpu": "lots"})", "spec.limits.cpu: Invalid value: \"lots\""},
      {"spec.limits", R"({"cpu": true})", "must be of type integer,string: \"boolean\""},
  };
  for (const Case& c : cases) {
    expect_case(kGoodNodePool, c);
  }
}

TEST(NodePoolSchema, RulesAreSkippedWhenTheStructureIsWrong) {
  // API-27
  const auto pool = changed(kGoodNodePool, "spec.weight", "\"x\"");
  EXPECT_NE(errors_of(pool).find("some validation rules were not checked"), std::string::npos);
}

}  // namespace
}  // namespace k8s::schema

#include "k8s/schema/runtime_validation.h"

#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace k8s::schema {
namespace {

std::string pool_problems(const NodePool& pool, Flavour flavour = Flavour::kAws) {
  return joined(validate_node_pool(pool, flavour));
}

std::string requirement_problems(SelectorTerm term, Flavour flavour = Flavour::kAws) {
  NodePool pool;
  pool.template_spec.requirements.push_back(std::move(term));
  return pool_problems(pool, flavour);
}

void expect_part(const std::string& found, std::string_view expected) {
  if (expected.empty()) {
    EXPECT_EQ(found, "");
  } else {
    EXPECT_NE(found.find(expected), std::string::npos) << found;
  }
}

TEST(RuntimeValidation, Labels) {
  // API-124, API-129
  const std::tuple<const char*, const char*, const char*> table[] = {
      {"foo", "bar", ""},
      {"kops.k8s.io/instancegroup", "x", ""},
      {"kubernetes.io/test", "x", ""},
      {"notkarpenter.sh/x", "x", ""},
      {"karpenter.k8s.aws/instance-family", "m5", ""},
      {"karpenter.sh/nodepool",
       "x",
       "invalid key name \"karpenter.sh/nodepool\" in labels, restricted"},
      {"karpenter.sh/unknown", "x", "using label karpenter.sh/unknown is not allowed"},
      {"sub.karpenter.sh/unknown", "x", "using label sub.karpenter.sh/unknown is not allowed"},
      {"kubernetes.io/hostname", "x", "using label kubernetes.io/hostname is not allowed"},
      {"spaces are not allowed", "x", "invalid key name \"spaces are not allowed\" in labels, \""},
      {"a", "/ is not allowed", "invalid value: / is not allowed for label[a], a valid label"},
  };
  for (const auto& [key, label, expected] : table) {
    NodePool pool;
    pool.template_labels[key] = label;
    expect_part(pool_problems(pool), expected);
  }
}

TEST(RuntimeValidation, Taints) {
  // API-125, API-126
  const auto problems = [](std::vector<Taint> taints, std::vector<Taint> startup = {}) {
    return joined(validate_taints(taints, startup));
  };
  expect_part(problems({{"a", "b", "NoSchedule"}, {"a", "", "NoExecute"}}), "");
  expect_part(problems({{"a", "b.com/c", ""}}), "");
  expect_part(problems({{"", "", "NoSchedule"}}), "a taint without key in taints");
  expect_part(problems({{"test/", "", "NoSchedule"}}), "name part must be non-empty");
  expect_part(problems({{"a", "???", "NoSchedule"}}), "name part must consist of");
  expect_part(problems({}, {{"a", "", "???"}}), "invalid value: \"???\" in startupTaints");
  expect_part(problems({{"a", "b", "NoSchedule"}}, {{"a", "c", "NoSchedule"}}),
              "duplicate taint Key/Effect pair a=NoSchedule");
  expect_part(problems({{std::string(64, 'a'), "", "NoSchedule"}}), "no more than 63 bytes");
}

TEST(RuntimeValidation, Requirements) {
  // API-127
  expect_part(requirement_problems({"a", "In", {"b"}, {}}), "");
  expect_part(requirement_problems({"a", "NotIn", {}, {}}), "");
  expect_part(requirement_problems({"beta.kubernetes.io/arch", "In", {"amd64"}, {}}), "");
  expect_part(requirement_problems({"a", "Unknown", {}, {}}),
              "key a has an unsupported operator Unknown not in [DoesNotExist Exists");
  expect_part(requirement_problems({"a", "In", {}, {}}),
              "invalid value: key a with operator In must have a value defined in requirements, "
              "restricted");
  expect_part(requirement_problems({"a", "In", {"x"}, 2}), "at least minimum number of values");
  expect_part(requirement_problems({"a", "In", {"b c"}, {}}), "invalid value b c for key a, ");
  expect_part(requirement_problems({std::string(250, 'a'), "Exists", {}, {}}),
              "is not a qualified name, ");
  expect_part(requirement_problems({"karpenter.sh/nodepool", "Exists", {}, {}}),
              "invalid key: \"karpenter.sh/nodepool\" in requirements, restricted");
  expect_part(requirement_problems({"karpenter.sh/test", "Exists", {}, {}}),
              "using label karpenter.sh/test is not allowed");
  for (const char* op : {"Gt", "Lt", "Gte", "Lte"}) {
    expect_part(requirement_problems({"a", op, {"0"}, {}}), "");
    for (const std::vector<std::string>& bad :
         {std::vector<std::string>{}, {"1", "2"}, {"a"}, {"-1"}}) {
      expect_part(requirement_problems({"a", op, bad, {}}), "must have a single positive integer");
    }
  }
}

TEST(RuntimeValidation, KnownValues) {
  // API-128
  const char* capacity = "karpenter.sh/capacity-type";
  const char* tenancy = "karpenter.k8s.aws/instance-tenancy";
  expect_part(requirement_problems({capacity, "In", {"on-demand", "xspot"}, {}}), "");
  expect_part(requirement_problems({capacity, "In", {"xspot"}, {}}), "no valid values found in ");
  expect_part(requirement_problems({capacity, "NotIn", {"xspot"}, {}}), "");
  expect_part(requirement_problems({capacity, "In", {"spot", "xspot"}, 2}),
              "not enough valid values found in ");
  expect_part(requirement_problems({tenancy, "In", {"xdedicated"}, {}}), "no valid values found");
  expect_part(requirement_problems({tenancy, "In", {"default", "xdedicated"}, {}}), "");
}

TEST(RuntimeValidation, TheNodeClassLabelIsFreeAsARequirement) {
  // API-130
  expect_part(requirement_problems({"karpenter.k8s.aws/ec2nodeclass", "Exists", {}, {}}), "");
  expect_part(
      requirement_problems({"karpenter.kwok.sh/kwoknodeclass", "Exists", {}, {}}, Flavour::kKwok),
      "");
}

TEST(RuntimeValidation, Schedules) {
  // API-53, API-164, API-168
  const auto problems = [](const char* schedule) {
    NodePool pool;
    Budget budget;
    budget.schedule = schedule;
    budget.duration = 3'600'000'000'000;
    pool.disruption.budgets = {budget};
    return pool_problems(pool);
  };
  expect_part(problems("0 9 * * mon-fri"), "");
  expect_part(problems("0 0 * * tue-mon"), "invalid schedule \"0 0 * * tue-mon\" in budgets, ");
  expect_part(problems("0 0 30 2 *"), "it never comes");
}

TEST(RuntimeValidation, LabelsAndRequirementsTogether) {
  // API-55
  NodePool pool;
  for (int i = 0; i < 60; ++i) {
    pool.template_labels["l" + std::to_string(i)] = "x";
    pool.template_spec.requirements.push_back({"k" + std::to_string(i), "Exists", {}, {}});
  }
  expect_part(pool_problems(pool), "too many requirements");
}

TEST(RuntimeValidation, Overlays) {
  // API-131
  const auto problems = [](std::vector<SelectorTerm> terms, std::vector<std::string> capacity) {
    return joined(validate_node_overlay(terms, capacity, Flavour::kAws));
  };
  expect_part(problems({{"karpenter.sh/nodepool", "In", {"p"}, {}}}, {"smarter-devices/fuse"}), "");
  expect_part(problems({}, {"nvidia.com/gpu"}), "");
  expect_part(problems({{"a", "NotIn", {}, {}}}, {}),
              "key a with operator NotIn must have a value defined");
  expect_part(problems({}, {"cpu"}), "invalid capacity: cpu in resource, restricted");
  expect_part(problems({}, {"vpc.amazonaws.com/efa"}), "invalid capacity: vpc.amazonaws.com/efa");
}

TEST(Labels, WellKnownAndNormalized) {
  // API-147, API-150
  EXPECT_TRUE(is_well_known_label("topology.k8s.aws/zone-id", Flavour::kAws));
  EXPECT_FALSE(is_well_known_label("topology.k8s.aws/zone-id", Flavour::kCore));
  EXPECT_EQ(well_known_labels(Flavour::kCore).size(), 8u);
  EXPECT_EQ(well_known_labels(Flavour::kAws).size(), 37u);
  EXPECT_EQ(normalized_label("failure-domain.beta.kubernetes.io/zone"),
            "topology.kubernetes.io/zone");
  EXPECT_EQ(normalized_label("beta.kubernetes.io/instance-type"),
            "node.kubernetes.io/instance-type");
  EXPECT_EQ(normalized_label("a"), "a");
}

}  // namespace
}  // namespace k8s::schema

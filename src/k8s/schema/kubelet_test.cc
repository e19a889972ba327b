#include "k8s/schema/kubelet.h"

#include <gtest/gtest.h>

#include "k8s/schema/runtime_validation.h"

namespace k8s::schema {
namespace {

std::string problems_of(const char* kubelet) {
  return joined(validate_kubelet(kubelet));
}

void expect_problem(const char* kubelet, const std::string& expected) {
  EXPECT_NE(problems_of(kubelet).find(expected), std::string::npos) << kubelet << "\n"
                                                                    << problems_of(kubelet);
}

TEST(Kubelet, AcceptsWhatTheKubeletDoes) {
  // API-107, API-108, API-109
  for (const char* good : {
           "",
           "{}",
           R"({"maxPods": 0, "podsPerCore": 0, "evictionMaxPodGracePeriod": 0})",
           R"({"serializeImagePulls": true, "maxParallelImagePulls": 5})",
           R"({"logging": {"format": "json", "flushFrequency": "5s", "options":
               {"json": {"splitStream": true, "infoBufferSize": "1Mi"}}}})",
           R"({"evictionHard": {"memory.available": "5%", "nodefs.available": "1Gi"}})",
           R"({"evictionSoft": {"memory.available": "500Mi"},
               "evictionSoftGracePeriod": {"memory.available": "1m30s"}})",
           R"({"imageGCHighThresholdPercent": 80, "imageGCLowThresholdPercent": 60})",
           R"({"maxPods": "cpu * 10", "kubeReserved": {"cpu": "10 + vcpus"}})",
           R"({"memoryThrottlingFactor": 0.9, "featureGates": {"A": true}, "cpuCFSQuotaPeriod":
               "100ms", "unset": null})",
           R"({"clusterDNS": ["10.0.0.10"], "reservedMemory": [{"numaNode": 0, "limits":
               {"memory": "1Gi"}}]})",
       }) {
    EXPECT_EQ(problems_of(good), "") << good;
  }
}

TEST(Kubelet, NamesUnknownFieldsAtAnyDepth) {
  // API-107
  expect_problem(R"({"maxpods": 1})", "spec.kubelet: unknown field \"maxpods\"");
  expect_problem(R"({"logging": {"x": 1}})", "unknown field \"logging.x\"");
  expect_problem(R"({"logging": {"options": {"json": {"y": 1}}}})", "\"logging.options.json.y\"");
  EXPECT_EQ(validate_kubelet(R"({"a": 1, "b": 2})").size(), 2u);
}

TEST(Kubelet, ReportsAWrongTypeAlone) {
  // API-107, API-104, API-117
  for (const char* bad : {R"({"podsPerCore": "ten", "a": 1})",
                          R"({"maxPods": 1.5})",
                          R"({"maxPods": 3000000000})",
                          R"({"logging": {"verbosity": -1}})",
                          R"({"logging": "json"})",
                          R"({"systemReserved": {"cpu": 1}})",
                          R"({"clusterDNS": "10.0.0.10"})",
                          R"({"cpuCFSQuota": "true"})",
                          R"({"syncFrequency": "often"})"}) {
    const auto problems = validate_kubelet(bad);
    ASSERT_EQ(problems.size(), 1u) << bad;
    EXPECT_TRUE(problems[0].starts_with("spec.kubelet: ")) << problems[0];
  }
  EXPECT_EQ(validate_kubelet("[]").size(), 1u);
  EXPECT_EQ(validate_kubelet("junk").size(), 1u);
}

TEST(Kubelet, OwnsTheTaints) {
  // API-110
  const auto problems = validate_kubelet(R"({"registerWithTaints": [{"key": "a"}]})");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_TRUE(problems[0].starts_with("spec.kubelet.registerWithTaints: can't be set, "));
}

TEST(Kubelet, ChecksEvictionSignals) {
  // API-111, API-112, API-113, API-114
  for (const std::string field :
       {"evictionHard", "evictionSoft", "evictionSoftGracePeriod", "evictionMinimumReclaim"}) {
    const std::string text = "{\"" + field + "\": {\"memory.free\": \"1m\"}}";
    expect_problem(text.c_str(),
                   "spec.kubelet." + field +
                       ": \"memory.free\" isn't a valid eviction signal, must be one of "
                       "memory.available, nodefs.available");
  }
  expect_problem(R"({"evictionHard": {"memory.available": "lots"}})",
                 "spec.kubelet.evictionHard[memory.available]: \"lots\" must be a percentage or a "
                 "resource quantity");
  expect_problem(R"({"evictionHard": {"memory.available": "101%"}})", "must be a percentage");
  expect_problem(R"({"evictionHard": {"memory.available": "-1Gi"}})",
                 "can't be a negative resource quantity");
  expect_problem(R"({"evictionSoftGracePeriod": {"memory.available": "soon"}})",
                 "must be a duration");
  expect_problem(R"({"evictionSoftGracePeriod": {"memory.available": "5x"}})",
                 "must be a duration");
  expect_problem(R"({"evictionSoftGracePeriod": {"memory.available": "-1m"}})",
                 "can't be a negative duration");
  expect_problem(R"({"evictionSoft": {"memory.available": "1Gi"}})",
                 "spec.kubelet.evictionSoft[memory.available]: has no matching "
                 "evictionSoftGracePeriod");
  expect_problem(R"({"evictionSoftGracePeriod": {"memory.available": "1m"}})",
                 "has no matching evictionSoft");
}

TEST(Kubelet, ChecksReservationsAndNumbers) {
  // API-115, API-116
  expect_problem(R"({"kubeReserved": {"gpu": "1"}})",
                 "spec.kubelet.kubeReserved: \"gpu\" isn't a reservable resource, must be one of "
                 "cpu, memory, ephemeral-storage, pid");
  expect_problem(R"({"systemReserved": {"cpu": "-1"}})", "can't be a negative resource quantity");
  expect_problem(R"({"maxPods": -1})", "spec.kubelet.maxPods: -1 can't be negative");
  expect_problem(R"({"podsPerCore": -1})", "-1 can't be negative");
  expect_problem(R"({"evictionMaxPodGracePeriod": -1})", "-1 can't be negative");
  expect_problem(R"({"imageGCHighThresholdPercent": 101})", "101 must be between 0 and 100");
  expect_problem(R"({"imageGCLowThresholdPercent": -1})", "-1 must be between 0 and 100");
  for (const char* bad :
       {R"({"imageGCHighThresholdPercent": 60, "imageGCLowThresholdPercent": 80})",
        R"({"imageGCHighThresholdPercent": 70, "imageGCLowThresholdPercent": 70})"}) {
    expect_problem(bad, "must be greater than imageGCLowThresholdPercent");
  }
}

TEST(Kubelet, ReportsEverythingTogether) {
  // API-107
  EXPECT_GE(validate_kubelet(R"({"maxPods": -1, "podsPerCore": -1, "unknown": 1, "kubeReserved":
      {"gpu": "1"}, "evictionHard": {"a": "b"}})")
                .size(),
            5u);
}

TEST(Kubelet, KnowsExpressions) {
  // API-105
  EXPECT_TRUE(has_kubelet_expression(R"({"maxPods": "cpu * 2"})"));
  EXPECT_TRUE(has_kubelet_expression(R"({"kubeReserved": {"cpu": "vcpus * 10"}})"));
  EXPECT_FALSE(has_kubelet_expression(R"({"kubeReserved": {"cpu": "100m"}, "maxPods": 1})"));
  EXPECT_FALSE(has_kubelet_expression(R"({"evictionHard": {"memory.available": "x"}})"));
  EXPECT_FALSE(has_kubelet_expression(R"({"maxPods": "cpu", "podsPerCore": "ten"})"));
}

TEST(Kubelet, FirstFailedCheckWins) {
  // API-118, API-119, API-121
  const auto reason = [](const char* kubelet, const char* family, bool gate = false) {
    const auto problem =
        find_kubelet_problem(kubelet, {.ami_family = family, .are_expressions_on = gate});
    return problem ? problem->reason : std::string();
  };
  EXPECT_EQ(reason(R"({"maxPods": -1})", "AL2"), "InvalidKubeletConfiguration");
  EXPECT_EQ(reason(R"({"maxPods": "a", "serializeImagePulls": true})", "AL2"),
            "KubeletExpressionsDisabled");
  EXPECT_EQ(reason(R"({"maxPods": "a"})", "AL2", true), "");
  EXPECT_EQ(reason(R"({"serializeImagePulls": true})", "AL2023"), "");
  EXPECT_EQ(reason(R"({"serializeImagePulls": true})", "Custom"), "");
  EXPECT_EQ(reason(R"({"serializeImagePulls": true})", "Windows2022"),
            "UnsupportedKubeletConfiguration");
  EXPECT_EQ(reason(R"({"podsPerCore": 1})", "AL2"), "");
  const auto bottlerocket =
      find_kubelet_problem(R"({"podsPerCore": 1, "failSwapOn": true, "clusterDNS": ["a", "b"]})",
                           {.ami_family = "Bottlerocket"});
  ASSERT_TRUE(bottlerocket);
  EXPECT_EQ(bottlerocket->message,
            "spec.kubelet has fields not applied by the Bottlerocket AMI family that would be "
            "silently dropped: failSwapOn, podsPerCore; spec.kubelet.clusterDNS: the Bottlerocket "
            "AMI family doesn't accept multiple entries, only one, but 2 were set");
}

TEST(Kubelet, ListsWhatIsPassedThrough) {
  // API-103
  EXPECT_EQ(unmanaged_kubelet_fields(R"({"z": 1, "maxPods": 1, "a": 2, "clusterDNS": []})"),
            (std::vector<std::string>{"a", "z"}));
}

}  // namespace
}  // namespace k8s::schema

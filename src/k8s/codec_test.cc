#include "k8s/codec.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "k8s/conditions.h"
#include "k8s/node.h"
#include "k8s/pod.h"
#include "k8s/resources.h"
#include "k8s/time.h"
#include "k8s/workload.h"

namespace k8s {
namespace {

std::string error_of(std::string_view json) {
  const auto object = decode_object(json);
  return object ? "no error" : object.error().detail;
}

constexpr std::string_view kPool = R"({"apiVersion":"karpenter.sh/v1","kind":"NodePool",
  "metadata":{"name":"default"},"spec":{"template":{"spec":{"requirements":[
  {"key":"karpenter.sh/capacity-type","operator":"In","values":["spot"],"minValues":1}],
  "nodeClassRef":{"group":"karpenter.k8s.aws","kind":"EC2NodeClass","name":"default"},
  "expireAfter":"72h"}},"limits":{"cpu":1000}}})";

TEST(Decode, NodePoolGetsItsDefaults) {
  // API-44
  const auto object = decode_object(
      R"({"apiVersion":"karpenter.sh/v1","kind":"NodePool","spec":{"template":{"spec":{}}}})");
  ASSERT_TRUE(object) << object.error().detail;
  const auto& pool = as<NodePool>(**object);
  EXPECT_EQ(pool.template_spec.expire_after, 720 * kHour);
  EXPECT_EQ(pool.disruption.consolidate_after, 0);
  EXPECT_EQ(pool.disruption.consolidation_policy, "WhenEmptyOrUnderutilized");
  ASSERT_EQ(pool.disruption.budgets.size(), 1U);
  EXPECT_EQ(pool.disruption.budgets[0].nodes, "10%");
}

TEST(Decode, EmptyBudgetsStayEmptyAndABareBudgetIsTenPercent) {
  // API-45
  const auto with = [](std::string_view budgets) {
    const std::string json =
        R"({"apiVersion":"karpenter.sh/v1","kind":"NodePool","spec":{"disruption":{"budgets":)" +
        std::string(budgets) + "}}}";
    return as<NodePool>(**decode_object(json)).disruption.budgets;
  };
  EXPECT_TRUE(with("[]").empty());
  EXPECT_EQ(with("[{}]").at(0).nodes, "10%");
}

TEST(Decode, ReplicationControllersSelectByPlainLabels) {
  // SCH-363
  const std::string json =
      R"({"apiVersion":"v1","kind":"ReplicationController","metadata":{"name":"rc"},)"
      R"("spec":{"replicas":2,"selector":{"app":"web"},"template":{}}})";
  const auto object = decode_object(json);
  ASSERT_TRUE(object) << object.error().detail;
  const auto& workload = as<Workload>(**object);
  EXPECT_EQ(workload.replicas, 2);
  EXPECT_EQ(workload.selector->match_labels.at("app"), "web");
  EXPECT_NE(encode_object(workload).find(R"("selector":{"app":"web"})"), std::string::npos);
}

TEST(Decode, NeverIsAbsent) {
  // API-23
  const auto object = decode_object(
      R"({"apiVersion":"karpenter.sh/v1","kind":"NodeClaim","spec":{"expireAfter":"Never"}})");
  EXPECT_EQ(as<NodeClaim>(**object).spec.expire_after, std::nullopt);
  EXPECT_NE(encode_object(**object).find(R"("expireAfter":"Never")"), std::string::npos);
}

TEST(Encode, KeepsTheTextOfNillableDurations) {
  // API-23
  const auto pool = decode_object(kPool);
  ASSERT_TRUE(pool) << pool.error().detail;
  EXPECT_NE(encode_object(**pool).find(R"("expireAfter":"72h")"), std::string::npos);
  NodePool changed = as<NodePool>(**pool);
  changed.template_spec.expire_after = kHour;
  EXPECT_NE(encode_object(changed).find(R"("expireAfter":"1h0m0s")"), std::string::npos);
}

TEST(Encode, EmitsNestedStructsEvenWhenEmpty) {
  // API-17
  EXPECT_EQ(
      encode_object(NodeClaim()),
      R"({"apiVersion":"karpenter.sh/v1","kind":"NodeClaim","metadata":{},"spec":{"requirements":[],)"
      R"("nodeClassRef":{"group":"","kind":"","name":""},"expireAfter":"Never","resources":{}},"status":{}})");
  EXPECT_EQ(encode_object(Pod()), R"({"apiVersion":"v1","kind":"Pod","metadata":{}})");
}

TEST(Encode, ReadsBackTheSame) {
  for (
      const std::string_view json :
      {kPool,
       std::string_view(
           R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"a":"b"}},"spec":{
          "containers":[{"name":"c","resources":{"requests":{"cpu":"1500m"},"limits":{"cpu":2}},"ports":[{"containerPort":1,"hostPort":2}]}],
          "affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"labelSelector":{},"topologyKey":"z"}]}},
          "tolerations":[{"operator":"Exists"}],"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"z","whenUnsatisfiable":"DoNotSchedule"}]},
          "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}})"),
       std::string_view(
           R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","spec":{"holderIdentity":"x","renewTime":"2024-01-02T03:04:05.678901Z"}})"),
       std::string_view(
           R"({"apiVersion":"policy/v1","kind":"PodDisruptionBudget","spec":{"maxUnavailable":"25%","selector":{}}})")}) {
    const auto first = decode_object(json);
    ASSERT_TRUE(first) << first.error().detail;
    const std::string text = encode_object(**first);
    const auto second = decode_object(text);
    ASSERT_TRUE(second) << second.error().detail;
    EXPECT_EQ(encode_object(**second), text);
  }
}

TEST(Encode, KeepsEveryFieldOfANodeClass) {
  // API-17, API-184, API-185
  const char* spec = R"({"subnetSelectorTerms": [{"id": "subnet-1"}],
      "securityGroupSelectorTerms": [{"name": "g"}],
      "amiSelectorTerms": [{"alias": "al2023@latest"}], "role": "r", "userData": "",
      "tags": {"a": "b"}, "kubelet": {"maxPods": 5}, "instanceStorePolicy": "RAID0",
      "blockDeviceMappings": [{"deviceName": "d", "rootVolume": true, "ebs":
        {"deleteOnTermination": false, "encrypted": true, "iops": 1, "kmsKeyID": "k",
         "snapshotID": "s", "throughput": 2, "volumeInitializationRate": 100,
         "volumeSize": "1Gi", "volumeType": "gp3"}}],
      "networkInterfaces": [{"networkCardIndex": 0, "deviceIndex": 1,
        "interfaceType": "efa-only"}],
      "associatePublicIPAddress": false, "ipPrefixCount": 0, "detailedMonitoring": false,
      "connectionTracking": {"tcpEstablishedTimeout": 60, "udpStreamTimeout": 61, "udpTimeout": 30},
      "placementGroupSelector": {"id": "pg-1"}, "context": "c", "cpuOptions": {},
      "metadataOptions": {"httpEndpoint": "enabled", "httpProtocolIPv6": "disabled",
        "httpPutResponseHopLimit": 2, "httpTokens": "optional"}})";
  Warnings unknown;
  const auto object =
      decode_object(std::string(R"({"apiVersion": "karpenter.k8s.aws/v1", "kind": "EC2NodeClass",
      "metadata": {"name": "c"}, "spec": )") +
                        spec + "}",
                    &unknown);
  ASSERT_TRUE(object) << object.error().detail;
  EXPECT_TRUE(unknown.empty());
  const auto encoded = boost::json::parse(encode_object(**object));
  EXPECT_EQ(encoded.at("spec"), boost::json::parse(spec)) << encode_object(**object);
}

TEST(Decode, ErrorsNameTheFieldAndTheExpectation) {
  EXPECT_EQ(
      error_of(
          R"({"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"resources":{"requests":{"cpu":"abc"}}}]}})"),
      "spec.containers[0].resources.requests.cpu: quantity expected, got \"abc\"");
  EXPECT_EQ(error_of(R"({"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"a":1}}})"),
            "metadata.labels.a: string expected, got 1");
  EXPECT_EQ(error_of(R"({"apiVersion":"v1","kind":"Pod","spec":[]})"),
            "spec: object expected, got []");
  EXPECT_EQ(
      error_of(R"({"apiVersion":"karpenter.sh/v1","kind":"NodeClaim","spec":{"expireAfter":5}})"),
      "spec.expireAfter: duration (such as 30s, 720h) or \"Never\" expected, got 5");
  EXPECT_EQ(error_of(R"({"apiVersion":"x/v1","kind":"Y"})"), "kind Y of x/v1 is not known here");
  EXPECT_TRUE(error_of("{").starts_with("JSON expected"));
}

TEST(Decode, NullIsAbsent) {
  // API-18
  const auto object = decode_object(
      R"({"apiVersion":"karpenter.sh/v1","kind":"NodeClaim","metadata":null,"spec":{"expireAfter":null}})");
  ASSERT_TRUE(object) << object.error().detail;
  EXPECT_EQ(as<NodeClaim>(**object).spec.expire_after, 720 * kHour);
}

TEST(Decode, CollectsUnknownFieldsOfOurKindsOnly) {
  Warnings warnings;
  ASSERT_TRUE(decode_object(
      R"({"apiVersion":"karpenter.sh/v1","kind":"NodePool","spec":{"weigth":1,"template":{"spec":{"taintz":[]}}}})",
      &warnings));
  EXPECT_EQ(warnings, (Warnings{"spec.weigth", "spec.template.spec.taintz"}));
  warnings.clear();
  ASSERT_TRUE(decode_object(R"({"apiVersion":"v1","kind":"Pod","spec":{"foo":1}})", &warnings));
  EXPECT_TRUE(warnings.empty());
}

TEST(Decode, KubeletErrorsDoNotKeepTheClassFromBeingRead) {
  // API-102, API-104
  const auto object = decode_object(
      R"({"apiVersion":"karpenter.k8s.aws/v1","kind":"EC2NodeClass","spec":{"role":"r","kubelet":{"maxPods":10,"podsPerCore":"x"}}})");
  ASSERT_TRUE(object) << object.error().detail;
  const auto& node_class = as<EC2NodeClass>(**object);
  EXPECT_EQ(node_class.role, "r");
  EXPECT_EQ(node_class.kubelet.max_pods, std::nullopt);
  EXPECT_EQ(node_class.kubelet_error, "spec.kubelet.podsPerCore: integer expected, got \"x\"");
}

TEST(ListReader, TakesAnySplitOfTheText) {
  const std::string json =
      R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"42","continue":"abc"},)"
      R"("items":[{"metadata":{"name":"a]}\"\\"}}, {"metadata":{"name":"b"}} ]})";
  for (std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{7}, json.size()}) {
    std::vector<std::string> names;
    ListReader reader(Kind::kCount, [&](base::Result<ObjectPtr> item) {
      ASSERT_TRUE(item) << item.error().detail;
      EXPECT_EQ((*item)->kind, Kind::kPod);
      names.push_back((*item)->meta.name);
    });
    for (std::size_t at = 0; at < json.size(); at += step) {
      ASSERT_TRUE(reader.feed(std::string_view(json).substr(at, step)));
    }
    ASSERT_TRUE(reader.finish());
    EXPECT_EQ(names, (std::vector<std::string>{"a]}\"\\", "b"}));
    EXPECT_EQ(reader.resource_version(), "42");
    EXPECT_EQ(reader.continue_token(), "abc");
  }
}

TEST(ListReader, ABadItemIsTheSinksToJudge) {
  // API-25
  int good = 0;
  int bad = 0;
  const auto done =
      decode_list(R"({"kind":"NodeClaimList","items":[{"spec":{"expireAfter":"9999999h"}},{},5]})",
                  [&](base::Result<ObjectPtr> item) { ++(item ? good : bad); });
  EXPECT_TRUE(done);
  EXPECT_EQ(good, 1);
  EXPECT_EQ(bad, 2);
}

TEST(ListReader, RefusesWhatIsNotAList) {
  const auto ignore = [](const base::Result<ObjectPtr>&) {};
  EXPECT_FALSE(decode_list("[]", ignore));
  EXPECT_FALSE(decode_list(R"({"items":[)", ignore));
  EXPECT_FALSE(decode_list(R"({"items":[]}{)", ignore));
  EXPECT_TRUE(decode_list(R"({"items":null})", ignore));
}

Pod pod_of(std::string_view spec, std::string_view status = "{}") {
  const std::string json = R"({"apiVersion":"v1","kind":"Pod","spec":)" + std::string(spec) +
                           R"(,"status":)" + std::string(status) + "}";
  const auto object = decode_object(json);
  EXPECT_TRUE(object) << object.error().detail;
  return as<Pod>(**object);
}

std::string cpu_of(const Pod& pod) {
  return pod_requests(pod).get("cpu").text();
}

TEST(PodRequests, TakesTheLargerOfContainersAndInitPeaks) {
  // SCH-58
  EXPECT_EQ(
      cpu_of(pod_of(
          R"({"containers":[{"name":"a","resources":{"requests":{"cpu":1}}},{"name":"b","resources":{"requests":{"cpu":1}}}],
    "initContainers":[{"name":"i","resources":{"requests":{"cpu":3}}}]})")),
      "3");
  EXPECT_EQ(pod_requests(Pod()).get("pods").text(), "1");
}

TEST(PodRequests, SidecarsAddUp) {
  // SCH-58
  EXPECT_EQ(
      cpu_of(pod_of(
          R"({"containers":[{"name":"a","resources":{"requests":{"cpu":1}}}],"initContainers":[
    {"name":"s","restartPolicy":"Always","resources":{"requests":{"cpu":2}}},
    {"name":"i","resources":{"requests":{"cpu":2}}}]})")),
      "4");
}

TEST(PodRequests, AddsOverheadAndPrefersPodLevelResources) {
  // SCH-58
  EXPECT_EQ(cpu_of(pod_of(R"({"containers":[{"name":"a","resources":{"requests":{"cpu":1}}}],
    "resources":{"requests":{"cpu":5}},"overhead":{"cpu":"250m"}})")),
            "5250m");
}

TEST(PodRequests, CountsTheLargerSideOfAResize) {
  // SCH-58
  EXPECT_EQ(
      cpu_of(pod_of(R"({"containers":[{"name":"a","resources":{"requests":{"cpu":1}}}]})",
                    R"({"containerStatuses":[{"name":"a","allocatedResources":{"cpu":2}}]})")),
      "2");
}

TEST(PodRequests, AResizeThatTheNodeRefusesDoesNotCount) {
  // SCH-58
  const auto cpu_with = [](const std::string& reason) {
    return cpu_of(pod_of(R"({"containers":[{"name":"a","resources":{"requests":{"cpu":64}}}]})",
                         R"({"containerStatuses":[{"name":"a","allocatedResources":{"cpu":2},)"
                         R"("resources":{"requests":{"cpu":1}}}],)"
                         R"("conditions":[{"type":"PodResizePending","status":"True","reason":")" +
                             reason + R"("}]})"));
  };
  EXPECT_EQ(cpu_with("Infeasible"), "2");
  EXPECT_EQ(cpu_with("Deferred"), "64");
}

TEST(PodRequests, LimitsStandInForMissingRequestsOfPods) {
  // SCH-59
  const Pod pod = pod_of(R"({"containers":[{"name":"a","resources":{"limits":{"cpu":2}}}]})");
  EXPECT_EQ(cpu_of(pod), "2");
  EXPECT_EQ(pod_limits(pod.spec).get("cpu").text(), "2");
}

TEST(Fits, RefusesNegativeTotalsAndUnknownResources) {
  // SCH-61
  EXPECT_TRUE(fits({{"gpu", Quantity()}}, {}));
  EXPECT_FALSE(fits({{"gpu", Quantity::units(1)}}, {}));
  EXPECT_FALSE(fits({}, {{"cpu", Quantity::units(-1)}}));
}

}  // namespace
}  // namespace k8s

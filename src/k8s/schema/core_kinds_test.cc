#include <gtest/gtest.h>

#include "k8s/schema/kind_schema.h"
#include "k8s/schema/schema_testing.h"

namespace k8s::schema {
namespace {

void expect_pod(std::initializer_list<Case> cases) {
  for (const Case& c : cases) {
    expect_case(kGoodPod, c);
  }
}

constexpr const char* kLimits = "spec.containers.0.resources";

TEST(PodSchema, FillsTheMainDefaults) {
  EXPECT_EQ(errors_of(kGoodPod), "");
  EXPECT_EQ(defaulted(kGoodPod, "spec.restartPolicy"), "\"Always\"");
  EXPECT_EQ(defaulted(kGoodPod, "spec.terminationGracePeriodSeconds"), "30");
  EXPECT_EQ(defaulted(kGoodPod, "spec.dnsPolicy"), "\"ClusterFirst\"");
  EXPECT_EQ(defaulted(kGoodPod, "spec.schedulerName"), "\"default-scheduler\"");
  EXPECT_EQ(defaulted(kGoodPod, "spec.containers.0.imagePullPolicy"), "\"IfNotPresent\"");
  EXPECT_EQ(defaulted(kGoodPod, "status.phase"), "\"Pending\"");
  const auto latest = changed(kGoodPod, "spec.containers.0.image", "\"host:5000/pause\"");
  EXPECT_EQ(defaulted(latest, "spec.containers.0.imagePullPolicy"), "\"Always\"");
  const auto port = changed(kGoodPod, "spec.containers.0.ports", R"([{"containerPort": 80}])");
  EXPECT_EQ(defaulted(port, "spec.containers.0.ports.0.protocol"), "\"TCP\"");
}

TEST(PodSchema, RequestsDefaultToLimits) {
  const auto pod = changed(kGoodPod, kLimits, R"({"limits": {"cpu": "1", "memory": "1Gi"},
                                                  "requests": {"cpu": "500m"}})");
  EXPECT_EQ(defaulted(pod, "spec.containers.0.resources.requests"),
            R"({"cpu":"500m","memory":"1Gi"})");
}

TEST(PodSchema, Names) {
  expect_pod({
      {"metadata.name", "\"Bad_Name\"", "a lowercase RFC 1123 subdomain must consist of"},
      {"metadata.name", "", "metadata.name: Required value: name or generateName is required"},
      {"metadata", R"({"generateName": "p-"})", ""},
      {"metadata.labels", R"({"a b": "c"})", "metadata.labels: Invalid value: \"a b\""},
      {"metadata.labels", R"({"a": "b c"})", "metadata.labels: Invalid value: \"b c\""},
      {"metadata.labels", R"({"a": 1})", "must be of type string: \"integer\""},
      {"metadata.annotations", R"({"a/b/c": "x"})", "metadata.annotations: Invalid value"},
  });
}

TEST(PodSchema, Containers) {
  expect_pod({
      {"spec.containers", "", "spec.containers: Required value"},
      {"spec.containers", "[]", "spec.containers: Required value"},
      {"spec.containers.0.name", "", "spec.containers[0].name: Required value"},
      {"spec.containers.0.name", "\"A\"", "a lowercase RFC 1123 label"},
      {"spec.containers.0.image", "", "spec.containers[0].image: Required value"},
      {"spec.containers",
       R"([{"name": "c", "image": "i"}, {"name": "c", "image": "i"}])",
       "spec.containers[1]: Duplicate value"},
      {"spec.containers.0.ports", R"([{"containerPort": 0}])", "greater than or equal to 1"},
      {"spec.containers.0.volumeMounts",
       R"([{"name": "v", "mountPath": "/v"}])",
       "spec.containers[0].volumeMounts[0].name: Not found: \"v\""},
      {"spec.restartPolicy",
       "\"Sometimes\"",
       "supported values: \"Always\", \"OnFailure\", "
       "\"Never\""},
      {"spec.initContainers", R"([{"name": "i", "image": "i", "restartPolicy": "Always"}])", ""},
      {"spec.initContainers",
       R"([{"name": "i", "image": "i", "restartPolicy": "Never"}])",
       "supported values: \"Always\""},
  });
}

TEST(PodSchema, Resources) {
  expect_pod({
      {kLimits, R"({"requests": {"cpu": "100m", "memory": 1024}})", ""},
      {kLimits, R"({"requests": {"cpu": "much"}})", "requests.cpu: Invalid value: \"much\""},
      {kLimits, R"({"requests": {"cpu": "-1"}})", "must be greater than or equal to 0"},
      {kLimits,
       R"({"requests": {"cpu": "2"}, "limits": {"cpu": "1"}})",
       "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to "
       "cpu limit of 1"},
      {kLimits, R"({"limits": {"nvidia.com/gpu": "1"}})", ""},
      {kLimits,
       R"({"requests": {"nvidia.com/gpu": "1"}})",
       "Limit must be set for non overcommitable resources"},
      {kLimits,
       R"({"requests": {"nvidia.com/gpu": "1"}, "limits": {"nvidia.com/gpu": "2"}})",
       "must be equal to nvidia.com/gpu limit of 2"},
      {kLimits, R"({"requests": {"gpu": "1"}})", "must be a standard resource type"},
  });
}

TEST(PodSchema, NodeAffinity) {
  const char* path = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution";
  const auto with = [](const char* expression) {
    return std::string(R"({"nodeSelectorTerms": [{"matchExpressions": [)") + expression + "]}]}";
  };
  const std::pair<const char*, const char*> table[] = {
      {R"({"key": "a", "operator": "In", "values": ["b"]})", ""},
      {R"({"key": "a", "operator": "Gt", "values": ["5"]})", ""},
      {R"({"key": "a", "operator": "Exists"})", ""},
      {R"({"key": "a", "operator": "In"})", "must be specified when `operator` is 'In' or 'NotIn'"},
      {R"({"key": "a", "operator": "Exists", "values": ["b"]})",
       "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"},
      {R"({"key": "a", "operator": "Gt", "values": ["1", "2"]})",
       "must be specified single value when `operator` is 'Lt' or 'Gt'"},
      {R"({"key": "a", "operator": "Lt", "values": ["x"]})", "must be an integer"},
      {R"({"key": "a", "operator": "Near"})", "Unsupported value: \"Near\""},
      {R"({"key": "a b", "operator": "Exists"})", "name part must consist of"},
  };
  for (const auto& [expression, expected] : table) {
    expect_case(kGoodPod, {path, with(expression).c_str(), expected});
  }
  expect_case(kGoodPod,
              {path, R"({"nodeSelectorTerms": []})", "must have at least one node selector term"});
}

TEST(PodSchema, PodAffinity) {
  const char* path = "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution";
  expect_pod({
      {path, R"([{"topologyKey": "kubernetes.io/hostname", "labelSelector": {}}])", ""},
      {path, R"([{"labelSelector": {}}])", "topologyKey: Required value"},
      {path, R"([{"topologyKey": ""}])", "topologyKey: Required value: can not be empty"},
      {path,
       R"([{"topologyKey": "a", "labelSelector":
                {"matchExpressions": [{"key": "a", "operator": "In"}]}}])",
       "labelSelector.matchExpressions[0].values: Required value"},
      {"spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution",
       R"([{"weight": 0, "podAffinityTerm": {"topologyKey": "a"}}])",
       "or equal to 1"},
  });
}

TEST(PodSchema, Tolerations) {
  const char* path = "spec.tolerations";
  expect_pod({
      {path, R"([{"operator": "Exists"}])", ""},
      {path, R"([{"key": "a", "value": "b", "effect": "NoSchedule"}])", ""},
      {path,
       R"([{"key": "a", "operator": "Exists", "effect": "NoExecute",
                  "tolerationSeconds": 5}])",
       ""},
      {path, R"([{"value": "b"}])", "operator must be Exists when `key` is empty"},
      {path,
       R"([{"key": "a", "operator": "Exists", "value": "b"}])",
       "value must be empty when `operator` is 'Exists'"},
      {path, R"([{"key": "a", "operator": "Like"}])", "supported values: \"Equal\", \"Exists\""},
      {path,
       R"([{"key": "a", "effect": "NoSchedule", "tolerationSeconds": 5}])",
       "effect must be 'NoExecute' when `tolerationSeconds` is set"},
      {path, R"([{"key": "a", "effect": "Never"}])", "Unsupported value: \"Never\""},
  });
}

TEST(PodSchema, TopologySpread) {
  const char* path = "spec.topologySpreadConstraints";
  expect_pod({
      {path,
       R"([{"maxSkew": 1, "topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule",
                  "minDomains": 2, "labelSelector": {"matchLabels": {"a": "b"}}}])",
       ""},
      {path,
       R"([{"maxSkew": 0, "topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule"}])",
       "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero"},
      {path,
       R"([{"maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"}])",
       "topologyKey: Required value"},
      {path,
       R"([{"maxSkew": 1, "topologyKey": "z", "whenUnsatisfiable": "Maybe"}])",
       "supported values: \"DoNotSchedule\", \"ScheduleAnyway\""},
      {path,
       R"([{"maxSkew": 1, "topologyKey": "z", "whenUnsatisfiable": "ScheduleAnyway",
                  "minDomains": 2}])",
       "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway"},
      {path,
       R"([{"maxSkew": 1, "topologyKey": "z", "whenUnsatisfiable": "ScheduleAnyway"},
                 {"maxSkew": 2, "topologyKey": "z", "whenUnsatisfiable": "ScheduleAnyway"}])",
       "Duplicate value: \"{z, ScheduleAnyway}\""},
  });
}

TEST(PodSchema, UnknownFieldsAreNamedAndPruned) {
  // API-19
  auto pod = changed(kGoodPod, "spec.containers.0.imagee", "\"x\"");
  pod = changed(pod, "spec.replicas", "1");
  const CheckedManifest checked = check_manifest(pod);
  EXPECT_EQ(checked.unknown,
            (std::vector<std::string>{"spec.containers[0].imagee", "spec.replicas"}));
  EXPECT_EQ(checked.json.find("imagee"), std::string::npos);
}

TEST(WorkloadSchema, DeploymentDefaults) {
  EXPECT_EQ(errors_of(kGoodDeployment), "");
  EXPECT_EQ(defaulted(kGoodDeployment, "spec.replicas"), "1");
  EXPECT_EQ(defaulted(kGoodDeployment, "spec.revisionHistoryLimit"), "10");
  EXPECT_EQ(defaulted(kGoodDeployment, "spec.progressDeadlineSeconds"), "600");
  EXPECT_EQ(
      defaulted(kGoodDeployment, "spec.strategy"),
      R"({"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%","maxUnavailable":"25%"}})");
  EXPECT_EQ(defaulted(kGoodDeployment, "spec.template.spec.restartPolicy"), "\"Always\"");
  const auto recreate = changed(kGoodDeployment, "spec.strategy.type", "\"Recreate\"");
  EXPECT_EQ(defaulted(recreate, "spec.strategy"), R"({"type":"Recreate"})");
}

TEST(WorkloadSchema, SelectorAndTemplate) {
  const Case cases[] = {
      {"spec.selector", "", "spec.selector: Required value"},
      {"spec.selector", "{}", "empty selector is invalid for deployment"},
      {"spec.selector.matchLabels",
       R"({"app": "b"})",
       "spec.template.metadata.labels: Invalid value: {\"app\":\"a\"}: `selector` does not match "
       "template `labels`"},
      {"spec.selector", R"({"matchExpressions": [{"key": "app", "operator": "Exists"}]})", ""},
      {"spec.template", "", "spec.template: Required value"},
      {"spec.template.spec.containers", "[]", "spec.template.spec.containers: Required value"},
      {"spec.template.spec.restartPolicy", "\"Never\"", "supported values: \"Always\""},
      {"spec.replicas", "-1", "greater than or equal to 0"},
  };
  for (const Case& c : cases) {
    expect_case(kGoodDeployment, c);
  }
}

TEST(WorkloadSchema, SelectorIsImmutable) {
  auto other = changed(kGoodDeployment, "spec.selector.matchLabels", R"({"app": "b"})");
  other = changed(other, "spec.template.metadata.labels", R"({"app": "b"})");
  EXPECT_EQ(update_errors(kGoodDeployment, other),
            "spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"b\"}}: field is immutable");
  EXPECT_EQ(update_errors(kGoodDeployment, changed(kGoodDeployment, "spec.replicas", "3")), "");
}

TEST(WorkloadSchema, Jobs) {
  const char* job = R"({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j",
    "uid": "u-1"}, "spec": {"template": {"spec": {"restartPolicy": "Never", "containers":
    [{"name": "c", "image": "i"}]}}}})";
  EXPECT_EQ(errors_of(job), "");
  EXPECT_EQ(defaulted(job, "spec.parallelism"), "1");
  EXPECT_EQ(defaulted(job, "spec.completions"), "1");
  EXPECT_EQ(defaulted(job, "spec.backoffLimit"), "6");
  EXPECT_EQ(defaulted(job, "spec.selector.matchLabels"),
            R"({"batch.kubernetes.io/controller-uid":"u-1"})");
  EXPECT_EQ(defaulted(job, "spec.template.metadata.labels.job-name"), "\"j\"");
  expect_case(job,
              {"spec.template.spec.restartPolicy",
               "",
               "Required value: valid values: \"OnFailure\", \"Never\""});
  expect_case(job,
              {"spec.template.spec.restartPolicy",
               "\"Always\"",
               "supported values: \"OnFailure\", \"Never\""});
}

TEST(BudgetSchema, OnlyOneOfMinAndMax) {
  const char* budget = R"({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
    "metadata": {"name": "b"}, "spec": {"selector": {"matchLabels": {"a": "b"}}}})";
  const Case cases[] = {
      {"spec.minAvailable", "1", ""},
      {"spec.maxUnavailable", "\"50%\"", ""},
      {"spec.maxUnavailable", "\"half\"", "a valid percent string"},
      {"spec.maxUnavailable", "\"101%\"", "must not be greater than 100%"},
      {"spec.minAvailable", "-1", "must be greater than or equal to 0"},
      {"spec",
       R"({"minAvailable": 1, "maxUnavailable": 1})",
       "minAvailable and maxUnavailable cannot be both set"},
  };
  for (const Case& c : cases) {
    expect_case(budget, c);
  }
}

TEST(CoreKinds, SmallestObjectsOfTheOthers) {
  for (const char* object : {
           R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}})",
           R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "n"},
               "data": {"a": "b"}})",
           R"({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "n"}})",
           R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "n"},
               "spec": {"ports": [{"port": 80}]}})",
           R"({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}})",
           R"({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
               "metadata": {"name": "n"}, "provisioner": "p"})",
           R"({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
               "metadata": {"name": "n"}, "value": -5})",
           R"({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
               "metadata": {"name": "n"}, "spec": {"renewTime": "2024-01-01T00:00:00.000000Z"}})",
           R"({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "n"},
               "spec": {"accessModes": ["ReadWriteOnce"],
                        "resources": {"requests": {"storage": "1Gi"}}}})",
       }) {
    EXPECT_EQ(errors_of(object), "") << object;
    EXPECT_TRUE(check_manifest(object).unknown.empty()) << object;
  }
  EXPECT_NE(errors_of(R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a.b"}})"),
            "");
  EXPECT_NE(errors_of(R"({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
                          "metadata": {"name": "n"}})"),
            "");
}

TEST(CoreKinds, UnknownKindsPass) {
  const CheckedManifest checked =
      check_manifest(R"({"apiVersion": "a/v1", "kind": "B", "metadata": {"name": "n"}, "x": 1})");
  EXPECT_TRUE(checked.errors.empty());
  EXPECT_TRUE(checked.unknown.empty());
}

TEST(Manifest, TextThatIsNoObject) {
  EXPECT_EQ(check_manifest("[1]").errors.size(), 1u);
  EXPECT_EQ(check_manifest("{").errors.size(), 1u);
}

TEST(Manifest, RefusalReadsLikeTheApiServers) {
  const CheckedManifest checked =
      check_manifest(changed(kGoodNodePool, "spec.template.spec.nodeClassRef.name", "\"\""));
  EXPECT_EQ(refusal_text("NodePool", "karpenter.sh", "p", checked.errors),
            "NodePool.karpenter.sh \"p\" is invalid: spec.template.spec.nodeClassRef.name: Invalid "
            "value: \"\": name may not be empty");
}

TEST(Manifest, OldVersionsAreNamed) {
  // API-197
  const CheckedManifest checked = check_manifest(
      R"({"apiVersion": "karpenter.sh/v1beta1", "kind": "NodePool", "metadata": {"name": "p"}})");
  EXPECT_EQ(checked.old_version_advice,
            "NodePool \"p\" is karpenter.sh/v1beta1, which is not served any more (served: "
            "karpenter.sh/v1 NodePool); run: karpenter convert -f FILE");
  EXPECT_TRUE(check_manifest(kGoodNodePool).old_version_advice.empty());
}

TEST(CheckManifest, NullIsAbsentAlsoInStatus) {
  // API-3: `kubectl get pods -o yaml` writes lastProbeTime: null into every condition.
  const CheckedManifest checked = check_manifest(
      R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "creationTimestamp": null},
          "spec": {"containers": [{"name": "c", "image": "i", "env": null}], "nodeName": null},
          "status": {"startTime": null, "conditions": [{"type": "Ready", "status": "False",
              "lastProbeTime": null, "lastTransitionTime": null, "other": null}],
              "containerStatuses": [{"name": "c", "state": {"running": {"startedAt": null}}}]}})");
  EXPECT_TRUE(checked.errors.empty()) << to_string(checked.errors.front());
  EXPECT_EQ(checked.json.find("lastProbeTime"), std::string::npos) << checked.json;
}

}  // namespace
}  // namespace k8s::schema

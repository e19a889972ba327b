#include <benchmark/benchmark.h>

#include "k8s/codec.h"
#include "k8s/manifest.h"
#include "k8s/yaml_document.h"

namespace k8s {
namespace {

constexpr std::size_t kDumpBytes = 30'000'000;

// What `kubectl get pods -o yaml` writes for one pod, managedFields left out.
std::string pod_yaml(int number) {
  const std::string n = std::to_string(number);
  return R"(- apiVersion: v1
  kind: Pod
  metadata:
    annotations:
      kubectl.kubernetes.io/last-applied-configuration: |
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{"containers":[{"image":"nginx"}]}}
      description: "a long text that the writer folded\n because it did not fit \
        on one line"
    creationTimestamp: "2024-05-01T12:00:00Z"
    generateName: web-5d8f9c7b6d-
    labels:
      app.kubernetes.io/name: web
      pod-template-hash: 5d8f9c7b6d
    name: web-5d8f9c7b6d-)" +
         n + R"(
    namespace: default
    ownerReferences:
    - apiVersion: apps/v1
      blockOwnerDeletion: true
      controller: true
      kind: ReplicaSet
      name: web-5d8f9c7b6d
      uid: 3a0e4a0e-7b43-4a7e-9f6b-0d8c6c7f2a11
    resourceVersion: ")" +
         n + R"("
    uid: 8a0e4a0e-7b43-4a7e-9f6b-0d8c6c7f2a11
  spec:
    containers:
    - env:
      - name: A
        value: "1"
      image: nginx:1.25
      imagePullPolicy: IfNotPresent
      name: web
      ports:
      - containerPort: 8080
        protocol: TCP
      resources:
        limits:
          memory: 256Mi
        requests:
          cpu: 100m
          memory: 256Mi
      volumeMounts:
      - mountPath: /var/run/secrets/kubernetes.io/serviceaccount
        name: kube-api-access
        readOnly: true
    nodeName: ip-10-0-0-1.ec2.internal
    restartPolicy: Always
    securityContext: {}
    serviceAccountName: default
    terminationGracePeriodSeconds: 30
    tolerations:
    - effect: NoExecute
      key: node.kubernetes.io/not-ready
      operator: Exists
      tolerationSeconds: 300
  status:
    conditions:
    - lastProbeTime: null
      lastTransitionTime: "2024-05-01T12:00:00Z"
      status: "True"
      type: Ready
    phase: Running
)";
}

std::string make_dump() {
  std::string dump = "apiVersion: v1\nitems:\n";
  for (int i = 0; dump.size() < kDumpBytes; ++i) {
    dump += pod_yaml(i);
  }
  return dump + "kind: List\nmetadata:\n  resourceVersion: \"\"\n";
}

std::string make_json_list(int count) {
  const auto manifests = read_manifests(make_dump(), "dump");
  std::string json = R"({"kind":"PodList","apiVersion":"v1","metadata":{},"items":[)";
  for (int i = 0; i < count; ++i) {
    json.append(i == 0 ? "" : ",")
        .append((*manifests)[static_cast<std::size_t>(i) % manifests->size()].json);
  }
  return json + "]}";
}

// Target: a 30 MB dump in under 1.5 s.
void BM_ReadYamlDump(benchmark::State& state) {
  const std::string dump = make_dump();
  for (auto _ : state) {
    const auto manifests = read_manifests(dump, "dump.yaml");
    benchmark::DoNotOptimize(manifests->size());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(dump.size()));
}

BENCHMARK(BM_ReadYamlDump)->Unit(benchmark::kMillisecond);

// The same by libyaml alone: what a document costs that the quick converter leaves.
void BM_ReadYamlDumpByLibyaml(benchmark::State& state) {
  const std::string dump = make_dump();
  for (auto _ : state) {
    const auto document = convert_yaml(dump, 1);
    benchmark::DoNotOptimize(document->items.size());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(dump.size()));
}

BENCHMARK(BM_ReadYamlDumpByLibyaml)->Unit(benchmark::kMillisecond);

void BM_DecodePodList(benchmark::State& state) {
  const std::string json = make_json_list(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    std::size_t good = 0;
    const auto done =
        decode_list(json, [&](const base::Result<ObjectPtr>& item) { good += item ? 1U : 0U; });
    benchmark::DoNotOptimize(done.has_value());
    if (good != static_cast<std::size_t>(state.range(0))) {
      state.SkipWithError("items lost");
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(json.size()));
}

BENCHMARK(BM_DecodePodList)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace k8s

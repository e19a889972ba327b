// The initial sync of a large cluster: 100,000 pods as a real API server writes them (managed
// fields, status and all, 6 kB each), listed in pages by the Kubernetes client and held by the
// world. Without the network and without the server: our own share. Targets: 250 MB held.
#include <string>

#include <benchmark/benchmark.h>

#include "kube/client.h"

#include "base/text.h"
#include "runtime/fake_http_client.h"
#include "runtime/log_sinks.h"
#include "runtime/process.h"
#include "runtime/virtual_executor.h"
#include "world/world.h"

namespace sim {
namespace {

constexpr std::size_t kPods = 100'000;
constexpr std::size_t kReplicas = 200;  // Of each workload.
constexpr std::size_t kNodes = 5'000;

constexpr std::string_view kManagedFields =
    R"("managedFields":[{"manager":"kube-controller-manager","operation":"Update","apiVersion":"v1","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:generateName":{},"f:labels":{".":{},"f:app":{},"f:pod-template-hash":{},"f:team":{}},"f:ownerReferences":{".":{},"k:{\"uid\":\"00000000-0000-4000-8000-000000000000\"}":{}}},"f:spec":{"f:affinity":{".":{},"f:podAntiAffinity":{".":{},"f:preferredDuringSchedulingIgnoredDuringExecution":{}}},"f:containers":{"k:{\"name\":\"main\"}":{".":{},"f:env":{".":{},"k:{\"name\":\"A\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:imagePullPolicy":{},"f:livenessProbe":{".":{},"f:failureThreshold":{},"f:httpGet":{".":{},"f:path":{},"f:port":{},"f:scheme":{}},"f:periodSeconds":{},"f:successThreshold":{},"f:timeoutSeconds":{}},"f:name":{},"f:ports":{".":{},"k:{\"containerPort\":8080,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},"f:protocol":{}}},"f:resources":{".":{},"f:limits":{".":{},"f:memory":{}},"f:requests":{".":{},"f:cpu":{},"f:memory":{}}},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{}}},"f:dnsPolicy":{},"f:enableServiceLinks":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{},"f:terminationGracePeriodSeconds":{}}}},{"manager":"kubelet","operation":"Update","apiVersion":"v1","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:status":{"f:conditions":{"k:{\"type\":\"ContainersReady\"}":{".":{},"f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}},"k:{\"type\":\"Initialized\"}":{".":{},"f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}},"k:{\"type\":\"Ready\"}":{".":{},"f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}}},"f:containerStatuses":{},"f:hostIP":{},"f:phase":{},"f:podIP":{},"f:podIPs":{".":{},"k:{\"ip\":\"10.0.0.1\"}":{".":{},"f:ip":{}}},"f:startTime":{}}},"subresource":"status"}])";

constexpr std::string_view kSpec =
    R"("volumes":[{"name":"token","projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},{"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}},{"downwardAPI":{"items":[{"path":"namespace","fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"}}]}}],"defaultMode":420}}],"containers":[{"name":"main","image":"registry.example/team/service:1.2.3","ports":[{"containerPort":8080,"protocol":"TCP"}],"env":[{"name":"A","value":"some value of a variable"},{"name":"B","value":"another value"}],"resources":{"limits":{"memory":"512Mi"},"requests":{"cpu":"250m","memory":"512Mi"}},"volumeMounts":[{"name":"token","readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}],"livenessProbe":{"httpGet":{"path":"/healthz","port":8080,"scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","serviceAccountName":"default","serviceAccount":"default","securityContext":{},"schedulerName":"default-scheduler","tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300},{"key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}],"priority":0,"enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority")";

std::string condition(std::string_view type) {
  return base::concat(R"({"type":")",
                      type,
                      R"(","status":"True","lastProbeTime":null,"lastTransitionTime":)"
                      R"("2026-01-01T00:00:00Z"})");
}

std::string status(std::size_t i) {
  std::string out = R"("status":{"phase":"Running","conditions":[)";
  for (const std::string_view type : {"PodReadyToStartContainers,",
                                      "Initialized,",
                                      "Ready,",
                                      "ContainersReady,",
                                      "PodScheduled"}) {
    const bool is_last = !type.ends_with(',');
    out += condition(is_last ? type : type.substr(0, type.size() - 1)) + (is_last ? "" : ",");
  }
  return base::concat(
      out,
      R"(],"hostIP":"10.1.2.3","podIP":"10.2.3.4","podIPs":[{"ip":"10.2.3.4"}],"startTime":)",
      R"("2026-01-01T00:00:00Z","containerStatuses":[{"name":"main","state":{"running":)",
      R"({"startedAt":"2026-01-01T00:00:00Z"}},"lastState":{},"ready":true,"restartCount":0,)",
      R"("image":"registry.example/team/service:1.2.3","imageID":"sha256:)",
      1'000'000 + i,
      R"(","containerID":"containerd://)",
      1'000'000 + i,
      R"(","started":true,"allocatedResources":{"cpu":"250m","memory":"512Mi"},"resources":)",
      R"({"limits":{"memory":"512Mi"},"requests":{"cpu":"250m","memory":"512Mi"}}}],)",
      R"("qosClass":"Burstable"})");
}

std::string pod(std::size_t i) {
  const std::size_t workload = i / kReplicas;
  const std::string app = base::concat("service-", 1'000 + workload);
  return base::concat(
      R"({"metadata":{"name":")",
      app,
      "-5d8f7c9b6-",
      100'000 + i,
      R"(","generateName":")",
      app,
      R"(-5d8f7c9b6-","namespace":"team-)",
      workload % 50,
      R"(","uid":"00000000-0000-4000-8000-)",
      100'000'000'000 + i,
      R"(","resourceVersion":")",
      1'000'000 + i,
      R"(","creationTimestamp":"2026-01-01T00:00:00Z","labels":{"app":")",
      app,
      R"(","pod-template-hash":"5d8f7c9b6","team":"team-)",
      workload % 50,
      R"("},"annotations":{"prometheus.io/scrape":"true","prometheus.io/port":"8080"},)",
      R"("ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":")",
      app,
      R"(-5d8f7c9b6","uid":"10000000-0000-4000-8000-)",
      100'000'000'000 + workload,
      R"(","controller":true,"blockOwnerDeletion":true}],)",
      kManagedFields,
      R"(},"spec":{)",
      kSpec,
      R"(,"nodeName":"ip-10-0-)",
      i % kNodes,
      R"(.ec2.internal"},)",
      status(i),
      "}");
}

std::string page(std::size_t from, std::size_t count) {
  std::string out = R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"9",)";
  out += from + count < kPods ? base::concat(R"("continue":")", from + count, "\"")
                              : std::string(R"("remainingItemCount":0)");
  out += R"(},"items":[)";
  for (std::size_t i = from; i < std::min(from + count, kPods); ++i) {
    out += (i == from ? "" : ",") + pod(i);
  }
  return out + "]}\n";
}

double cpu_seconds() {
  return base::to_seconds(runtime::process_usage().cpu_time);
}

void list_and_hold_pods(benchmark::State& state) {
  for (auto _ : state) {
    runtime::VirtualExecutor executor({.order = runtime::VirtualExecutorOptions::Order::kFifo});
    double making = 0;
    std::size_t bytes = 0;
    runtime::FakeHttpClient http(executor, [&](const runtime::HttpRequest& request) {
      if (request.url.contains("watch=true")) {
        executor.stop();
        return runtime::HttpResponse{.status = 500};
      }
      const double before = cpu_seconds();
      const std::size_t at = request.url.find("continue=");
      const std::size_t from =
          at == std::string::npos
              ? 0
              : static_cast<std::size_t>(*base::parse_int(request.url.substr(at + 9)));
      runtime::HttpResponse answer{.status = 200, .body = page(from, 500)};
      bytes += answer.body.size();
      making += cpu_seconds() - before;
      return answer;
    });
    runtime::NullLogSink log;
    kube::Access access;
    access.cluster.server = "https://bench";
    const auto resident_before = runtime::process_usage().resident_bytes;
    const double cpu_before = cpu_seconds();
    world::World world;
    kube::Client api(executor, http, access, {.log = log, .rng = runtime::Rng(1)});
    api.subscribe(k8s::Kind::kPod, [&](const k8s::ObjectEvent& event) { world.apply(event); });
    executor.run_until_idle(100'000'000);
    const double mb = 1'000'000;
    state.counters["cpu_s"] = cpu_seconds() - cpu_before - making;
    state.counters["held_MB"] =
        static_cast<double>(runtime::process_usage().resident_bytes - resident_before) / mb;
    state.counters["peak_MB"] =
        static_cast<double>(runtime::process_usage().peak_resident_bytes) / mb;
    state.counters["json_MB"] = static_cast<double>(bytes) / mb;
    state.counters["pods"] = static_cast<double>(world.snapshot(1)->pods.size());
  }
}

BENCHMARK(list_and_hold_pods)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace sim

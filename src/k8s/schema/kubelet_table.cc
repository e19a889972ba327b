#include "k8s/schema/kubelet_table.h"

#include <span>
#include <utility>

#include "k8s/schema/common.h"

namespace k8s::schema {
namespace {

using FieldNames = std::span<const std::string_view>;

constexpr std::string_view kTexts[] = {
    "apiVersion",
    "kind",
    "staticPodPath",
    "podLogsDir",
    "staticPodURL",
    "address",
    "tlsCertFile",
    "tlsPrivateKeyFile",
    "tlsMinVersion",
    "imagePullCredentialsVerificationPolicy",
    "healthzBindAddress",
    "clusterDomain",
    "kubeletCgroups",
    "systemCgroups",
    "cgroupRoot",
    "cgroupDriver",
    "cpuManagerPolicy",
    "memoryManagerPolicy",
    "topologyManagerPolicy",
    "topologyManagerScope",
    "hairpinMode",
    "podCIDR",
    "resolvConf",
    "contentType",
    "containerLogMaxSize",
    "configMapAndSecretChangeDetectionStrategy",
    "reservedSystemCPUs",
    "showHiddenMetricsForVersion",
    "systemReservedCgroup",
    "kubeReservedCgroup",
    "volumePluginDir",
    "providerID",
    "memoryReservationPolicy",
    "containerRuntimeEndpoint",
    "imageServiceEndpoint",
};
constexpr std::string_view kFlags[] = {
    "enableServer",
    "rotateCertificates",
    "serverTLSBootstrap",
    "enableDebuggingHandlers",
    "enableContentionProfiling",
    "cgroupsPerQOS",
    "singleProcessOOMKill",
    "runOnce",
    "cpuCFSQuota",
    "serializeImagePulls",
    "mergeDefaultEvictionSettings",
    "enableControllerAttachDetach",
    "protectKernelDefaults",
    "makeIPTablesUtilChains",
    "failSwapOn",
    "kernelMemcgNotification",
    "enableSystemLogHandler",
    "enableSystemLogQuery",
    "enableProfilingHandler",
    "enableDebugFlagsHandler",
    "seccompDefault",
    "registerNode",
    "localStorageCapacityIsolation",
    "failCgroupV1",
};
constexpr std::string_view kInt32s[] = {
    "port",
    "readOnlyPort",
    "registryPullQPS",
    "registryBurst",
    "eventRecordQPS",
    "eventBurst",
    "healthzPort",
    "oomScoreAdj",
    "nodeLeaseDurationSeconds",
    "imageGCHighThresholdPercent",
    "imageGCLowThresholdPercent",
    "maxPods",
    "nodeStatusMaxImages",
    "kubeAPIQPS",
    "kubeAPIBurst",
    "maxParallelImagePulls",
    "evictionMaxPodGracePeriod",
    "podsPerCore",
    "iptablesMasqueradeBit",
    "iptablesDropBit",
    "containerLogMaxFiles",
    "containerLogMaxWorkers",
};
constexpr std::string_view kInt64s[] = {
    "podPidsLimit",
    "maxOpenFiles",
};
constexpr std::string_view kNumbers[] = {
    "memoryThrottlingFactor",
};
constexpr std::string_view kDurations[] = {
    "syncFrequency",
    "fileCheckFrequency",
    "httpCheckFrequency",
    "streamingConnectionIdleTimeout",
    "nodeStatusUpdateFrequency",
    "nodeStatusReportFrequency",
    "imageMinimumGCAge",
    "imageMaximumGCAge",
    "volumeStatsAggPeriod",
    "cpuManagerReconcilePeriod",
    "runtimeRequestTimeout",
    "cpuCFSQuotaPeriod",
    "evictionPressureTransitionPeriod",
    "containerLogMonitorInterval",
    "shutdownGracePeriod",
    "shutdownGracePeriodCriticalPods",
};
constexpr std::string_view kTextLists[] = {
    "tlsCipherSuites",
    "preloadedImagesVerificationAllowlist",
    "clusterDNS",
    "enforceNodeAllocatable",
    "allowedUnsafeSysctls",
};
constexpr std::string_view kInt32Lists[] = {
    "tlsCurvePreferences",
};
constexpr std::string_view kTextMaps[] = {
    "cpuManagerPolicyOptions",
    "topologyManagerPolicyOptions",
    "qosReserved",
    "evictionHard",
    "evictionSoft",
    "evictionSoftGracePeriod",
    "evictionMinimumReclaim",
    "systemReserved",
    "kubeReserved",
};
constexpr std::string_view kFlagMaps[] = {
    "featureGates",
};
constexpr std::string_view kTextListMaps[] = {
    "staticPodURLHeader",
};

// A duration of Go's; its text is checked as text here, as a duration in kubelet.cc.
Schema duration() {
  Schema schema = string();
  schema.format = "duration";
  return schema;
}

Schema flush_frequency() {
  Schema schema = duration();
  schema.type = Type::kIntOrString;
  return schema;
}

void add(std::vector<Property>& to, FieldNames names, const Schema& schema) {
  for (const std::string_view name : names) {
    to.push_back(optional(std::string(name), schema));
  }
}

Schema authentication() {
  return object({
      optional("x509", object({optional("clientCAFile", string())})),
      optional("webhook",
               object({optional("enabled", boolean()), optional("cacheTTL", duration())})),
      optional("anonymous", object({optional("enabled", boolean())})),
  });
}

Schema authorization() {
  return object({
      optional("mode", string()),
      optional("webhook",
               object({
                   optional("cacheAuthorizedTTL", duration()),
                   optional("cacheUnauthorizedTTL", duration()),
               })),
  });
}

Schema logging() {
  const auto stream = [] {
    return object({optional("splitStream", boolean()), optional("infoBufferSize", quantity())});
  };
  return object({
      optional("format", string()),
      optional("flushFrequency", flush_frequency()),
      optional("verbosity", int64().min(0).max(4294967295)),
      optional("vmodule",
               array(object({
                   optional("filePattern", string()),
                   optional("verbosity", int64().min(0).max(4294967295)),
               }))),
      optional("options", object({optional("text", stream()), optional("json", stream())})),
  });
}

Schema taint() {
  return object({
      optional("key", string()),
      optional("value", string()),
      optional("effect", string()),
      optional("timeAdded", date_time()),
  });
}

void add_nested(std::vector<Property>& to) {
  to.push_back(optional("authentication", authentication()));
  to.push_back(optional("authorization", authorization()));
  to.push_back(optional("memorySwap", object({optional("swapBehavior", string())})));
  to.push_back(
      optional("crashLoopBackOff", object({optional("maxContainerRestartPeriod", duration())})));
  to.push_back(optional(
      "reservedMemory",
      array(object({optional("numaNode", int32()), optional("limits", map_of(quantity()))}))));
  to.push_back(optional("shutdownGracePeriodByPodPriority",
                        array(object({
                            optional("priority", int32()),
                            optional("shutdownGracePeriodSeconds", int64()),
                        }))));
  to.push_back(optional("registerWithTaints", array(taint())));
  to.push_back(optional("userNamespaces", object({optional("idsPerPod", int64())})));
  to.push_back(optional("tracing",
                        object({
                            optional("endpoint", string()),
                            optional("samplingRatePerMillion", int32()),
                        })));
  to.push_back(optional("logging", logging()));
}

Schema build() {
  std::vector<Property> fields;
  add(fields, kTexts, string());
  add(fields, kFlags, boolean());
  add(fields, kInt32s, int32());
  add(fields, kInt64s, int64());
  add(fields, kNumbers, number());
  add(fields, kDurations, duration());
  add(fields, kTextLists, array(string()));
  add(fields, kInt32Lists, array(int32()));
  add(fields, kTextMaps, map_of(string()));
  add(fields, kFlagMaps, map_of(boolean()));
  add(fields, kTextListMaps, map_of(array(string())));
  add_nested(fields);
  return object(std::move(fields));
}

}  // namespace

const Schema& kubelet_schema() {
  static const Schema kSchema = build();
  return kSchema;
}

}  // namespace k8s::schema

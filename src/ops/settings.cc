#include <array>

#include "ops/options.h"

namespace ops {

namespace {

using enum SettingGroup;
using O = Options;

// Order: as spec 05 A.2 and A.3; --help and docs/cli.md show it.
constexpr std::array kSettings{
    Setting{"karpenter-service", &O::karpenter_service, "", "Unused; accepted for old charts"},
    Setting{"metrics-port", &O::metrics_port, "8080", "Port of /metrics; 0: any"},
    Setting{
        "health-probe-port", &O::health_probe_port, "8081", "Port of /healthz and /readyz; 0: any"},
    Setting{"kube-client-qps", &O::kube_client_qps, "200", "Requests per second to the API server"},
    Setting{
        "kube-client-burst", &O::kube_client_burst, "300", "Requests to the API server at once"},
    Setting{"enable-profiling",
            &O::enable_profiling,
            "false",
            "Serve /debug/pprof on the metrics port"},
    Setting{"disable-controller-warmup",
            &O::disable_controller_warmup,
            "true",
            "Watch the cluster only while leading"},
    Setting{"disable-leader-election",
            &O::disable_leader_election,
            "false",
            "Run without a lease: only for a single replica"},
    Setting{"disable-cluster-state-observability",
            &O::disable_cluster_state_observability,
            "false",
            "No metrics and events about each pod, node, pool and condition"},
    Setting{"leader-election-name",
            &O::leader_election_name,
            "karpenter-leader-election",
            "Name of the lease"},
    Setting{"leader-election-namespace",
            &O::leader_election_namespace,
            "",
            "Namespace of the lease; empty: that of the pod"},
    Setting{"memory-limit", &O::memory_limit, "-1", "Memory limit of the container in bytes"},
    Setting{"cpu-requests",
            &O::cpu_requests,
            "1000",
            "CPU request of the container in thousandths of a core"},
    Setting{"log-level", &O::log_level, "info", "debug, info or error"},
    Setting{"log-output-paths",
            &O::log_output_paths,
            "stdout",
            "Comma separated: stdout, stderr or files"},
    Setting{"log-error-output-paths",
            &O::log_error_output_paths,
            "stderr",
            "Where the logger's own failures go"},
    Setting{"batch-max-duration",
            &O::batch_max_duration,
            "10s",
            "Longest wait for more pods before they are placed",
            kCore,
            true},
    Setting{"batch-idle-duration",
            &O::batch_idle_duration,
            "1s",
            "Wait after the last new pod",
            kCore,
            true},
    Setting{"preference-policy",
            &O::preference_policy,
            "Respect",
            "How preferences of pods are treated: Respect or Ignore"},
    Setting{"min-values-policy",
            &O::min_values_policy,
            "Strict",
            "When minValues cannot be met: Strict or BestEffort"},
    Setting{"packing",
            &O::packing,
            "classic",
            "How pods share new nodes: classic (the documented order) or cost (cheaper mixes)"},
    Setting{"consolidation",
            &O::consolidation,
            "classic",
            "What may become of nodes: classic (the documented moves) or extended (any number for "
            "any number, if it pays)"},
    Setting{"ignore-dra-requests",
            &O::ignore_dra_requests,
            "true",
            "Leave pods with dynamic resource claims alone"},
    Setting{"feature-gates",
            &O::feature_gates,
            "",
            "Comma separated GATE=true|false: NodeRepair, ReservedCapacity, "
            "SpotToSpotConsolidation, NodeOverlay, StaticCapacity, CapacityBuffer"},
    Setting{"scheduler-config",
            &O::scheduler_config,
            "",
            "Default topology spread constraints, YAML or JSON text"},
    Setting{"cloud-provider",
            &O::cloud_provider,
            "aws",
            "aws, or kwok: nodes without machines",
            kProvider},
    Setting{"instance-types-file-path",
            &O::instance_types_file_path,
            "",
            "KWOK: file with instance types; empty: built-in",
            kProvider},
    Setting{"cluster-name", &O::cluster_name, "", "Name of the EKS cluster; required", kAws},
    Setting{"cluster-endpoint",
            &O::cluster_endpoint,
            "",
            "URL of the cluster's API server; empty: asked of EKS",
            kAws},
    Setting{"cluster-ca-bundle",
            &O::cluster_ca_bundle,
            "",
            "Base64 CA for nodes; empty: that of our own connection",
            kAws},
    Setting{"isolated-vpc",
            &O::isolated_vpc,
            "false",
            "The VPC has no way to public AWS endpoints",
            kAws},
    Setting{"eks-control-plane",
            &O::eks_control_plane,
            "false",
            "Ask EKS for the Kubernetes version",
            kAws},
    Setting{"vm-memory-overhead-percent",
            &O::vm_memory_overhead_percent,
            "0.075",
            "Share of memory that the hypervisor keeps",
            kAws},
    Setting{"interruption-queue",
            &O::interruption_queue,
            "",
            "Name of the SQS queue of interruptions; empty: none",
            kAws},
    Setting{
        "reserved-enis", &O::reserved_enis, "0", "Network interfaces that pods cannot use", kAws},
    Setting{"disable-dry-run",
            &O::disable_dry_run,
            "false",
            "Do not try the permissions of node classes",
            kAws},
    Setting{"enable-zonal-shift",
            &O::enable_zonal_shift,
            "false",
            "Avoid zones that are shifted away",
            kAws},
    Setting{"ami-refresh-interval",
            &O::ami_refresh_interval,
            "1m",
            "How often images are looked up; at least 1m",
            kAws,
            true},
    Setting{"subnet-refresh-interval",
            &O::subnet_refresh_interval,
            "1m",
            "How often subnets are looked up; at least 1m",
            kAws,
            true},
    Setting{"aws-feature-gates",
            &O::aws_feature_gates,
            "",
            "Comma separated GATE=true|false: NodeClassCEL",
            kAws},
};

struct TypeName {
  std::string_view operator()(std::string O::*) const { return "string"; }

  std::string_view operator()(bool O::*) const { return "bool"; }

  std::string_view operator()(double O::*) const { return "float"; }

  std::string_view operator()(std::int64_t O::*) const { return "int"; }
};

}  // namespace

std::span<const Setting> settings() {
  return kSettings;
}

std::string_view Setting::type_name() const {
  return is_duration ? "duration" : std::visit(TypeName{}, member);
}

std::string Setting::environment_name() const {
  std::string name(flag);
  for (char& c : name) {
    c = c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return name;
}

}  // namespace ops

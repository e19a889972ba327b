// The pods that workloads of a manifest stand for, as the workload controllers would make them.
//
// Pods are named "<workload>-<i>" from 0 and created in file order, one second apart; they carry
// the condition that makes them provisionable (SCH-80). A workload whose pods are part of the input
// (a dump of a running cluster) is not expanded again, nor is a Job that is suspended or finished.
// Pure.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "app/cluster_input.h"
#include "k8s/pod.h"

namespace app {

enum class Expand : std::uint8_t {
  kAll,
  kPodsOnly,  // Workloads have no pods but those of the input.
};

// The whole input with workloads replaced by their pods and pending pods made provisionable.
// DaemonSets stay: they are overhead of the nodes. `start` is the creation time of the first pod.
std::vector<k8s::ObjectPtr> expand(const ClusterInput& input,
                                   k8s::TimeNs start,
                                   Expand how = Expand::kAll);

// How many pods expand() would hold, at most.
std::int64_t count_pods(const ClusterInput& input);

// "Deployment" of a kind that stands for pods; empty for any other.
std::string_view workload_kind(k8s::Kind kind);

}  // namespace app

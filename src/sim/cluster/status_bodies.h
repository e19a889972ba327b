// The JSON bodies that kubelets and the node controller write. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "k8s/node.h"
#include "k8s/pod.h"
#include "sim/cloud/machine.h"

namespace sim {

std::string node_body(const Machine& machine,
                      const k8s::StringMap& labels,
                      const std::vector<k8s::Taint>& taints);

// The first report of a kubelet: capacity, addresses, versions, not yet Ready.
struct NodeReport {
  k8s::Resources capacity;
  k8s::Resources allocatable;
  std::vector<k8s::Condition> conditions;
  std::string arch;
  std::string os;
};

std::string node_report_body(const Machine& machine, const NodeReport& report);
std::string conditions_body(const std::vector<k8s::Condition>& conditions);
std::string taints_body(const std::vector<k8s::Taint>& taints);

// What a pod is told when its containers run.
struct PodStart {
  std::vector<k8s::Condition> conditions;
  k8s::TimeNs at = 0;
  std::string pod_ip;
  std::string host_ip;
};

std::string running_body(const k8s::Pod& pod, const PodStart& start);
std::string succeeded_body(const k8s::Pod& pod,
                           const std::vector<k8s::Condition>& conditions,
                           k8s::TimeNs at);

}  // namespace sim

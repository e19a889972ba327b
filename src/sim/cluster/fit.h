// Whether a pod may go to a node, by the rules of the default scheduler's filters: cordon, name and
// selectors, taints, resources, host ports, topology spread (DoNotSchedule), required pod affinity
// and anti-affinity in both directions. The cluster's own code path: it shares nothing with the
// planner, so that the two check each other.
//
//   const PodFit fit(pod, requests, cluster);      // counts topologies once
//   std::string why = fit.refusal(node);           // "" means that the pod fits
//
// Borrows pod, requests and view for its lifetime. Pure.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "k8s/node.h"
#include "k8s/pod.h"
#include "sim/cluster/cluster_view.h"

namespace sim {

// Labels by namespace, for namespace selectors.
using NamespaceLabels = std::map<std::string, k8s::StringMap>;

class PodFit {
 public:
  PodFit(const k8s::Pod& pod,
         const k8s::Resources& requests,
         const ClusterView& cluster,
         const NamespaceLabels& namespaces);

  // Why not, in the default scheduler's words; empty when the pod fits.
  std::string refusal(const NodeView& view) const;

  const k8s::Pod& pod() const { return pod_; }

  const k8s::Resources& requests() const { return requests_; }

  // Whether the answer depends on where other pods are, if nobody repels them.
  static bool depends_on_others(const k8s::Pod& pod);

 private:
  // A topology key and a value of it.
  using Domain = std::pair<std::string, std::string>;

  struct Spread {
    const k8s::TopologySpreadConstraint* constraint;
    std::map<std::string, std::int64_t> counts;  // Of matching pods, by domain.
    std::int64_t least = 0;
    bool counts_self = false;
  };

  void count_spread(const k8s::TopologySpreadConstraint& constraint, const ClusterView& cluster);
  void collect_affinity(const ClusterView& cluster, const NamespaceLabels& namespaces);
  void collect_others(const ClusterView& cluster, const NamespaceLabels& namespaces);
  bool is_eligible(const k8s::TopologySpreadConstraint& constraint, const k8s::Node& node) const;
  std::string resource_refusal(const NodeView& view) const;
  std::string port_refusal(const NodeView& view) const;
  std::string topology_refusal(const NodeView& view) const;

  const k8s::Pod& pod_;
  const k8s::Resources& requests_;
  std::vector<k8s::ContainerPort> host_ports_;
  std::vector<Spread> spreads_;
  std::vector<std::set<Domain>> wanted_;  // Per affinity term: the domains with a match.
  bool may_be_first_ = false;             // Nobody matches yet, and the pod matches itself.
  std::set<Domain> avoided_;              // By the pod's own anti-affinity.
  std::set<Domain> forbidden_;            // By that of others.
};

}  // namespace sim

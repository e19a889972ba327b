// The scheduler's view of the nodes: what each carries, bound or assumed, and when it last changed.
//
//   ClusterView cluster;
//   cluster.put(node);
//   cluster.place(pod->meta.uid, {.node = "a", .pod = pod, .requests = pod_requests(*pod)});
//   for (const auto& [name, view] : cluster.nodes()) ...
//
// Thread rule: loop thread. Iteration is by name.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "k8s/node.h"
#include "k8s/pod.h"

namespace sim {

struct NodeView {
  std::shared_ptr<const k8s::Node> node;
  k8s::Resources used;
  std::vector<std::shared_ptr<const k8s::Pod>> pods;  // Bound or assumed, not terminal.
};

// A pod's place and weight.
struct Placement {
  std::string node;
  std::shared_ptr<const k8s::Pod> pod;
  k8s::Resources requests;
};

class ClusterView {
 public:
  using Nodes = std::map<std::string, NodeView>;

  const Nodes& nodes() const { return nodes_; }

  // Whether some pod keeps others away from it.
  bool has_repelling_pods() const { return repelling_ > 0; }

  void put(std::shared_ptr<const k8s::Node> node);
  void remove(const std::string& node);
  // The pod's former place is given up.
  void place(const std::string& uid, Placement placement);
  void unplace(const std::string& uid);

  // Grows with every change.
  std::uint64_t version() const { return version_; }

  // Nodes that have changed after the version, oldest first; nullptr: it has gone.
  void for_changed_since(
      std::uint64_t version,
      const std::function<void(const std::string& name, const NodeView* view)>& visit) const;

 private:
  void touch(const std::string& node);
  void count(const Placement& placement);
  void discount(const Placement& placement);

  Nodes nodes_;
  std::unordered_map<std::string, Placement> placements_;  // By uid; the node may be unknown.
  std::unordered_map<std::string, std::map<std::string, const Placement*>> by_node_;  // Node, uid.
  std::unordered_map<std::string, std::uint64_t> changed_at_;
  std::map<std::uint64_t, std::string> changes_;  // The last of each node.
  std::uint64_t version_ = 0;
  std::size_t repelling_ = 0;
};

}  // namespace sim

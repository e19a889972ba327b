#include "explain/cluster_testing.h"

#include "base/text.h"
#include "explain/remedy.h"
#include "explain/why.h"

namespace explain::testing {
namespace {

k8s::Resources resources(int cpu, int memory_gi) {
  return {{"cpu", k8s::Quantity::units(cpu)},
          {"memory",
           k8s::Quantity::units(std::int64_t{memory_gi} << 30, k8s::Quantity::Format::kBinarySI)}};
}

cloud::InstanceType type_of(int cpu) {
  cloud::InstanceType type;
  type.name = base::concat("type-", cpu);
  type.capacity = resources(cpu, 2 * cpu);
  type.capacity.set("pods", k8s::Quantity::units(20));
  type.labels = {{"karpenter.sh/capacity-type", {"on-demand"}},
                 {"kubernetes.io/arch", {"amd64"}},
                 {"kubernetes.io/os", {"linux"}},
                 {"node.kubernetes.io/instance-type", {type.name}},
                 {"topology.kubernetes.io/zone", {"z1", "z2"}}};
  for (const char* zone : {"z1", "z2"}) {
    type.offerings.push_back({.zone = zone, .capacity_type = "on-demand", .price = 0.1 * cpu});
  }
  return type;
}

}  // namespace

cloud::CataloguePtr small_catalogue() {
  auto catalogue = std::make_shared<cloud::Catalogue>();
  catalogue->types = {type_of(2), type_of(4), type_of(8)};
  return catalogue;
}

k8s::NodePool& Cluster::pool(const std::string& name) {
  k8s::NodePool& made = *pools_.emplace_back(std::make_unique<k8s::NodePool>());
  made.meta.name = name;
  made.template_spec.node_class = {
      .group = "karpenter.k8s.aws", .kind = "EC2NodeClass", .name = "default"};
  return made;
}

k8s::Pod& Cluster::pod(const std::string& name) {
  k8s::Pod& made = *pods_.emplace_back(std::make_unique<k8s::Pod>());
  made.meta.name = name;
  made.meta.namespace_ = "default";
  made.meta.uid = name;
  made.spec.containers.emplace_back().resources.requests = resources(1, 1);
  made.status.phase = "Pending";
  made.status.conditions.push_back(
      {.type = "PodScheduled", .status = "False", .reason = "Unschedulable"});
  return made;
}

k8s::Node& Cluster::node(const std::string& name) {
  k8s::Node& made = *nodes_.emplace_back(std::make_unique<k8s::Node>());
  made.meta.name = name;
  made.meta.labels = {{"kubernetes.io/hostname", name}, {"topology.kubernetes.io/zone", "z1"}};
  made.status.allocatable = resources(4, 8);
  made.status.allocatable.set("pods", k8s::Quantity::units(20));
  made.status.capacity = made.status.allocatable;
  return made;
}

plan::Problem Cluster::problem() {
  snapshot_ = world::Snapshot();
  ids_.clear();
  model::PodShapes shapes;
  for (const auto& pod : pods_) {
    ids_.push_back(snapshot_.pods.insert(std::make_shared<const world::PodRow>(
        std::make_shared<const k8s::Pod>(*pod), shapes.intern(*pod))));
  }
  for (const auto& node : nodes_) {
    auto row = std::make_shared<world::NodeRow>();
    row->node = std::make_shared<const k8s::Node>(*node);
    snapshot_.nodes.insert(row);
  }
  const cloud::CataloguePtr catalogue = small_catalogue();
  for (const auto& pool : pools_) {
    auto row = std::make_shared<world::PoolRow>();
    row->pool = std::make_shared<const k8s::NodePool>(*pool);
    row->catalogue = catalogue;
    snapshot_.pools.push_back(row);
  }
  return {.snapshot = snapshot_, .pods = ids_};
}

std::string Cluster::why() {
  const plan::Problem asked = problem();
  return explain::why(asked, ids_.front());
}

std::vector<std::string> Cluster::remedy() {
  const plan::Problem asked = problem();
  const auto found = find_remedy(asked, ids_.front());
  return found ? found->changes : std::vector<std::string>();
}

}  // namespace explain::testing

#include "plan/existing_nodes.h"

#include <algorithm>
#include <unordered_map>

#include <boost/unordered/unordered_flat_set.hpp>

#include "plan/devices.h"

namespace plan {
namespace {

bool is_terminal(const k8s::Pod& pod) {
  return pod.status.phase == "Failed" || pod.status.phase == "Succeeded";
}

bool is_live(const k8s::Pod& pod) {
  return !pod.meta.is_deleting() && !is_terminal(pod);
}

Placing place_of(const KnownNode& known) {
  return {.set = known.set,
          .host = known.host,
          .taints = known.taints,
          .undefined = model::Undefined::kNone};
}

}  // namespace

ExistingNodes::ExistingNodes(PlanBase& base,
                             PodClasses& classes,
                             Topology& topology,
                             std::span<const world::PodId> in_round)
    : base_(base), volumes_(base.snapshot()) {
  in_round_.resize(base.snapshot().pods.end_id());
  for (const world::PodId id : in_round) {
    in_round_[id] = true;
  }
  NodeMemory& memory = base.nodes();
  for (const world::NodeId id : memory.order()) {
    if (memory.node(id).has_anti_affinity) {
      for (const world::PodId pod : memory.node(id).row->pods) {
        const auto& shape = base.snapshot().pods[pod].shape;
        if (!shape->pod_anti_affinity.required.empty()) {
          classes.inverse_groups(shape);
        }
      }
    }
  }
  collect_keys(classes, topology);
  memory.ask(base, keys_);
  for (const world::NodeId id : memory.order()) {
    if (!base.is_removed(id)) {
      add_node(id, memory.node(id));
    }
  }
  const bool needs_bound = std::ranges::any_of(classes.classes(), [](const PodClass& c) {
    return !c.shape->ports.empty() || !c.drivers.empty();
  });
  if (needs_bound) {
    add_bound_ports_and_volumes();
  }
}

void ExistingNodes::collect_keys(model::SetId set) {
  for (const model::ReqId id : base_.sets().members(set)) {
    keys_.push_back(base_.sets().requirement(id).key);
  }
}

void ExistingNodes::collect_keys(const PodClasses& classes, const Topology& topology) {
  for (const PodClass& pod_class : classes.classes()) {
    for (const Variant& variant : pod_class.variants) {
      collect_keys(variant.all.set);
    }
    for (const NodeConstraint& alternative : pod_class.volumes) {
      collect_keys(alternative.set);
    }
  }
  for (std::size_t i = 0; i < topology.size(); ++i) {
    const GroupSpec& spec = topology.group(GroupId(i)).spec;
    keys_.push_back(spec.key);
    for (const NodeConstraint& term : spec.filter.terms) {
      collect_keys(term.set);
    }
  }
  if (base_.devices() != nullptr) {
    for (const model::SetId set : base_.devices()->label_sets()) {
      collect_keys(set);
    }
  }
  for (const Daemon& daemon : base_.daemons()) {
    for (const NodeConstraint& term : daemon.terms) {
      collect_keys(term.set);
    }
  }
  std::ranges::sort(keys_);
  keys_.erase(std::ranges::unique(keys_).begin(), keys_.end());
  std::erase(keys_, base_.hostname_key());
}

void ExistingNodes::add_node(world::NodeId id, const KnownNode& known) {
  ExistingNode& node = nodes_.emplace_back();
  node.id = id;
  node.row = known.row.get();
  node.place = place_of(known);
  node.remaining = known.remaining;
  node.is_closed = known.is_overcommitted;
}

void ExistingNodes::add_bound_ports_and_volumes() {
  set_volume_limits();
  for (ExistingNode& node : nodes_) {
    for (const world::PodId id : node.row->pods) {
      const world::PodRow& pod = base_.snapshot().pods[id];
      if (in_round_[id] || is_terminal(*pod.pod)) {
        continue;
      }
      node.ports.insert(node.ports.end(), pod.shape->ports.begin(), pod.shape->ports.end());
      if (const auto used = volumes_.drivers(*pod.shape)) {
        for (const auto& [driver, claims] : *used) {
          node.volumes[driver].insert(claims.begin(), claims.end());
        }
      }
    }
  }
}

// SCH-45; a driver without a count is unlimited, as in Kubernetes.
void ExistingNodes::set_volume_limits() {
  std::unordered_map<std::string_view, const k8s::CSINode*> csi_nodes;
  for (const auto& csi_node : base_.snapshot().csi_nodes) {
    csi_nodes.emplace(csi_node->meta.name, csi_node.get());
  }
  for (ExistingNode& node : nodes_) {
    const auto found =
        node.row->node == nullptr ? csi_nodes.end() : csi_nodes.find(node.row->node->meta.name);
    if (found == csi_nodes.end()) {
      continue;
    }
    for (const k8s::CSIDriverOnNode& driver : found->second->drivers) {
      if (driver.allocatable_count) {
        node.volume_limits.emplace_back(driver.name, *driver.allocatable_count);
      }
    }
  }
}

bool ExistingNodes::is_counted(world::PodId id) const {
  return !in_round_[id] && is_live(*base_.snapshot().pods[id].pod);
}

void ExistingNodes::count_topology(PodClasses& classes, Topology& topology) {
  if (topology.size() == 0) {
    return;
  }
  add_domains(topology);
  boost::unordered_flat_map<const model::PodShape*, std::vector<GroupId>> counting;
  base_.snapshot().nodes.for_each([&](world::NodeId id, const world::NodeRow& row) {
    if (row.node == nullptr) {
      return;
    }
    const Placing place = place_of(base_.nodes().node(id));
    for (const world::PodId pod : row.pods) {
      const auto& shape = base_.snapshot().pods[pod].shape;
      const auto [it, is_new] = counting.try_emplace(shape.get());
      if (is_new) {
        it->second = classes.counting_groups(*shape);
      }
      if (it->second.empty() && shape->pod_anti_affinity.required.empty()) {
        continue;
      }
      // A pod that terminates is not counted any more (SCH-315) but still keeps others away
      // (SCH-342).
      if (in_round_[pod] || is_terminal(*base_.snapshot().pods[pod].pod)) {
        continue;
      }
      std::span<const GroupId> counted;
      if (is_counted(pod)) {
        counted = it->second;
      }
      std::span<const GroupId> inverse;
      if (!shape->pod_anti_affinity.required.empty()) {
        inverse = classes.inverse_groups(shape);
      }
      topology.record(place, counted, inverse);
    }
  });
}

// Machines with equal labels and taints have equal domains, unless a filter names hosts.
void ExistingNodes::add_domains(Topology& topology) {
  bool names_hosts = false;
  for (std::size_t i = 0; i < topology.size(); ++i) {
    names_hosts |= std::ranges::any_of(topology.group(GroupId(i)).spec.filter.terms,
                                       [](const auto& term) { return term.host.is_valid(); });
  }
  boost::unordered_flat_set<std::uint64_t> seen;
  for (const ExistingNode& node : nodes_) {
    const Placing& place = node.place;
    const std::uint64_t key = std::uint64_t{place.taints.value()} << 32 | place.set.value();
    if (node.row->node == nullptr || (!seen.insert(key).second && !names_hosts)) {
      continue;
    }
    for (std::size_t i = 0; i < topology.size(); ++i) {
      const model::Requirement* label =
          base_.sets().get(place.set, topology.group(GroupId(i)).spec.key);
      if (label != nullptr) {
        topology.add_node_domain(GroupId(i), place, label->values.front());
      }
    }
  }
}

}  // namespace plan

#include "plan/existing_nodes.h"

#include <algorithm>

#include "plan/devices.h"

namespace plan {
namespace {

bool is_terminal(const k8s::Pod& pod) {
  return pod.status.phase == "Failed" || pod.status.phase == "Succeeded";
}

bool is_live(const k8s::Pod& pod) {
  return !pod.meta.is_deleting() && !is_terminal(pod);
}

// SCH-136: what the expected daemons ask beyond those that are there already, never negative.
k8s::Resources missing_daemons(const k8s::Resources& expected, const k8s::Resources& present) {
  k8s::Resources missing;
  for (const auto& [name, quantity] : expected) {
    const k8s::Quantity rest = quantity - present.get(name);
    if (rest > k8s::Quantity()) {
      missing.set(name, rest);
    }
  }
  return missing;
}

}  // namespace

ExistingNodes::ExistingNodes(PlanBase& base, PodClasses& classes, Topology& topology)
    : base_(base), volumes_(base.snapshot()) {
  in_round_.resize(base.snapshot().pods.end_id());
  for (const world::PodId id : base.problem().pods) {
    in_round_[id] = true;
  }
  base.snapshot().nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    for (const world::PodId id : row.pods) {
      const world::PodRow& pod = base.snapshot().pods[id];
      if (!pod.shape->pod_anti_affinity.required.empty()) {
        classes.inverse_groups(pod.shape);
      }
    }
  });
  collect_keys(classes, topology);
  for (const world::NodeId id : base.node_order()) {
    add_node(id, base.snapshot().nodes[id]);
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

Placing ExistingNodes::place_of(const world::NodeRow& row) {
  const k8s::StringMap& labels = row.labels();
  model::Vocabulary& words = base_.words();
  std::string fingerprint;
  std::vector<std::pair<model::Symbol, model::Symbol>> known;
  for (const model::Symbol key : keys_) {
    const auto label = labels.find(words.text(key));
    if (label == labels.end()) {
      continue;
    }
    const model::Symbol value = words.intern(label->second);
    known.emplace_back(key, value);
    const std::uint32_t pair[2] = {key.value(), value.value()};
    fingerprint.append(reinterpret_cast<const char*>(pair), sizeof pair);
  }
  const auto [it, is_new] = sets_.try_emplace(std::move(fingerprint));
  if (is_new) {
    model::SetId set = base_.sets().empty();
    for (const auto& [key, value] : known) {
      set = base_.sets().add(set, {.key = key, .values = {value}});
    }
    it->second = set;
  }
  const auto host = labels.find(cloud::label::kHostname);
  return {.set = it->second,
          .host = words.intern(host == labels.end() ? row.name() : host->second),
          .taints = base_.taints().intern(row.taints()),
          .undefined = model::Undefined::kNone};
}

const k8s::Resources& ExistingNodes::expected_daemons(const Placing& place) {
  const std::uint64_t key = std::uint64_t{place.taints.value()} << 32 | place.set.value();
  const auto [it, is_new] = expected_.try_emplace(key);
  if (is_new) {
    for (const Daemon& daemon : base_.daemons()) {
      const bool runs_here =
          base_.taints().tolerates(daemon.own_tolerations, place.taints) &&
          std::ranges::any_of(daemon.terms, [&](const NodeConstraint& term) {
            return base_.sets().combine(place.set, term.set, place.undefined).is_valid();
          });
      if (runs_here) {
        it->second.add(daemon.shape.requests);
      }
    }
  }
  return it->second;
}

void ExistingNodes::add_node(world::NodeId id, const world::NodeRow& row) {
  ExistingNode node;
  node.id = id;
  node.row = &row;
  node.place = place_of(row);
  k8s::Resources available = row.allocatable();
  available.subtract(row.pod_requests);
  if (!base_.daemons().empty()) {
    available.subtract(missing_daemons(expected_daemons(node.place), row.daemon_requests));
  }
  node.remaining = base_.names().supply(available);
  node.is_overcommitted = has_negative(available);
  nodes_.push_back(std::move(node));
}

void ExistingNodes::add_bound_ports_and_volumes() {
  for (ExistingNode& node : nodes_) {
    set_volume_limits(node);
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
void ExistingNodes::set_volume_limits(ExistingNode& node) const {
  if (node.row->node == nullptr) {
    return;
  }
  for (const auto& csi_node : base_.snapshot().csi_nodes) {
    if (csi_node->meta.name == node.row->node->meta.name) {
      for (const k8s::CSIDriverOnNode& driver : csi_node->drivers) {
        if (driver.allocatable_count) {
          node.volume_limits.emplace_back(driver.name, *driver.allocatable_count);
        }
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
  boost::unordered_flat_map<const model::PodShape*, std::vector<GroupId>> counting;
  base_.snapshot().nodes.for_each([&](world::NodeId id, const world::NodeRow& row) {
    if (row.node == nullptr) {
      return;
    }
    const Placing place = place_of(row);
    for (std::size_t i = 0; !base_.is_removed(id) && i < topology.size(); ++i) {
      const model::Requirement* label =
          base_.sets().get(place.set, topology.group(GroupId(i)).spec.key);
      if (label != nullptr) {
        topology.add_node_domain(GroupId(i), place, label->values.front());
      }
    }
    for (const world::PodId pod : row.pods) {
      // A pod that terminates is not counted any more (SCH-315) but still keeps others away
      // (SCH-342).
      if (in_round_[pod] || is_terminal(*base_.snapshot().pods[pod].pod)) {
        continue;
      }
      const auto& shape = base_.snapshot().pods[pod].shape;
      const auto [it, is_new] = counting.try_emplace(shape.get());
      if (is_new) {
        it->second = classes.counting_groups(*shape);
      }
      topology.record(place,
                      is_counted(pod) ? it->second : std::vector<GroupId>(),
                      shape->pod_anti_affinity.required.empty() ? std::vector<GroupId>()
                                                                : classes.inverse_groups(shape));
    }
  });
}

}  // namespace plan

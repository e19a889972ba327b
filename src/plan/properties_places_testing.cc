// Properties of one place: room, selectors, taints, ports, volumes.
#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "k8s/resources.h"
#include "k8s/selector.h"
#include "plan/properties_testing.h"

namespace plan::testing {
namespace {

// One machine that a claim may become.
struct Machine {
  k8s::StringMap labels;
  k8s::Resources allocatable;
};

Machine make_machine(const PlannedClaim& claim,
                     const cloud::InstanceType& type,
                     const cloud::Offering& offering) {
  Machine machine{.labels = claim.form->claim.meta.labels, .allocatable = type.allocatable()};
  for (const cloud::TypeLabel& label : type.labels) {
    if (label.values.size() == 1) {
      machine.labels[label.key] = label.values[0];
    }
  }
  machine.labels[std::string(cloud::label::kInstanceType)] = type.name;
  machine.labels[std::string(cloud::label::kZone)] = offering.zone;
  machine.labels[std::string(cloud::label::kCapacityType)] = offering.capacity_type;
  if (!offering.reservation_id.empty()) {
    machine.labels["example.com/reservation"] = offering.reservation_id;
  }
  if (offering.capacity_override || offering.overhead_override) {
    cloud::InstanceType changed = type;
    changed.kube_reserved.add(changed.system_reserved);
    changed.kube_reserved.add(changed.eviction_threshold);
    changed.system_reserved = changed.eviction_threshold = {};
    for (const auto& [name, quantity] : offering.capacity_override.value_or(k8s::Resources{})) {
      changed.capacity.set(name, quantity);
    }
    for (const auto& [name, quantity] : offering.overhead_override.value_or(k8s::Resources{})) {
      changed.kube_reserved.set(name, quantity);
    }
    machine.allocatable = changed.allocatable();
  }
  return machine;
}

// The daemons that will run on a machine with these labels and taints.
std::vector<const k8s::Pod*> daemons_on(const Problem& problem,
                                        const k8s::StringMap& labels,
                                        const std::vector<k8s::Taint>& taints) {
  std::vector<const k8s::Pod*> out;
  for (const auto& daemon : problem.snapshot.daemon_pods) {
    if (selectors_match(daemon->spec, labels) && tolerates_hard_taints(daemon->spec, taints)) {
      out.push_back(daemon.get());
    }
  }
  return out;
}

k8s::Resources requests_of(const std::vector<const k8s::Pod*>& pods) {
  k8s::Resources sum;
  for (const k8s::Pod* pod : pods) {
    sum.add(k8s::pod_requests(*pod));
  }
  return sum;
}

bool exceeds(const k8s::Resources& requests, const k8s::Resources& room) {
  return std::ranges::any_of(requests, [&](const auto& entry) {
    return !entry.second.is_zero() && entry.second > room.get(entry.first);
  });
}

void check_ports(const PlannedPlace& place,
                 const std::vector<const k8s::Pod*>& others,
                 std::vector<std::string>& broken) {
  for (std::size_t i = 0; i < place.placed.size(); ++i) {
    for (std::size_t j = i + 1; j < place.placed.size(); ++j) {
      if (ports_conflict(place.placed[i]->spec, place.placed[j]->spec)) {
        broken.push_back(base::concat("host ports of two pods collide on ", place.name));
      }
    }
    for (const k8s::Pod* other : others) {
      if (ports_conflict(place.placed[i]->spec, other->spec)) {
        broken.push_back(
            base::concat("host port of ", place.placed[i]->meta.name, " is taken on ", place.name));
      }
    }
  }
}

void check_labels(const Problem& problem,
                  const PlannedPlace& place,
                  const k8s::StringMap& labels,
                  const std::vector<k8s::Taint>& taints,
                  std::vector<std::string>& broken) {
  for (const k8s::Pod* pod : place.placed) {
    if (!selectors_match(pod->spec, labels)) {
      broken.push_back(base::concat(pod->meta.name, " does not select a machine of ", place.name));
    }
    if (!tolerates_hard_taints(pod->spec, taints)) {
      broken.push_back(base::concat(pod->meta.name, " does not tolerate ", place.name));
    }
    check_volumes(problem, *pod, labels, place.name, broken);
  }
}

template <typename T>
const T* find(const world::SharedList<std::shared_ptr<const T>>& list, const std::string& name) {
  for (const auto& object : list) {
    if (object->meta.name == name) {
      return object.get();
    }
  }
  return nullptr;
}

void check_attachments(const Problem& problem,
                       const PlannedPlace& place,
                       std::vector<std::string>& broken) {
  const k8s::CSINode* csi = find(problem.snapshot.csi_nodes, place.name);
  if (csi == nullptr) {
    return;
  }
  const auto used = [&](const std::vector<const k8s::Pod*>& pods) {
    std::map<std::string, std::set<std::string>> out;
    for (const k8s::Pod* pod : pods) {
      for (const k8s::Volume& volume : pod->spec.volumes) {
        const auto* claim = find(problem.snapshot.volume_claims, volume.claim_name);
        const auto* bound =
            claim == nullptr ? nullptr : find(problem.snapshot.volumes, claim->volume_name);
        if (bound != nullptr && claim->meta.namespace_ == pod->meta.namespace_) {
          out[bound->csi_driver].insert(claim->meta.name);
        }
      }
    }
    return out;
  };
  std::vector<const k8s::Pod*> all = place.placed;
  all.insert(all.end(), place.bound.begin(), place.bound.end());
  auto brought = used(place.placed);
  for (const k8s::CSIDriverOnNode& driver : csi->drivers) {
    if (driver.allocatable_count && !brought[driver.name].empty() &&
        used(all)[driver.name].size() > static_cast<std::size_t>(*driver.allocatable_count)) {
      broken.push_back(base::concat("too many volumes on ", place.name));
    }
  }
}

}  // namespace

void check_claim(const Problem& problem,
                 const PlannedPlace& place,
                 std::vector<std::string>& broken) {
  const PlannedClaim& claim = *place.claim;
  const auto& taints = claim.pool()->template_spec.taints;
  const auto row = std::ranges::find_if(
      problem.snapshot.pools, [&](const auto& pool) { return pool->pool == claim.pool(); });
  for (const std::string& name : claim.instance_types()) {
    const cloud::InstanceType& type = *(*row)->catalogue->find(name);
    bool is_possible = false;
    bool has_room = false;
    for (const cloud::Offering& offering : type.offerings) {
      const Machine machine = make_machine(claim, type, offering);
      if (!offering.available ||
          !k8s::matches(claim.form->claim.spec.requirements, machine.labels)) {
        continue;
      }
      is_possible = true;
      check_labels(problem, place, machine.labels, taints, broken);
      const auto daemons = daemons_on(problem, machine.labels, taints);
      check_ports(place, daemons, broken);
      k8s::Resources requests = requests_of(place.placed);
      requests.add(requests_of(daemons));
      has_room |= !exceeds(requests, machine.allocatable);
    }
    // A claim that holds reservations keeps types without one in its list (SCH-197).
    if (place.label("karpenter.sh/capacity-type") == "reserved") {
      continue;
    }
    if (!is_possible) {
      broken.push_back(base::concat(place.name, " cannot be launched as ", name));
    } else if (!has_room) {
      broken.push_back(base::concat(place.name, " has no room for its pods as ", name));
    }
  }
  if (claim.instance_types().empty() ||
      claim.instance_types().size() > problem.options.max_instance_types) {
    broken.push_back(base::concat(place.name, " has a wrong number of instance types"));
  }
}

void check_node(const Problem& problem,
                const PlannedPlace& place,
                std::vector<std::string>& broken) {
  const world::NodeRow& row = *place.node;
  if (row.is_deleting()) {
    broken.push_back(base::concat("pods on a node that goes away: ", place.name));
  }
  k8s::StringMap labels = row.labels();
  labels.try_emplace(std::string(cloud::label::kHostname), row.name());
  check_labels(problem, place, labels, row.taints(), broken);
  check_ports(place, place.bound, broken);
  k8s::Resources requests = requests_of(place.placed);
  requests.add(requests_of(place.bound));
  if (exceeds(requests, row.allocatable())) {
    broken.push_back(base::concat("no room on ", place.name));
  }
  check_attachments(problem, place, broken);
}

void check_volumes(const Problem& problem,
                   const k8s::Pod& pod,
                   const k8s::StringMap& labels,
                   const std::string& where,
                   std::vector<std::string>& broken) {
  for (const k8s::Volume& volume : pod.spec.volumes) {
    const auto* claim = find(problem.snapshot.volume_claims, volume.claim_name);
    const auto* bound =
        claim == nullptr ? nullptr : find(problem.snapshot.volumes, claim->volume_name);
    if (bound == nullptr || bound->is_local || bound->node_affinity.empty()) {
      continue;
    }
    k8s::PodSpec as_pod;
    as_pod.node_affinity.required = bound->node_affinity;
    if (!selectors_match(as_pod, labels)) {
      broken.push_back(base::concat("volume of ", pod.meta.name, " cannot be on ", where));
    }
  }
}

}  // namespace plan::testing

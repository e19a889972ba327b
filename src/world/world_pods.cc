// World: pods, what they use where they are bound (LIF-26, LIF-28), and the daemon pod that stands
// for each daemon set (LIF-57, SCH-211).
#include <algorithm>

#include "world/pods.h"
#include "world/world.h"

namespace world {

namespace {

std::string name_of(const k8s::Object& object) {
  return object.meta.namespace_ + "/" + object.meta.name;
}

// The daemon set that controls the pod, as namespace/name; empty: none.
std::string daemon_set_of(const k8s::Pod& pod) {
  const k8s::OwnerReference* owner = pod.meta.controller();
  return owner != nullptr && owner->kind == "DaemonSet" ? pod.meta.namespace_ + "/" + owner->name
                                                        : std::string();
}

bool is_bound(const k8s::Pod& pod) {
  return !pod.spec.node_name.empty() && !is_terminal(pod);
}

void insert_sorted(std::vector<PodId>& ids, PodId id) {
  ids.insert(std::ranges::lower_bound(ids, id), id);
}

void erase_sorted(std::vector<PodId>& ids, PodId id) {
  const auto place = std::ranges::lower_bound(ids, id);
  if (place != ids.end() && *place == id) {
    ids.erase(place);
  }
}

void add_usage(NodeRow& row, const PodRow& pod) {
  row.pod_requests.add(pod.shape->requests);
  if (is_daemon_pod(*pod.pod)) {
    row.daemon_requests.add(pod.shape->requests);
  }
}

void subtract_usage(NodeRow& row, const PodRow& pod) {
  row.pod_requests.subtract(pod.shape->requests);
  if (is_daemon_pod(*pod.pod)) {
    row.daemon_requests.subtract(pod.shape->requests);
  }
}

// The daemon set's template as a pod; a missing request is the limit (SCH-211).
k8s::Pod synthesise(const k8s::Workload& daemon_set) {
  k8s::Pod pod;
  pod.meta.name = daemon_set.meta.name;
  pod.meta.namespace_ = daemon_set.meta.namespace_;
  pod.meta.labels = daemon_set.pod_template.labels;
  pod.meta.annotations = daemon_set.pod_template.annotations;
  pod.meta.owners.push_back({.api_version = "apps/v1",
                             .kind = "DaemonSet",
                             .name = daemon_set.meta.name,
                             .uid = daemon_set.meta.uid,
                             .controller = true,
                             .block_owner_deletion = true});
  pod.spec = daemon_set.pod_template.spec;
  const auto fill = [](k8s::Container& container) {
    for (const auto& [name, quantity] : container.resources.limits) {
      if (container.resources.requests.find(name) == nullptr) {
        container.resources.requests.set(name, quantity);
      }
    }
  };
  std::ranges::for_each(pod.spec.containers, fill);
  std::ranges::for_each(pod.spec.init_containers, fill);
  return pod;
}

}  // namespace

void World::apply_pod(const std::shared_ptr<const k8s::Pod>& pod) {
  const auto [slot, is_new] = pod_by_name_.try_emplace(name_of(*pod), 0);
  auto [shared, shape] = shapes_.adopt(pod);
  auto row = std::make_shared<const PodRow>(std::move(shared), std::move(shape));
  if (is_new) {
    slot->second = data_.pods.insert(row);
  }
  track_guard(slot->second, row->traits.has_do_not_disrupt);
  if (!is_new) {
    const auto old = data_.pods.share(slot->second);
    if (old->pod->meta.uid != pod->meta.uid) {
      track_daemon_pod(slot->second, *old->pod, false);
    }
    if (is_bound(*old->pod) && is_bound(*pod) && old->shape == row->shape &&
        old->pod->spec.node_name == pod->spec.node_name) {
      data_.pods.replace(slot->second, row);
      track_daemon_pod(slot->second, *pod, is_active(*pod));
      return;
    }
    unbind_pod(slot->second, *old);
    data_.pods.replace(slot->second, row);
  }
  bind_pod(slot->second, *row);
  track_daemon_pod(slot->second, *pod, is_active(*pod));
}

void World::remove_pod(const k8s::Pod& pod) {
  const auto slot = pod_by_name_.find(name_of(pod));
  if (slot == pod_by_name_.end()) {
    return;
  }
  const PodId id = slot->second;
  const auto row = data_.pods.share(id);
  unbind_pod(id, *row);
  track_daemon_pod(id, *row->pod, false);
  track_guard(id, false);
  data_.pods.erase(id);
  pod_by_name_.erase(slot);
}

void World::bind_pod(PodId id, const PodRow& pod) {
  if (!is_bound(*pod.pod)) {
    return;
  }
  insert_sorted(bound_[pod.pod->spec.node_name], id);
  if (const auto node = find_node(pod.pod->spec.node_name)) {
    auto row = std::make_shared<NodeRow>(data_.nodes[*node]);
    insert_sorted(row->pods, id);
    add_usage(*row, pod);
    data_.nodes.replace(*node, std::move(row));
  }
}

void World::unbind_pod(PodId id, const PodRow& pod) {
  if (!is_bound(*pod.pod)) {
    return;
  }
  const auto bound = bound_.find(pod.pod->spec.node_name);
  if (bound != bound_.end()) {
    erase_sorted(bound->second, id);
    if (bound->second.empty()) {
      bound_.erase(bound);
    }
  }
  if (const auto node = find_node(pod.pod->spec.node_name)) {
    auto row = std::make_shared<NodeRow>(data_.nodes[*node]);
    erase_sorted(row->pods, id);
    subtract_usage(*row, pod);
    data_.nodes.replace(*node, std::move(row));
  }
}

// A node that has just been attached to a row: its pods may have been seen before it (LIF-26).
void World::collect_pods(NodeRow& row) const {
  row.pods.clear();
  row.pod_requests = {};
  row.daemon_requests = {};
  const auto bound = bound_.find(row.node->meta.name);
  if (bound == bound_.end()) {
    return;
  }
  row.pods = bound->second;
  for (const PodId id : row.pods) {
    add_usage(row, data_.pods[id]);
  }
}

void World::track_guard(PodId id, bool is_guarded) {
  if (is_guarded) {
    guarded_.insert(id);
  } else if (!guarded_.empty()) {
    guarded_.erase(id);
  }
}

void World::track_daemon_pod(PodId id, const k8s::Pod& pod, bool is_live) {
  const std::string daemon_set = daemon_set_of(pod);
  if (daemon_set.empty()) {
    return;
  }
  const std::tuple entry{pod.meta.creation_time, pod.meta.name, id};
  auto& pods = daemon_pods_[daemon_set].pods;
  const bool was_newest = !pods.empty() && *pods.rbegin() == entry;
  if (is_live) {
    pods.insert(entry);
  } else {
    pods.erase(entry);
  }
  const bool is_newest = !pods.empty() && *pods.rbegin() == entry;
  daemons_changed_ |= was_newest || is_newest;
  if (pods.empty()) {
    daemon_pods_.erase(daemon_set);
  }
}

void World::rebuild_daemon_pods() {
  daemons_changed_ = false;
  std::vector<std::shared_ptr<const k8s::Pod>> representatives;
  for (const auto& daemon_set : data_.daemon_sets) {
    const auto live = daemon_pods_.find(name_of(*daemon_set));
    k8s::Pod pod = live == daemon_pods_.end()
                       ? synthesise(*daemon_set)
                       : *data_.pods[std::get<PodId>(*live->second.pods.rbegin())].pod;
    // The daemon set controller pins each pod to its node by affinity: what counts is the template.
    const k8s::NodeAffinity& affinity = daemon_set->pod_template.spec.node_affinity;
    if (!affinity.required.empty() || live == daemon_pods_.end()) {
      pod.spec.node_affinity.required = affinity.required;
    } else {
      erase_if(pod.spec.node_affinity.required,
               [](const k8s::NodeSelectorTerm& term) { return term.has_match_fields; });
    }
    representatives.push_back(std::make_shared<const k8s::Pod>(std::move(pod)));
  }
  data_.daemon_pods = std::move(representatives);
}

}  // namespace world

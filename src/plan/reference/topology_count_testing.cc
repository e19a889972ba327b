// Who counts where (SCH-315, SCH-334, SCH-341..343).
#include <algorithm>

#include "k8s/selector.h"
#include "plan/reference/topology_testing.h"
#include "world/pods.h"

namespace plan::reference {
namespace {

const world::NodeRow* find_node(const world::Snapshot& snapshot, const std::string& name) {
  const world::NodeRow* found = nullptr;
  snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (row.node != nullptr && row.node->meta.name == name) {
      found = &row;
    }
  });
  return found;
}

// The machine's domain (SCH-137); the hostname falls back to its name.
std::optional<std::string> domain_of(const world::NodeRow& row, const std::string& key) {
  const auto& labels = row.labels();
  const auto label = labels.find(key);
  if (label != labels.end()) {
    return label->second;
  }
  return key == cloud::label::kHostname ? std::optional(row.name()) : std::nullopt;
}

Reqs node_reqs(const world::NodeRow& row, const cloud::LabelSchema& schema) {
  Reqs out;
  add(out, schema, row.labels());
  const std::string host(cloud::label::kHostname);
  out.try_emplace(host, one_of(host, {row.name()}));
  return out;
}

bool is_same_term(const k8s::PodAffinityTerm& a, const k8s::PodAffinityTerm& b) {
  return a.topology_key == b.topology_key && a.selector == b.selector;
}

}  // namespace

void Topology::count_cluster(const Group& group, Counts& counts) const {
  problem_.snapshot.pods.for_each([&](world::PodId id, const world::PodRow& pod) {
    const k8s::Pod& it = *pod.pod;
    if (in_round_.contains(id) || it.spec.node_name.empty() || !world::is_active(it) ||
        !selects(group, it.meta.namespace_, it.meta.labels)) {
      return;
    }
    const world::NodeRow* row = find_node(problem_.snapshot, it.spec.node_name);
    if (row == nullptr) {
      return;
    }
    const auto domain = domain_of(*row, group.key);
    if (domain && passes(group, node_reqs(*row, schema_), row->taints(), {})) {
      ++counts[*domain];
    }
  });
}

void Topology::count_round(const Group& group, Counts& counts) const {
  for (const Placement& placement : placements_) {
    const auto req = placement.reqs.find(group.key);
    if (req == placement.reqs.end() || req->second.complement ||
        !selects(group, placement.namespace_, placement.labels) ||
        !passes(group,
                placement.reqs,
                placement.taints,
                placement.is_claim ? schema_.well_known() : KeySet{})) {
      continue;
    }
    if (group.kind == Kind::kAnti || req->second.values.size() == 1) {
      for (const std::string& value : req->second.values) {
        ++counts[value];
      }
    }
  }
}

// Where the owners of the anti-affinity are.
void Topology::count_owners(const Group& group, Counts& counts) const {
  const auto is_owner = [&](const std::string& namespace_,
                            const std::vector<k8s::PodAffinityTerm>& terms) {
    return std::ranges::any_of(terms, [&](const k8s::PodAffinityTerm& term) {
      return is_same_term(term, {.selector = group.selector, .topology_key = group.key}) &&
             namespaces_of(namespace_, term) == group.namespaces;
    });
  };
  problem_.snapshot.pods.for_each([&](world::PodId id, const world::PodRow& pod) {
    const k8s::Pod& it = *pod.pod;
    if (in_round_.contains(id) || it.spec.node_name.empty() || world::is_terminal(it) ||
        !is_owner(it.meta.namespace_, it.spec.pod_anti_affinity.required)) {
      return;
    }
    if (const world::NodeRow* row = find_node(problem_.snapshot, it.spec.node_name)) {
      if (const auto domain = domain_of(*row, group.key)) {
        ++counts[*domain];
      }
    }
  });
  for (const Placement& placement : placements_) {
    const auto req = placement.reqs.find(group.key);
    if (req != placement.reqs.end() && !req->second.complement &&
        is_owner(placement.namespace_, placement.anti)) {
      for (const std::string& value : req->second.values) {
        ++counts[value];
      }
    }
  }
}

}  // namespace plan::reference

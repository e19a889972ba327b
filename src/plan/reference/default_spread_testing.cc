// Default spread constraints (spec 02 s10).
#include <algorithm>

#include "k8s/kinds.h"
#include "k8s/selector.h"
#include "plan/reference/wish_testing.h"

namespace plan::reference {
namespace {

// SCH-363
k8s::LabelSelector deduce(const world::Snapshot& snapshot, const k8s::Pod& pod) {
  k8s::LabelSelector out;
  for (const auto& service : snapshot.services) {
    const bool is_selecting = std::ranges::all_of(service->selector, [&](const auto& entry) {
      const auto label = pod.meta.labels.find(entry.first);
      return label != pod.meta.labels.end() && label->second == entry.second;
    });
    if (service->meta.namespace_ == pod.meta.namespace_ && is_selecting) {
      for (const auto& [key, value] : service->selector) {
        out.match_labels[key] = value;
      }
    }
  }
  const k8s::OwnerReference* owner = pod.meta.controller();
  for (const auto& workload : snapshot.workloads) {
    const bool is_plain = workload->kind == k8s::Kind::kReplicationController;
    const bool is_known = is_plain || workload->kind == k8s::Kind::kReplicaSet ||
                          workload->kind == k8s::Kind::kStatefulSet;
    if (owner == nullptr || !is_known || workload->meta.name != owner->name ||
        workload->meta.namespace_ != pod.meta.namespace_ || !workload->selector ||
        owner->kind != k8s::kind_name(workload->kind)) {
      continue;
    }
    for (const auto& [key, value] : workload->selector->match_labels) {
      if (is_plain) {
        out.match_labels[key] = value;
        continue;
      }
      out.match_expressions.push_back(
          {.key = key, .op = "In", .values = {value}, .min_values = {}});
    }
    for (const k8s::SelectorTerm& term : workload->selector->match_expressions) {
      out.match_expressions.push_back(term);
    }
  }
  return out;
}

}  // namespace

// SCH-362, SCH-366
void add_default_spread(Wish& wish, const Problem& problem, const k8s::Pod& pod) {
  if (!wish.spec.topology_spread.empty()) {
    return;
  }
  const k8s::LabelSelector selector = deduce(problem.snapshot, pod);
  if (selector.is_empty()) {
    return;
  }
  for (k8s::TopologySpreadConstraint constraint : problem.options.default_spread) {
    constraint.selector = selector;
    wish.spec.topology_spread.push_back(std::move(constraint));
  }
}

}  // namespace plan::reference

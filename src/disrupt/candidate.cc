#include "disrupt/candidate.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "k8s/selector.h"
#include "world/names.h"
#include "world/pods.h"

namespace disrupt {

namespace {

using world::NodeRow;

std::vector<const k8s::PodDisruptionBudget*> budgets_of(const world::Snapshot& snapshot,
                                                        const k8s::Pod& pod) {
  std::vector<const k8s::PodDisruptionBudget*> out;
  for (const auto& budget : snapshot.budgets) {
    if (budget->meta.namespace_ == pod.meta.namespace_ &&
        k8s::matches(budget->selector, pod.meta.labels)) {
      out.push_back(budget.get());
    }
  }
  return out;
}

bool is_known_unhealthy(const k8s::Pod& pod) {
  const k8s::Condition* ready = k8s::find_condition(pod.status.conditions, "Ready");
  return ready != nullptr && ready->status == "False";
}

bool spares_unhealthy(const k8s::PodDisruptionBudget& budget, const k8s::Pod& pod) {
  return budget.unhealthy_pod_eviction_policy == "AlwaysAllow" && is_known_unhealthy(pod);
}

std::string key_of(const k8s::Object& object) {
  return base::concat(object.meta.namespace_, "/", object.meta.name);
}

// DIS-20 rows 2 to 8; empty: none applies.
Blocked node_block(const world::Snapshot& snapshot, const NodeRow& row) {
  if (row.claim == nullptr) {
    return {.text = "node isn't managed by karpenter", .is_silent = true};
  }
  if (row.node == nullptr) {
    return {.text = "nodeclaim does not have an associated node"};
  }
  if (!row.is_initialized()) {
    return {.text = "node isn't initialized"};
  }
  if (row.is_deleting()) {
    return {.text = "node is deleting or marked for deletion"};
  }
  if (row.nominated_until > snapshot.now) {
    return {.text = "node is nominated for a pending pod"};
  }
  const auto& annotations = row.annotations();
  const auto guard = annotations.find(world::kDoNotDisruptAnnotation);
  if (guard != annotations.end() && guard->second == "true") {
    return {.text =
                R"(disruption is blocked through the "karpenter.sh/do-not-disrupt" annotation)"};
  }
  if (row.pool().empty()) {
    return {.text = "node doesn't have required label (label=karpenter.sh/nodepool)"};
  }
  return {};
}

// DIS-24
Blocked pod_block(const world::Snapshot& snapshot, const NodeRow& row) {
  for (const world::PodId id : row.pods) {
    const k8s::Pod& pod = *snapshot.pods[id].pod;
    if (world::is_active(pod) && world::do_not_disrupt(pod, snapshot.now).is_active) {
      return {.text = base::concat(
                  R"(pod has "karpenter.sh/do-not-disrupt" annotation (Pod=)", key_of(pod), ")"),
              .is_silent = false,
              .is_pod_block = true};
    }
  }
  for (const world::PodId id : row.pods) {
    if (std::string text = pdb_block(snapshot, *snapshot.pods[id].pod); !text.empty()) {
      return {.text = std::move(text), .is_silent = false, .is_pod_block = true};
    }
  }
  return {};
}

std::string_view label(const NodeRow& row, std::string_view key) {
  const auto found = row.labels().find(key);
  return found == row.labels().end() ? std::string_view{} : std::string_view(found->second);
}

// DIS-28: what the cloud asks for this offering, whether or not it has any left.
double price_of(const NodeRow& row, const cloud::Catalogue& catalogue) {
  const cloud::InstanceType* type = catalogue.find(label(row, world::kInstanceTypeLabel));
  if (type == nullptr) {
    return 0;
  }
  for (const cloud::Offering& offering : type->offerings) {
    if (offering.zone == label(row, world::kZoneLabel) &&
        offering.capacity_type == label(row, world::kCapacityTypeLabel)) {
      return std::isnan(offering.price) ? 0 : offering.price;
    }
  }
  return 0;
}

Candidate make_candidate(const world::Snapshot& snapshot,
                         world::NodeId node,
                         const std::shared_ptr<const world::PoolRow>& pool) {
  const NodeRow& row = snapshot.nodes[node];
  Candidate out{.node = node,
                .node_name = row.node->meta.name,
                .claim = row.claim->meta.name,
                .provider_id = row.provider_id(),
                .pool = pool,
                .reschedulable = {},
                .disruption_cost = 1,
                .price = price_of(row, *pool->catalogue)};
  for (const world::PodId id : row.pods) {
    const k8s::Pod& pod = *snapshot.pods[id].pod;
    if (world::is_reschedulable(pod)) {
      out.reschedulable.push_back(id);
      out.disruption_cost += std::max(0.0, world::eviction_cost(pod));
    }
  }
  return out;
}

}  // namespace

Judgement judge(const world::Snapshot& snapshot, world::NodeId node) {
  const NodeRow& row = snapshot.nodes[node];
  if (Blocked blocked = node_block(snapshot, row); !blocked.text.empty()) {
    return {.candidate = std::nullopt, .blocked = std::move(blocked)};
  }
  const auto pool = std::ranges::find_if(
      snapshot.pools, [&](const auto& p) { return p->pool->meta.name == row.pool(); });
  if (pool == snapshot.pools.end() || (*pool)->catalogue == nullptr ||
      (*pool)->catalogue->types.empty()) {
    return {.candidate = std::nullopt,
            .blocked = {.text = base::concat("nodepool not found (NodePool=", row.pool(), ")")}};
  }
  if (Blocked blocked = pod_block(snapshot, row); !blocked.text.empty()) {
    return {.candidate = std::nullopt, .blocked = std::move(blocked)};
  }
  return {.candidate = make_candidate(snapshot, node, *pool), .blocked = {}};
}

std::string pdb_block(const world::Snapshot& snapshot, const k8s::Pod& pod) {
  if (!world::is_evictable(pod, snapshot.now)) {
    return {};
  }
  const auto budgets = budgets_of(snapshot, pod);
  if (budgets.size() > 1) {
    std::vector<std::string> names;
    for (const auto* budget : budgets) {
      names.push_back(key_of(*budget));
    }
    return base::concat("eviction does not support multiple PDBs (PodDisruptionBudget(s)=[",
                        base::join(names, " "),
                        "])");
  }
  if (budgets.empty() || spares_unhealthy(*budgets[0], pod) ||
      budgets[0]->disruptions_allowed > 0) {
    return {};
  }
  return base::concat(
      "pdb prevents pod evictions (PodDisruptionBudget=[", key_of(*budgets[0]), "])");
}

}  // namespace disrupt

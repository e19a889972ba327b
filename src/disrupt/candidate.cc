#include "disrupt/candidate.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "cloud/label_schema.h"
#include "world/names.h"
#include "world/pods.h"

namespace disrupt {

namespace {

using world::NodeRow;

std::string_view find_label(const k8s::StringMap& labels, std::string_view key) {
  const auto found = labels.find(key);
  return found == labels.end() ? std::string_view{} : std::string_view(found->second);
}

// DIS-20 rows 1 to 8; empty: none applies.
Blocked node_block(const world::Snapshot& snapshot, const ClaimNames& busy, const NodeRow& row) {
  if (row.claim == nullptr) {
    return {.text = "node isn't managed by karpenter", .is_silent = true};
  }
  if (busy.contains(row.claim->meta.name)) {
    return {.text = "candidate is already being disrupted", .is_silent = true};
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
  if (row.machine_labels().says_do_not_disrupt) {
    return {.text =
                R"(disruption is blocked through the "karpenter.sh/do-not-disrupt" annotation)"};
  }
  if (row.pool().empty()) {
    return {.text = "node doesn't have required label (label=karpenter.sh/nodepool)"};
  }
  return {};
}

// DIS-24
Blocked pod_block(const world::Snapshot& snapshot, const PodGuards& guards, const NodeRow& row) {
  for (const world::PodId id : row.pods) {
    const world::PodRow& pod_row = snapshot.pods[id];
    if (!pod_row.traits.has_do_not_disrupt || !pod_row.traits.is_active) {
      continue;
    }
    const k8s::Pod& pod = *pod_row.pod;
    if (world::do_not_disrupt(pod, snapshot.now).is_active) {
      return {.text = base::concat(R"(pod has "karpenter.sh/do-not-disrupt" annotation (Pod=)",
                                   pod.meta.namespace_,
                                   "/",
                                   pod.meta.name,
                                   ")"),
              .is_pod_block = true};
    }
  }
  for (const world::PodId id : row.pods) {
    if (std::string text = guards.block(snapshot.pods[id]); !text.empty()) {
      return {.text = std::move(text), .is_pod_block = true};
    }
  }
  return {};
}

std::string_view text_of(const std::string* label) {
  return label == nullptr ? std::string_view{} : std::string_view(*label);
}

const cloud::InstanceType* type_of(const world::MachineLabels& labels,
                                   const cloud::Catalogue& catalogue) {
  return catalogue.find(text_of(labels.instance_type));
}

double price_of(const cloud::InstanceType* type, const world::MachineLabels& labels) {
  if (type == nullptr) {
    return 0;
  }
  const std::string_view zone = text_of(labels.zone);
  const std::string_view capacity_type = text_of(labels.capacity_type);
  for (const cloud::Offering& offering : type->offerings) {
    if (offering.zone == zone && offering.capacity_type == capacity_type) {
      return std::isnan(offering.price) ? 0 : offering.price;
    }
  }
  return 0;
}

Candidate make_candidate(const world::Snapshot& snapshot,
                         world::NodeId node,
                         std::shared_ptr<const world::PoolRow> pool) {
  Candidate out{.node = node, .row = snapshot.nodes.share(node), .pool = std::move(pool)};
  const world::MachineLabels& labels = out.row->machine_labels();
  out.type = type_of(labels, *out.pool->catalogue);
  out.price = price_of(out.type, labels);
  for (const world::PodId id : out.row->pods) {
    const world::PodTraits& pod = snapshot.pods[id].traits;
    if (pod.is_reschedulable) {
      out.reschedulable.push_back(id);
      out.disruption_cost += std::max(0.0, pod.eviction_cost);
    }
  }
  return out;
}

}  // namespace

std::string_view Candidate::label(std::string_view key) const {
  return find_label(row->labels(), key);
}

bool Candidate::is_spot() const {
  return text_of(row->machine_labels().capacity_type) == cloud::capacity_type::kSpot;
}

bool Judgement::stands(Grace grace) const {
  return candidate &&
         (blocked.text.empty() ||
          (grace == Grace::kEventual && candidate->row->claim->spec.termination_grace_period));
}

double price_of(const world::MachineLabels& labels, const cloud::Catalogue& catalogue) {
  return price_of(type_of(labels, catalogue), labels);
}

Judgement judge(const world::Snapshot& snapshot,
                const PodGuards& guards,
                const ClaimNames& busy,
                world::NodeId node) {
  const NodeRow& row = snapshot.nodes[node];
  Judgement out{.node = node};
  out.blocked = node_block(snapshot, busy, row);
  if (!out.blocked.text.empty()) {
    return out;
  }
  auto pool = world::find_pool(snapshot, row.pool());
  if (pool == nullptr || pool->catalogue == nullptr || pool->catalogue->types.empty()) {
    const std::string which = base::concat(" not found (NodePool=", row.pool(), ")");
    out.blocked = {.text = "nodepool" + which, .event = "NodePool" + which};
    return out;
  }
  out.blocked = pod_block(snapshot, guards, row);
  out.candidate = make_candidate(snapshot, node, std::move(pool));
  return out;
}

}  // namespace disrupt

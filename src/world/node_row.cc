#include <algorithm>

#include "world/names.h"
#include "world/pods.h"
#include "world/snapshot.h"

namespace world {

namespace {

const std::string kNone;

bool says_true(const std::string* value) {
  return value != nullptr && *value == "true";
}

// LIF-35: what the node does not report yet is taken from the claim.
k8s::Resources merged(const k8s::Resources& node, const k8s::Resources& claim) {
  k8s::Resources out = node;
  for (const auto& [name, quantity] : claim) {
    const k8s::Quantity* have = out.find(name);
    if (have == nullptr || have->is_zero()) {
      out.set(name, quantity);
    }
  }
  return out;
}

k8s::Resources figures(const NodeRow& row,
                       k8s::Resources k8s::NodeStatus::* of_node,
                       k8s::Resources k8s::NodeClaimStatus::* of_claim) {
  if (row.node == nullptr) {
    return row.claim != nullptr ? row.claim->status.*of_claim : k8s::Resources{};
  }
  if (row.claim == nullptr || row.is_initialized()) {
    return row.node->status.*of_node;
  }
  return merged(row.node->status.*of_node, row.claim->status.*of_claim);
}

bool uses_claim(const NodeRow& row) {
  return row.node == nullptr || (row.claim != nullptr && !row.is_registered());
}

}  // namespace

MachineLabels machine_labels(const k8s::StringMap& labels, const k8s::StringMap& annotations) {
  const auto find = [](const k8s::StringMap& map, std::string_view key) {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : &found->second;
  };
  return {.pool = find(labels, kPoolLabel),
          .instance_type = find(labels, kInstanceTypeLabel),
          .zone = find(labels, kZoneLabel),
          .capacity_type = find(labels, kCapacityTypeLabel),
          .says_registered = says_true(find(labels, kRegisteredLabel)),
          .says_initialized = says_true(find(labels, kInitializedLabel)),
          .says_do_not_disrupt = says_true(find(annotations, kDoNotDisruptAnnotation))};
}

bool NodeRow::is_registered() const {
  return claim == nullptr || (node != nullptr && node.labels().says_registered);
}

bool NodeRow::is_initialized() const {
  return claim == nullptr || (node != nullptr && node.labels().says_initialized);
}

bool NodeRow::is_deleting() const {
  return marked_for_deletion;
}

const std::string& NodeRow::name() const {
  return uses_claim(*this) ? claim->meta.name : node->meta.name;
}

const std::string& NodeRow::provider_id() const {
  if (node != nullptr) {
    return node->provider_id.empty() && claim == nullptr ? node->meta.name : node->provider_id;
  }
  return claim->status.provider_id;
}

const k8s::StringMap& NodeRow::labels() const {
  return uses_claim(*this) ? claim->meta.labels : node->meta.labels;
}

const MachineLabels& NodeRow::machine_labels() const {
  return uses_claim(*this) ? claim.labels() : node.labels();
}

const k8s::StringMap& NodeRow::annotations() const {
  return uses_claim(*this) ? claim->meta.annotations : node->meta.annotations;
}

const std::string& NodeRow::pool() const {
  const std::string* found = machine_labels().pool;
  return found == nullptr ? kNone : *found;
}

// LIF-34
std::vector<k8s::Taint> NodeRow::taints() const {
  std::vector<k8s::Taint> out = uses_claim(*this) ? claim->spec.taints : node->taints;
  if (claim != nullptr && !is_initialized()) {
    std::erase_if(out, [&](const k8s::Taint& taint) {
      return is_ephemeral_taint(taint) ||
             std::ranges::any_of(claim->spec.startup_taints,
                                 [&](const k8s::Taint& s) { return same_taint(s, taint); });
    });
  }
  return out;
}

k8s::Resources NodeRow::capacity() const {
  return figures(*this, &k8s::NodeStatus::capacity, &k8s::NodeClaimStatus::capacity);
}

k8s::Resources NodeRow::allocatable() const {
  return figures(*this, &k8s::NodeStatus::allocatable, &k8s::NodeClaimStatus::allocatable);
}

}  // namespace world

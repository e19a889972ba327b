// World: machines. A row is a Node, a NodeClaim, or both joined by provider id (LIF-20..27), with
// the pods bound to it and the intents about it.
#include <algorithm>

#include "base/assert.h"
#include "world/names.h"
#include "world/world.h"

namespace world {

namespace {

// LIF-37
bool is_deleted(const NodeRow& row) {
  if (row.claim != nullptr) {
    return row.claim->meta.is_deleting() ||
           k8s::is_true(row.claim->status.conditions, "InstanceTerminating");
  }
  return row.node != nullptr && row.node->meta.is_deleting();
}

// LIF-21: a node that no cloud named goes by its own name.
const std::string& provider_key(const k8s::Node& node) {
  return node.provider_id.empty() ? node.meta.name : node.provider_id;
}

// LIF-21: it cannot be told yet which claim it belongs to.
bool is_unnamed(const k8s::Node& node) {
  const std::string* pool = node.meta.label(kPoolLabel);
  return node.provider_id.empty() && pool != nullptr && !pool->empty() && !node.meta.is_deleting();
}

}  // namespace

void World::apply_claim(const std::shared_ptr<const k8s::NodeClaim>& claim) {
  if (!is_ours(claim->spec.node_class)) {
    return;
  }
  const std::string& name = claim->meta.name;
  const std::string& provider_id = claim->status.provider_id;
  if (const auto known = node_by_claim_.find(name); known != node_by_claim_.end()) {
    const auto before = data_.nodes[known->second].claim;
    if (!before->status.provider_id.empty() && before->status.provider_id != provider_id) {
      remove_claim(*before);  // It speaks for another machine from now on.
    }
  }
  if (provider_id.empty()) {
    unlaunched_.insert(name);
  } else {
    unlaunched_.erase(name);
    intents_.erase({name, IntentKind::kLaunch});
  }
  intents_.erase({name, IntentKind::kCreatedClaim});
  const auto found = node_by_claim_.find(name);
  NodeId id;
  if (found != node_by_claim_.end()) {
    id = found->second;
    update_row(id, [&](NodeRow& row) { row.claim = claim; });
  } else {
    id = insert_row({.claim = claim});
    node_by_claim_.emplace(name, id);
  }
  join_provider(id, provider_id);
}

// Makes the row of a claim own its provider id, and takes over the node that came first.
void World::join_provider(NodeId id, const std::string& provider_id) {
  if (provider_id.empty()) {
    return;
  }
  const auto [slot, is_new] = node_by_provider_.try_emplace(provider_id, id);
  if (is_new || slot->second == id) {
    return;
  }
  const NodeId other = slot->second;
  if (data_.nodes[other].claim != nullptr || data_.nodes[other].node == nullptr) {
    return;  // Another claim has this machine: both stay, as they are (LIF-81 decides).
  }
  const auto node = data_.nodes[other].node;
  const bool is_duplicated = data_.nodes[other].is_duplicated;
  drop_row(other);
  node_by_provider_[provider_id] = id;
  node_by_name_[node->meta.name] = id;
  update_row(id, [&](NodeRow& row) {
    row.node = node;
    row.is_duplicated = is_duplicated;
    collect_pods(row);
  });
}

void World::remove_claim(const k8s::NodeClaim& claim) {
  const std::string& name = claim.meta.name;
  unlaunched_.erase(name);
  for (const IntentKind kind : {IntentKind::kCreatedClaim,
                                IntentKind::kNomination,
                                IntentKind::kDeletion,
                                IntentKind::kLaunch}) {
    intents_.erase({name, kind});
  }
  const auto found = node_by_claim_.find(name);
  if (found == node_by_claim_.end()) {
    return;
  }
  const NodeId id = found->second;
  node_by_claim_.erase(found);
  if (data_.nodes[id].node == nullptr) {
    drop_row(id);
    return;
  }
  update_row(id, [](NodeRow& row) {
    row.claim = nullptr;
    row.nominated_until = 0;
  });
}

void World::apply_node(const std::shared_ptr<const k8s::Node>& node) {
  if (is_unnamed(*node)) {
    return remove_node(node->meta.name);
  }
  const auto found = node_by_name_.find(node->meta.name);
  if (found == node_by_name_.end()) {
    attach_node(node, provider_key(*node));
    return;
  }
  const NodeId id = found->second;
  if (provider_key(*data_.nodes[id].node) == provider_key(*node)) {
    update_row(id, [&](NodeRow& row) { row.node = node; });
    return;
  }
  remove_node(node->meta.name);  // LIF-23
  attach_node(node, provider_key(*node));
}

void World::attach_node(const std::shared_ptr<const k8s::Node>& node,
                        const std::string& provider_id) {
  const auto slot = node_by_provider_.find(provider_id);
  if (slot != node_by_provider_.end() && data_.nodes[slot->second].node == nullptr) {
    node_by_name_[node->meta.name] = slot->second;
    update_row(slot->second, [&](NodeRow& row) {
      row.node = node;
      collect_pods(row);
    });
    return;
  }
  const bool is_duplicated = slot != node_by_provider_.end();
  if (is_duplicated) {
    update_row(slot->second, [](NodeRow& row) { row.is_duplicated = true; });
  }
  NodeRow row{.node = node, .is_duplicated = is_duplicated};
  collect_pods(row);
  const NodeId id = insert_row(std::move(row));
  node_by_name_[node->meta.name] = id;
  node_by_provider_.try_emplace(provider_id, id);
}

void World::remove_node(std::string_view name) {
  const auto found = node_by_name_.find(name);
  if (found == node_by_name_.end()) {
    return;
  }
  const NodeId id = found->second;
  const std::string provider_id = provider_key(*data_.nodes[id].node);
  const bool was_duplicated = data_.nodes[id].is_duplicated;
  node_by_name_.erase(found);
  if (data_.nodes[id].claim == nullptr) {
    drop_row(id);
  } else {
    update_row(id, [](NodeRow& row) {
      row.node = nullptr;
      row.is_duplicated = false;
      row.pods.clear();
      row.pod_requests = {};
      row.daemon_requests = {};
    });
  }
  if (!was_duplicated) {
    return;
  }
  // The namesakes are attached anew: they may be unique now, or the claim's.
  std::vector<std::shared_ptr<const k8s::Node>> namesakes;
  data_.nodes.for_each([&](NodeId, const NodeRow& row) {
    if (row.node != nullptr && row.is_duplicated && provider_key(*row.node) == provider_id) {
      namesakes.push_back(row.node);
    }
  });
  for (const auto& node : namesakes) {
    const NodeId row_id = node_by_name_.find(node->meta.name)->second;
    if (data_.nodes[row_id].claim == nullptr) {
      node_by_name_.erase(node->meta.name);
      drop_row(row_id);
      attach_node(node, provider_id);
    } else {
      update_row(row_id, [](NodeRow& row) { row.is_duplicated = false; });
    }
  }
}

NodeId World::insert_row(NodeRow row) {
  refresh_row(row);
  account(row, true);
  return data_.nodes.insert(std::make_shared<const NodeRow>(std::move(row)));
}

void World::drop_row(NodeId id) {
  const auto row = data_.nodes.share(id);
  account(*row, false);
  data_.nodes.erase(id);
  for (const std::string* key :
       {row->node != nullptr ? &provider_key(*row->node) : nullptr,
        row->claim != nullptr ? &row->claim->status.provider_id : nullptr}) {
    if (key == nullptr) {
      continue;
    }
    if (const auto slot = node_by_provider_.find(*key);
        slot != node_by_provider_.end() && slot->second == id) {
      node_by_provider_.erase(slot);
    }
  }
}

void World::update_row(NodeId id, const std::function<void(NodeRow&)>& change) {
  auto row = std::make_shared<NodeRow>(data_.nodes[id]);
  account(*row, false);
  change(*row);
  ASSERT(row->node != nullptr || row->claim != nullptr);
  refresh_row(*row);
  account(*row, true);
  data_.nodes.replace(id, std::move(row));
}

void World::refresh_row(NodeRow& row) const {
  const bool is_marked =
      row.claim != nullptr && has_intent(IntentKind::kDeletion, row.claim->meta.name);
  row.marked_for_deletion = is_marked || is_deleted(row);
  if (row.claim != nullptr) {
    const auto nomination = intents_.find({row.claim->meta.name, IntentKind::kNomination});
    row.nominated_until = nomination == intents_.end() ? 0 : nomination->second.until;
  }
}

// LIF-48: machines that are going do not count against the pool's limits.
void World::account(const NodeRow& row, bool is_added) {
  const std::string& pool = row.pool();
  if (pool.empty() || row.marked_for_deletion) {
    return;
  }
  k8s::Resources capacity = row.capacity();
  capacity.set("nodes", k8s::Quantity::units(1));
  pools_changed_ = true;
  const auto usage = usage_.try_emplace(pool).first;
  if (is_added) {
    usage->second.add(capacity);
    return;
  }
  usage->second.subtract(capacity);
  if (std::ranges::all_of(usage->second, [](const auto& e) { return e.second.is_zero(); })) {
    usage_.erase(usage);
  }
}

void World::refresh_claim_row(std::string_view claim) {
  touch();
  if (const auto id = find_claim(claim)) {
    update_row(*id, [](NodeRow&) {});
  }
}

void World::add_intent(const Intent& intent) {
  Pending& pending = intents_[{intent.claim, intent.kind}];
  pending.until =
      intent.kind == IntentKind::kNomination ? std::max(pending.until, intent.until) : intent.until;
  pending.pool = intent.pool;
  next_expiry_ = pending.until != 0 ? std::min(next_expiry_, pending.until) : next_expiry_;
  refresh_claim_row(intent.claim);
}

void World::drop_intent(IntentKind kind, std::string_view claim) {
  if (intents_.erase({std::string(claim), kind}) > 0) {
    refresh_claim_row(claim);
  }
}

bool World::has_intent(IntentKind kind, std::string_view claim) const {
  return intents_.contains({std::string(claim), kind});
}

std::int64_t World::created_claims(std::string_view pool) const {
  return std::ranges::count_if(intents_, [&](const auto& entry) {
    return entry.first.second == IntentKind::kCreatedClaim && entry.second.pool == pool;
  });
}

void World::expire_intents(k8s::TimeNs now) {
  if (now < next_expiry_) {
    return;
  }
  next_expiry_ = kNever;
  std::vector<std::pair<std::string, IntentKind>> expired;
  for (const auto& [key, pending] : intents_) {
    if (pending.until != 0 && pending.until <= now) {
      expired.push_back(key);
    } else if (pending.until != 0) {
      next_expiry_ = std::min(next_expiry_, pending.until);
    }
  }
  for (const auto& [claim, kind] : expired) {
    drop_intent(kind, claim);
  }
}

}  // namespace world

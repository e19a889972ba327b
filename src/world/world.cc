#include "world/world.h"

#include <algorithm>

#include "base/text.h"
#include "k8s/codec.h"
#include "k8s/kinds.h"
#include "world/names.h"

namespace world {

namespace {

using k8s::EventOp;
using k8s::Kind;

// An event that is older than what we know: the answer to our own write overtook the watch.
// Versions are compared as the numbers that every real API server uses.
bool is_older(const k8s::Object& object, const k8s::Object& known) {
  if (object.meta.uid != known.meta.uid) {
    return false;
  }
  const auto version = base::parse_int(object.meta.resource_version);
  const auto known_version = base::parse_int(known.meta.resource_version);
  return version && known_version && *version < *known_version;
}

// Node classes of other providers: their definitions need not be installed.
bool is_foreign_class(Kind kind, const WorldOptions& options) {
  const bool is_class = kind == Kind::kEC2NodeClass || kind == Kind::kKWOKNodeClass;
  return is_class && !options.class_kinds.empty() &&
         std::ranges::none_of(options.class_kinds, [kind](const auto& ours) {
           return ours.second == k8s::kind_name(kind);
         });
}

std::string class_key(std::string_view kind, std::string_view name) {
  return std::string(kind) + "/" + std::string(name);
}

}  // namespace

World::World(WorldOptions options) : options_(std::move(options)) {
  const std::vector<Kind> wanted = kinds();
  unsynced_.insert(wanted.begin(), wanted.end());
}

std::vector<Kind> World::kinds() const {
  std::vector<Kind> wanted;
  const auto want = [&](const auto& kinds) {
    for (const Kind kind : kinds) {
      if (!is_foreign_class(kind, options_)) {
        wanted.push_back(kind);
      }
    }
  };
  want(kWorldKinds);
  if (options_.wants_devices) {
    want(kDeviceKinds);
  }
  if (options_.wants_buffers) {
    want(kBufferKinds);
  }
  if (options_.wants_overlays) {
    want(kOverlayKinds);
  }
  if (options_.wants_services) {
    want(kSpreadKinds);
  }
  return wanted;
}

void World::apply(const k8s::ObjectEvent& event) {
  touch();
  if (event.op == EventOp::kSynced) {
    unsynced_.erase(event.kind);
  } else if (event.object != nullptr) {
    apply_object(event);
  }
}

const k8s::Object* World::find_known(const k8s::Object& object) const {
  const k8s::ObjectMeta& meta = object.meta;
  if (object.kind == Kind::kNode) {
    const auto id = find_node(meta.name);
    return id ? data_.nodes[*id].node.get() : nullptr;
  }
  if (object.kind == Kind::kNodeClaim) {
    const auto id = find_claim(meta.name);
    return id ? data_.nodes[*id].claim.get() : nullptr;
  }
  if (object.kind == Kind::kNodePool) {
    const auto pool = pools_.find(meta.name);
    return pool != pools_.end() ? pool->second.get() : nullptr;
  }
  if (object.kind == Kind::kPod) {
    const auto id = find_pod(meta.namespace_, meta.name);
    return id ? data_.pods[*id].pod.get() : nullptr;
  }
  if (object.kind == Kind::kEC2NodeClass) {
    const auto same = [&](const auto& item) { return item->meta.name == meta.name; };
    const auto item = std::ranges::find_if(data_.ec2_classes, same);
    return item != data_.ec2_classes.end() ? item->get() : nullptr;
  }
  return nullptr;
}

bool World::knows(const k8s::Object& object) const {
  const k8s::Object* known = find_known(object);
  return known != nullptr && known->meta.uid == object.meta.uid;
}

void World::apply_object(const k8s::ObjectEvent& event) {
  const bool is_gone = event.op == EventOp::kDeleted;
  if (const k8s::Object* known = is_gone ? nullptr : find_known(*event.object);
      known != nullptr && is_older(*event.object, *known)) {
    return;
  }
  switch (event.kind) {
    case Kind::kPod:
      is_gone ? remove_pod(*k8s::shared_as<k8s::Pod>(event.object))
              : apply_pod(k8s::shared_as<k8s::Pod>(event.object));
      return;
    case Kind::kNode:
      is_gone ? remove_node(event.object->meta.name)
              : apply_node(k8s::shared_as<k8s::Node>(event.object));
      return;
    case Kind::kNodeClaim:
      is_gone ? remove_claim(*k8s::shared_as<k8s::NodeClaim>(event.object))
              : apply_claim(k8s::shared_as<k8s::NodeClaim>(event.object));
      return;
    case Kind::kNodePool: {
      const auto pool = k8s::shared_as<k8s::NodePool>(event.object);
      pools_changed_ = true;
      if (is_gone || !is_ours(pool->template_spec.node_class)) {
        pools_.erase(pool->meta.name);
      } else {
        pools_[pool->meta.name] = pool;
      }
      return;
    }
    default:
      apply_other(event);
  }
}

void World::mark_synced() {
  touch();
  unsynced_.clear();
}

void World::set_catalogue(std::string_view class_kind,
                          std::string_view class_name,
                          cloud::CataloguePtr catalogue) {
  auto& slot = catalogues_[class_key(class_kind, class_name)];
  if (slot == catalogue) {
    return;
  }
  slot = std::move(catalogue);
  pools_changed_ = true;
  touch();
}

void World::set_pool_catalogues(
    std::map<std::string, cloud::CataloguePtr, std::less<>> catalogues) {
  if (catalogues != pool_catalogues_) {
    pool_catalogues_ = std::move(catalogues);
    pools_changed_ = true;
    touch();
  }
}

bool World::is_ours(const k8s::NodeClassRef& ref) const {
  return options_.class_kinds.empty() ||
         std::ranges::any_of(options_.class_kinds, [&](const auto& known) {
           return known.first == ref.group && known.second == ref.kind;
         });
}

bool World::is_synced() const {
  if (!unsynced_.empty() || !unlaunched_.empty()) {
    return false;
  }
  return std::ranges::none_of(
      intents_, [](const auto& entry) { return entry.first.second == IntentKind::kCreatedClaim; });
}

SnapshotPtr World::snapshot(k8s::TimeNs now) {
  expire_intents(now);
  if (pools_changed_) {
    rebuild_pools();
  }
  if (daemons_changed_) {
    rebuild_daemon_pods();
  }
  if (last_ != nullptr && last_->now == now) {
    return last_;
  }
  if (last_ == nullptr) {
    ++data_.epoch;
  }
  data_.now = now;
  data_.is_synced = is_synced();
  last_ = std::make_shared<const Snapshot>(data_);
  return last_;
}

// SCH-114: static, deleting and unready pools take no new claims.
void World::rebuild_pools() {
  pools_changed_ = false;
  std::vector<std::shared_ptr<const PoolRow>> rows;
  rows.reserve(pools_.size());
  for (const auto& [name, pool] : pools_) {
    PoolRow row{.pool = pool, .catalogue = nullptr, .unready_reason = {}, .usage = {}};
    if (!options_.wants_overlays) {
      row.catalogue = find_catalogue(pool->template_spec.node_class);
    } else if (const auto found = pool_catalogues_.find(name); found != pool_catalogues_.end()) {
      row.catalogue = found->second;
    }
    if (const auto found = usage_.find(name); found != usage_.end()) {
      row.usage = found->second;
    }
    if (pool->replicas) {
      row.unready_reason = "static";
    } else if (pool->meta.is_deleting()) {
      row.unready_reason = "deleting";
    } else if (!options_.assume_ready && !k8s::is_true(pool->conditions, "Ready")) {
      row.unready_reason = "not ready";
    }
    rows.push_back(std::make_shared<const PoolRow>(std::move(row)));
  }
  data_.pools = std::move(rows);
}

cloud::CataloguePtr World::find_catalogue(const k8s::NodeClassRef& ref) const {
  const auto found = catalogues_.find(class_key(ref.kind, ref.name));
  return found == catalogues_.end() ? nullptr : found->second;
}

cloud::CataloguePtr World::find_catalogue(const k8s::NodeClaim& claim) const {
  const std::string* pool = claim.meta.label(kPoolLabel);
  const auto found = pool == nullptr ? pool_catalogues_.end() : pool_catalogues_.find(*pool);
  return found == pool_catalogues_.end() ? find_catalogue(claim.spec.node_class) : found->second;
}

std::optional<NodeId> World::find_node(std::string_view name) const {
  const auto found = node_by_name_.find(name);
  return found == node_by_name_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<NodeId> World::find_claim(std::string_view name) const {
  const auto found = node_by_claim_.find(name);
  return found == node_by_claim_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<NodeId> World::find_provider(std::string_view provider_id) const {
  const auto found = node_by_provider_.find(provider_id);
  return found == node_by_provider_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<PodId> World::find_pod(std::string_view namespace_, std::string_view name) const {
  const auto found = pod_by_name_.find(std::string(namespace_) + "/" + std::string(name));
  return found == pod_by_name_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace world

// The lists of a snapshot: objects that are looked up by name, sorted by it.
#include <algorithm>
#include <tuple>

#include "k8s/codec.h"
#include "world/world.h"

namespace world {

namespace {

using k8s::EventOp;
using k8s::Kind;

auto sort_key(const k8s::Object& object) {
  return std::tie(object.meta.namespace_, object.meta.name);
}

// Keeps a list sorted by namespace and name.
template <typename T>
void upsert(SharedList<std::shared_ptr<const T>>& list, const k8s::ObjectEvent& event) {
  auto& items = list.own();
  const auto object = k8s::shared_as<T>(event.object);
  const auto place = std::ranges::lower_bound(
      items, sort_key(*object), {}, [](const auto& item) { return sort_key(*item); });
  const bool is_present = place != items.end() && sort_key(**place) == sort_key(*object);
  if (event.op == EventOp::kDeleted) {
    if (is_present) {
      items.erase(place);
    }
  } else if (is_present) {
    *place = object;
  } else {
    items.insert(place, object);
  }
}

}  // namespace

void World::apply_other(const k8s::ObjectEvent& event) {
  switch (event.kind) {
    case Kind::kEC2NodeClass:
      return upsert(data_.ec2_classes, event);
    case Kind::kKWOKNodeClass:
      return upsert(data_.kwok_classes, event);
    case Kind::kPersistentVolumeClaim:
      return upsert(data_.volume_claims, event);
    case Kind::kPersistentVolume:
      return upsert(data_.volumes, event);
    case Kind::kStorageClass:
      return upsert(data_.storage_classes, event);
    case Kind::kCSINode:
      return upsert(data_.csi_nodes, event);
    case Kind::kVolumeAttachment:
      return upsert(data_.volume_attachments, event);
    case Kind::kPodDisruptionBudget:
      return upsert(data_.budgets, event);
    case Kind::kNamespace:
      return upsert(data_.namespaces, event);
    case Kind::kService:
      return upsert(data_.services, event);
    case Kind::kResourceClaim:
      return upsert(data_.resource_claims, event);
    case Kind::kResourceSlice:
      return upsert(data_.resource_slices, event);
    case Kind::kDeviceClass:
      return upsert(data_.device_classes, event);
    case Kind::kCapacityBuffer:
      return upsert(data_.capacity_buffers, event);
    case Kind::kPodTemplate:
      return upsert(data_.pod_templates, event);
    case Kind::kNodeOverlay:
      return upsert(data_.node_overlays, event);
    case Kind::kDaemonSet:
      daemons_changed_ = true;
      return upsert(data_.daemon_sets, event);
    case Kind::kDeployment:
    case Kind::kReplicaSet:
    case Kind::kReplicationController:
    case Kind::kStatefulSet:
      return apply_workload(event);
    default:
      return;
  }
}

// Owners of several kinds share one list; names may repeat between kinds.
void World::apply_workload(const k8s::ObjectEvent& event) {
  auto& items = data_.workloads.own();
  const auto object = k8s::shared_as<k8s::Workload>(event.object);
  const auto key = [](const k8s::Workload& w) {
    return std::tie(w.meta.namespace_, w.meta.name, w.kind);
  };
  const auto place = std::ranges::lower_bound(
      items, key(*object), {}, [&](const auto& item) { return key(*item); });
  const bool is_present = place != items.end() && key(**place) == key(*object);
  if (event.op == EventOp::kDeleted) {
    if (is_present) {
      items.erase(place);
    }
  } else if (is_present) {
    *place = object;
  } else {
    items.insert(place, object);
  }
}

std::shared_ptr<const PoolRow> find_pool(const Snapshot& snapshot, std::string_view name) {
  const auto pool = std::ranges::find_if(
      snapshot.pools, [&](const auto& row) { return row->pool->meta.name == name; });
  return pool == snapshot.pools.end() ? nullptr : *pool;
}

bool is_over_limits(const Snapshot& snapshot, std::string_view pool) {
  const auto row = find_pool(snapshot, pool);
  return row == nullptr || row->pool->meta.is_deleting() ||
         std::ranges::any_of(row->pool->limits, [&](const auto& limit) {
           return row->usage.get(limit.first) > limit.second;
         });
}

}  // namespace world

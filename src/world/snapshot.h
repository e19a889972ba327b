// The cluster as the controller knows it at one moment: immutable, shared, safe to read on any
// thread. Published by World (world/world.h), which is its only writer. Everything that decides
// takes one of these.
//
// Rows are merged and indexed on apply: nobody lists pods per node again. Sources: spec 04 s2
// (LIF), SCH-133..137.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cloud/catalogue.h"
#include "k8s/capacity_buffer.h"
#include "k8s/device.h"
#include "k8s/node.h"
#include "k8s/workload.h"
#include "model/pod_shape.h"
#include "world/machine_object.h"
#include "world/pods.h"
#include "world/shared_list.h"
#include "world/table.h"

namespace world {

using Epoch = std::uint64_t;
using PodId = Table<int>::Id;
using NodeId = Table<int>::Id;

struct PodRow {
  PodRow(std::shared_ptr<const k8s::Pod> the_pod, std::shared_ptr<const model::PodShape> its_shape)
      : pod(std::move(the_pod)), shape(std::move(its_shape)), traits(traits_of(*pod)) {}

  std::shared_ptr<const k8s::Pod> pod;
  // Everything that the planner looks at, shared by all pods with an equal specification.
  std::shared_ptr<const model::PodShape> shape;
  PodTraits traits;
};

// A machine: a Node, a NodeClaim without Node yet, or both merged by provider id.
struct NodeRow {
  MachineObject<k8s::Node> node = nullptr;        // null: not registered yet.
  MachineObject<k8s::NodeClaim> claim = nullptr;  // null: not ours.
  k8s::Resources pod_requests = {};               // Of all live pods bound here, "pods" included.
  k8s::Resources daemon_requests = {};  // The part of pod_requests that belongs to DaemonSets.
  std::vector<PodId> pods = {};         // Bound here; sorted.
  bool marked_for_deletion = false;     // By us, not yet seen in the API (intent), or by the API.
  k8s::TimeNs nominated_until = 0;
  bool is_duplicated = false;  // More than one Node carries this provider id (LIF-81).

  bool is_managed() const { return claim != nullptr; }

  bool is_registered() const;
  bool is_initialized() const;
  // SCH-113: marked, claim deleting or terminating, or unmanaged node deleting.
  bool is_deleting() const;
  // Claim name until registered, node name after (SCH-134).
  const std::string& name() const;
  const std::string& provider_id() const;
  // Labels and taints from the claim until registered, then from the node (SCH-35, SCH-137).
  const k8s::StringMap& labels() const;
  const MachineLabels& machine_labels() const;  // Those of labels().
  const k8s::StringMap& annotations() const;
  // Empty when the machine belongs to no pool.
  const std::string& pool() const;
  std::vector<k8s::Taint> taints() const;
  // SCH-133, SCH-135: the node's figures, filled from the claim's while it is not initialised.
  k8s::Resources capacity() const;
  k8s::Resources allocatable() const;
};

struct PoolRow {
  std::shared_ptr<const k8s::NodePool> pool;
  cloud::CataloguePtr catalogue;  // Of the pool's node class; null: not resolved.
  std::string unready_reason;     // Why the pool cannot be used now; empty: it can.
  k8s::Resources usage;           // Capacity of its nodes and claims, "nodes" included.
};

struct Snapshot {
  Epoch epoch = 0;
  k8s::TimeNs now = 0;  // Wall time of publication.
  bool is_synced = false;

  Table<PodRow> pods;
  Table<NodeRow> nodes;
  SharedList<std::shared_ptr<const PoolRow>> pools;              // By name.
  SharedList<std::shared_ptr<const k8s::Workload>> daemon_sets;  // By namespace/name.
  SharedList<std::shared_ptr<const k8s::Pod>>
      daemon_pods;  // Representative per daemon set (SCH-211).
  SharedList<std::shared_ptr<const k8s::PodDisruptionBudget>> budgets;
  // Looked up by name; small.
  SharedList<std::shared_ptr<const k8s::PersistentVolumeClaim>> volume_claims;
  SharedList<std::shared_ptr<const k8s::PersistentVolume>> volumes;
  SharedList<std::shared_ptr<const k8s::StorageClass>> storage_classes;
  SharedList<std::shared_ptr<const k8s::CSINode>> csi_nodes;
  SharedList<std::shared_ptr<const k8s::Namespace>> namespaces;
  SharedList<std::shared_ptr<const k8s::Service>> services;
  SharedList<std::shared_ptr<const k8s::Workload>>
      workloads;  // Owners for default spread (SCH-36x).
  SharedList<std::shared_ptr<const k8s::EC2NodeClass>> ec2_classes;
  SharedList<std::shared_ptr<const k8s::KWOKNodeClass>> kwok_classes;
  SharedList<std::shared_ptr<const k8s::VolumeAttachment>> volume_attachments;
  // With dynamic resource allocation on (spec 02 s15).
  SharedList<std::shared_ptr<const k8s::ResourceClaim>> resource_claims;
  SharedList<std::shared_ptr<const k8s::ResourceSlice>> resource_slices;
  SharedList<std::shared_ptr<const k8s::DeviceClass>> device_classes;
  // With capacity buffers on (spec 02 s14).
  SharedList<std::shared_ptr<const k8s::CapacityBuffer>> capacity_buffers;
  SharedList<std::shared_ptr<const k8s::PodTemplateObject>> pod_templates;
  SharedList<std::shared_ptr<const k8s::NodeOverlay>> node_overlays;  // With node overlays on.
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

// nullptr: no such pool.
std::shared_ptr<const PoolRow> find_pool(const Snapshot& snapshot, std::string_view name);
// SCH-122: nothing may be bought for the pool: it is gone or going, or uses more than its limits.
bool is_over_limits(const Snapshot& snapshot, std::string_view pool);

}  // namespace world

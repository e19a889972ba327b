// Everything that scheduling looks at in a pod, as one immutable value that is shared by all pods
// with an equal specification: the replicas of a workload have one shape.
//
// The planner works per shape, never per pod, so a pod costs it little more than an index. Volumes
// with claims, and labels that differ per replica, make a shape specific to its pod. Identity is
// structural: equal content, same object (as long as one PodShapes made both).
//
// Thread rule: PodShape is immutable and shared freely; PodShapes belongs to its one writer
// (World).
//
//   PodShapes shapes;
//   std::shared_ptr<const PodShape> a = shapes.intern(pod_1);
//   shapes.intern(pod_2) == a;          // equal specifications
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "k8s/pod.h"

namespace model {

struct HostPort {
  std::string ip;  // "0.0.0.0" when the pod names none (SCH-38).
  std::int32_t port = 0;
  std::string protocol;
  friend bool operator==(const HostPort&, const HostPort&) = default;
};

// SCH-39: same protocol and port, and equal addresses or one of them unspecified.
bool conflicts(const HostPort& a, const HostPort& b);
// One of these with one of those.
bool conflicts(std::span<const HostPort> a, std::span<const HostPort> b);

// Who owns the pod, as far as scheduling cares (SCH-80, SCH-363).
enum class OwnerKind : std::uint8_t {
  kNone,
  kDaemonSet,
  kNode,  // A mirror pod.
  kReplicaSet,
  kStatefulSet,
  kReplicationController,
  kOther,
};

struct PodShape {
  std::string namespace_;
  k8s::StringMap labels;
  k8s::Resources requests;  // Effective (SCH-58), with "pods": 1.
  std::vector<HostPort> ports;
  k8s::StringMap node_selector;
  k8s::NodeAffinity node_affinity;
  k8s::PodAffinity pod_affinity;
  k8s::PodAffinity pod_anti_affinity;
  base::CowVector<k8s::Toleration> tolerations;
  base::CowVector<k8s::TopologySpreadConstraint> topology_spread;
  std::vector<std::string> volume_claims;  // Names in the pod's namespace (SCH-42), in order.
  OwnerKind owner_kind = OwnerKind::kNone;
  std::string owner_name;     // Controllers whose selector can be deduced (SCH-363) only.
  std::int32_t priority = 0;  // Does not take part in placement, only in reports.
  bool uses_dra = false;      // SCH-84.
  // Names of ResourceClaims in the pod's namespace, in order (SCH-401).
  std::vector<std::string> resource_claims;

  // Not part of the identity: what the first pod of the shape has, so that the next ones share it.
  struct Lent {
    base::CowVector<k8s::OwnerReference> owners;
    k8s::StringMap annotations;
    base::CowVector<k8s::Container> containers;
    base::CowVector<k8s::Container> init_containers;
    base::CowVector<k8s::Volume> volumes;
  };

  Lent lent;
};

class PodShapes {
 public:
  std::shared_ptr<const PodShape> intern(const k8s::Pod& pod);

  // The same pod, holding everything that it has in common with its shape's first pod only once:
  // a replica costs its names and its status. Copied only if there is something to share.
  struct Adopted {
    std::shared_ptr<const k8s::Pod> pod;
    std::shared_ptr<const PodShape> shape;
  };

  Adopted adopt(std::shared_ptr<const k8s::Pod> pod);

  // Distinct shapes that are alive, for tests and debug dumps. O(shapes).
  std::size_t live() const;

 private:
  void sweep();

  // By canonical content. Weak, so that a shape dies with its last pod; swept as the map grows.
  std::unordered_map<std::string, std::weak_ptr<const PodShape>> shapes_;
  std::size_t sweep_at_ = 1024;
  std::string scratch_;
};

// The shape of one pod, not interned.
PodShape make_pod_shape(const k8s::Pod& pod);

}  // namespace model

// What a pod's volumes ask: where they can be attached (spec 02 s2.4), which drivers they use
// (s2.3), and whether they can be provisioned for at all (SCH-54..57).
//
// Thread rule: borrows the snapshot; const functions are safe to share.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "plan/node_constraint.h"
#include "plan/plan.h"
#include "world/snapshot.h"

namespace plan {

// CSI driver -> claims as "namespace/name" (SCH-43).
using DriverClaims = std::map<std::string, std::set<std::string>, std::less<>>;

class VolumeIndex {
 public:
  explicit VolumeIndex(const world::Snapshot& snapshot);

  // ORed alternatives of the whole pod (SCH-50); one unconstrained alternative when the volumes do
  // not care. Errors: kNotFound (a claim, volume or class is missing), kLimit (too many).
  base::Result<std::vector<NodeConstraint>> alternatives(model::SetTable& sets,
                                                         const model::PodShape& shape) const;
  // SCH-43. Errors: kNotFound (SCH-44).
  base::Result<DriverClaims> drivers(const model::PodShape& shape) const;
  // SCH-54..57: why the pod must be ignored; nullopt: fine.
  std::optional<std::string> invalid(const model::PodShape& shape, const Options& options) const;

 private:
  using Alternatives = std::vector<NodeConstraint>;

  base::Result<Alternatives> of_claim(model::SetTable& sets,
                                      const k8s::PersistentVolumeClaim& claim) const;
  Alternatives of_volume(model::SetTable& sets, const k8s::PersistentVolume& volume) const;
  std::optional<std::string> invalid_claim(const k8s::PersistentVolumeClaim& claim,
                                           const Options& options) const;
  std::optional<std::string> invalid_unbound(const k8s::PersistentVolumeClaim& claim,
                                             const Options& options) const;
  std::optional<std::string> invalid_bound(const k8s::PersistentVolumeClaim& claim) const;
  base::Result<std::string> driver(const k8s::PersistentVolumeClaim& claim) const;
  const k8s::PersistentVolumeClaim* find_claim(std::string_view ns, std::string_view name) const;
  const k8s::PersistentVolume* find_volume(std::string_view name) const;
  const k8s::StorageClass* find_class(std::string_view name) const;

  std::unordered_map<std::string, const k8s::PersistentVolumeClaim*> claims_;
  std::unordered_map<std::string, const k8s::PersistentVolume*> volumes_;
  std::unordered_map<std::string, const k8s::StorageClass*> classes_;
};

}  // namespace plan

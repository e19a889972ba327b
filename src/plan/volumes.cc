#include "plan/volumes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace plan {
namespace {

// Combinations of topologies that a pod's volumes may have: their product has no other bound.
constexpr std::size_t kMaxAlternatives = 4096;
constexpr std::string_view kFailed = "failed to validate pvc, ";
constexpr std::string_view kBindCompleted = "pv.kubernetes.io/bind-completed";

// In-tree provisioners by the CSI driver that took over (SCH-43).
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kInTree{{
    {"kubernetes.io/aws-ebs", "ebs.csi.aws.com"},
    {"kubernetes.io/gce-pd", "pd.csi.storage.gke.io"},
    {"kubernetes.io/azure-disk", "disk.csi.azure.com"},
    {"kubernetes.io/azure-file", "file.csi.azure.com"},
    {"kubernetes.io/cinder", "cinder.csi.openstack.org"},
    {"kubernetes.io/vsphere-volume", "csi.vsphere.vmware.com"},
    {"kubernetes.io/portworx-volume", "pxd.portworx.com"},
    {"kubernetes.io/rbd", "rbd.csi.ceph.com"},
}};

std::string csi_name(const std::string& provisioner) {
  const auto found = std::ranges::find(kInTree,
                                       std::string_view(provisioner),
                                       &std::pair<std::string_view, std::string_view>::first);
  return found == kInTree.end() ? provisioner : std::string(found->second);
}

template <typename T>
const T* find_in(const std::unordered_map<std::string, const T*>& map, std::string key) {
  const auto it = map.find(key);
  return it == map.end() ? nullptr : it->second;
}

std::string missing(std::string_view what, std::string_view name) {
  return base::concat(what, " \"", name, "\" not found");
}

bool can_meet(model::SetTable& sets, const NodeConstraint& a, const NodeConstraint& b) {
  return sets.intersects(a.set, b.set) &&
         (!a.host.is_valid() || !b.host.is_valid() || sets.requirements().agree(a.host, b.host));
}

// SCH-50: the cross product, without the pairs that contradict each other, unless all do.
std::vector<NodeConstraint> cross(model::SetTable& sets,
                                  const std::vector<NodeConstraint>& left,
                                  const std::vector<NodeConstraint>& right) {
  std::vector<NodeConstraint> all;
  std::vector<NodeConstraint> sound;
  for (const NodeConstraint& a : left) {
    for (const NodeConstraint& b : right) {
      const NodeConstraint both = merge(sets, a, b);
      std::vector<NodeConstraint>& into = can_meet(sets, a, b) ? sound : all;
      if (std::ranges::find(into, both) == into.end()) {
        into.push_back(both);
      }
    }
  }
  return sound.empty() ? all : sound;
}

}  // namespace

VolumeIndex::VolumeIndex(const world::Snapshot& snapshot) {
  for (const auto& claim : snapshot.volume_claims) {
    claims_[base::concat(claim->meta.namespace_, "/", claim->meta.name)] = claim.get();
  }
  for (const auto& volume : snapshot.volumes) {
    volumes_[volume->meta.name] = volume.get();
  }
  for (const auto& storage_class : snapshot.storage_classes) {
    classes_[storage_class->meta.name] = storage_class.get();
  }
}

const k8s::PersistentVolumeClaim* VolumeIndex::find_claim(std::string_view ns,
                                                          std::string_view name) const {
  return find_in(claims_, base::concat(ns, "/", name));
}

const k8s::PersistentVolume* VolumeIndex::find_volume(std::string_view name) const {
  return find_in(volumes_, std::string(name));
}

const k8s::StorageClass* VolumeIndex::find_class(std::string_view name) const {
  return find_in(classes_, std::string(name));
}

VolumeIndex::Alternatives VolumeIndex::of_volume(model::SetTable& sets,
                                                 const k8s::PersistentVolume& volume) const {
  Alternatives alternatives;
  for (const k8s::NodeSelectorTerm& term : volume.node_affinity) {
    if (term.match_expressions.empty()) {
      continue;
    }
    std::vector<k8s::SelectorTerm> expressions = term.match_expressions;
    if (volume.is_local) {
      std::erase_if(expressions, [](const k8s::SelectorTerm& expression) {
        return expression.key == cloud::label::kHostname;
      });
    }
    alternatives.push_back(ConstraintBuilder(sets).add(expressions).build());
  }
  return alternatives;
}

base::Result<VolumeIndex::Alternatives> VolumeIndex::of_claim(
    model::SetTable& sets, const k8s::PersistentVolumeClaim& claim) const {
  if (!claim.volume_name.empty()) {
    const k8s::PersistentVolume* volume = find_volume(claim.volume_name);
    if (volume == nullptr) {
      return base::fail(base::ErrorCode::kNotFound, missing("persistentvolume", claim.volume_name));
    }
    return of_volume(sets, *volume);
  }
  Alternatives alternatives;
  if (claim.storage_class && !claim.storage_class->empty()) {
    const k8s::StorageClass* storage_class = find_class(*claim.storage_class);
    if (storage_class == nullptr) {
      return base::fail(base::ErrorCode::kNotFound,
                        missing("storageclass.storage.k8s.io", *claim.storage_class));
    }
    for (const auto& term : storage_class->allowed_topologies) {
      ConstraintBuilder builder(sets);
      for (k8s::SelectorTerm expression : term) {
        expression.op = "In";
        builder.add(std::span(&expression, 1));
      }
      alternatives.push_back(builder.build());
    }
  }
  return alternatives;
}

base::Result<std::vector<NodeConstraint>> VolumeIndex::alternatives(
    model::SetTable& sets, const model::PodShape& shape) const {
  Alternatives result{{.set = sets.empty(), .host = {}}};
  for (const std::string& name : shape.volume_claims) {
    const k8s::PersistentVolumeClaim* claim = find_claim(shape.namespace_, name);
    if (claim == nullptr) {
      return base::fail(base::ErrorCode::kNotFound, missing("persistentvolumeclaim", name));
    }
    const Alternatives of_one = TRY(of_claim(sets, *claim));
    if (of_one.size() > kMaxAlternatives || result.size() * of_one.size() > kMaxAlternatives) {
      return base::fail(base::ErrorCode::kLimit,
                        base::concat("the volumes of the pod have more than ",
                                     kMaxAlternatives,
                                     " combinations of topologies"));
    }
    if (!of_one.empty()) {
      result = cross(sets, result, of_one);
    }
  }
  return result;
}

base::Result<std::string> VolumeIndex::driver(const k8s::PersistentVolumeClaim& claim) const {
  if (!claim.volume_name.empty()) {
    const k8s::PersistentVolume* volume = find_volume(claim.volume_name);
    if (volume == nullptr) {
      return base::fail(base::ErrorCode::kNotFound, missing("persistentvolume", claim.volume_name));
    }
    return volume->csi_driver.empty() && volume->is_aws_ebs ? std::string("ebs.csi.aws.com")
                                                            : volume->csi_driver;
  }
  const k8s::StorageClass* storage_class = find_class(claim.storage_class.value_or(""));
  return storage_class == nullptr ? std::string() : csi_name(storage_class->provisioner);
}

base::Result<DriverClaims> VolumeIndex::drivers(const model::PodShape& shape) const {
  DriverClaims result;
  for (const std::string& name : shape.volume_claims) {
    const k8s::PersistentVolumeClaim* claim = find_claim(shape.namespace_, name);
    if (claim == nullptr) {
      continue;
    }
    const std::string driver_name = TRY(driver(*claim));
    if (!driver_name.empty()) {
      result[driver_name].insert(base::concat(shape.namespace_, "/", name));
    }
  }
  return result;
}

// SCH-55.
std::optional<std::string> VolumeIndex::invalid_bound(
    const k8s::PersistentVolumeClaim& claim) const {
  const k8s::PersistentVolume* volume = find_volume(claim.volume_name);
  if (volume == nullptr) {
    return base::concat(kFailed, missing("persistentvolume", claim.volume_name));
  }
  if (volume->meta.is_deleting()) {
    return base::concat(kFailed, "persistentvolume is being deleted");
  }
  if (claim.meta.annotation(kBindCompleted) == nullptr) {
    return "pvc is considered unbound because it does not contain annotation";
  }
  return std::nullopt;
}

// SCH-56.
std::optional<std::string> VolumeIndex::invalid_unbound(const k8s::PersistentVolumeClaim& claim,
                                                        const Options& options) const {
  if (claim.storage_class.value_or("").empty()) {
    return "unbound pvc must define a storage class";
  }
  const k8s::StorageClass* storage_class = find_class(*claim.storage_class);
  if (storage_class == nullptr) {
    return base::concat(kFailed,
                        "failed to get storage class, ",
                        missing("storageclass.storage.k8s.io", *claim.storage_class));
  }
  if (storage_class->binding_mode.empty() || storage_class->binding_mode == "Immediate") {
    return base::concat(kFailed, "pvc with immediate volume binding mode must be bound");
  }
  for (const auto& topology : storage_class->allowed_topologies) {
    for (const k8s::SelectorTerm& expression : topology) {
      if (std::ranges::find(options.unsupported_topology_keys, expression.key) !=
          options.unsupported_topology_keys.end()) {
        return base::concat(kFailed, "storage class uses unsupported topology key");
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string> VolumeIndex::invalid_claim(const k8s::PersistentVolumeClaim& claim,
                                                      const Options& options) const {
  if (claim.meta.is_deleting()) {
    return "persistentvolumeclaim is being deleted";
  }
  if (claim.phase == "Lost") {
    return "persistentvolumeclaim bound to non-existent persistentvolume";
  }
  auto problem = claim.volume_name.empty() ? invalid_unbound(claim, options) : invalid_bound(claim);
  if (problem) {
    return problem;
  }
  const auto used = driver(claim);  // SCH-57
  if (used && std::ranges::find(options.unsupported_provisioners, *used) !=
                  options.unsupported_provisioners.end()) {
    return base::concat(kFailed, "provisioner is not supported");
  }
  return std::nullopt;
}

std::optional<std::string> VolumeIndex::invalid(const model::PodShape& shape,
                                                const Options& options) const {
  for (const std::string& name : shape.volume_claims) {
    const k8s::PersistentVolumeClaim* claim = find_claim(shape.namespace_, name);
    if (claim == nullptr) {
      return missing("persistentvolumeclaim", name);
    }
    if (auto problem = invalid_claim(*claim, options)) {
      return problem;
    }
  }
  return std::nullopt;
}

}  // namespace plan

#include <algorithm>
#include <map>

#include "plan/reference/wish_testing.h"

namespace plan::reference {
namespace {

template <typename T>
const T* find(const world::SharedList<std::shared_ptr<const T>>& list,
              const std::string& name,
              const std::string& namespace_ = "") {
  for (const std::shared_ptr<const T>& object : list) {
    if (object->meta.name == name && object->meta.namespace_ == namespace_) {
      return object.get();
    }
  }
  return nullptr;
}

// SCH-42
std::vector<std::string> claim_names(const k8s::Pod& pod) {
  std::vector<std::string> out;
  for (const k8s::Volume& volume : pod.spec.volumes) {
    if (!volume.claim_name.empty()) {
      out.push_back(volume.claim_name);
    } else if (volume.ephemeral) {
      out.push_back(pod.meta.name + "-" + volume.name);
    }
  }
  return out;
}

const std::string& csi_name(const std::string& provisioner) {
  static const std::map<std::string, std::string> kTranslated = {
      {"kubernetes.io/aws-ebs", "ebs.csi.aws.com"},
      {"kubernetes.io/gce-pd", "pd.csi.storage.gke.io"},
      {"kubernetes.io/azure-disk", "disk.csi.azure.com"},
      {"kubernetes.io/azure-file", "file.csi.azure.com"},
      {"kubernetes.io/cinder", "cinder.csi.openstack.org"},
      {"kubernetes.io/vsphere-volume", "csi.vsphere.vmware.com"},
      {"kubernetes.io/portworx-volume", "pxd.portworx.com"},
      {"kubernetes.io/rbd", "rbd.csi.ceph.com"}};
  const auto found = kTranslated.find(provisioner);
  return found == kTranslated.end() ? provisioner : found->second;
}

// SCH-49: one volume's alternatives; empty: it does not care.
std::vector<Reqs> of_volume(const k8s::PersistentVolume& volume, const cloud::LabelSchema& schema) {
  std::vector<Reqs> out;
  for (const k8s::NodeSelectorTerm& term : volume.node_affinity) {
    if (term.match_expressions.empty()) {
      continue;
    }
    Reqs& alternative = out.emplace_back();
    for (const k8s::SelectorTerm& expression : term.match_expressions) {
      if (!volume.is_local || expression.key != cloud::label::kHostname) {
        add(alternative, make_req(schema, expression));
      }
    }
  }
  return out;
}

std::vector<Reqs> of_class(const k8s::StorageClass& storage_class,
                           const cloud::LabelSchema& schema) {
  std::vector<Reqs> out;
  for (const std::vector<k8s::SelectorTerm>& term : storage_class.allowed_topologies) {
    add(out.emplace_back(), schema, term);
  }
  return out;
}

// SCH-50
std::vector<Reqs> cross(const std::vector<Reqs>& left, const std::vector<Reqs>& right) {
  std::vector<Reqs> all;
  std::vector<Reqs> possible;
  for (const Reqs& a : left) {
    for (const Reqs& b : right) {
      add(all.emplace_back(a), b);
      if (!conflict(a, b)) {
        possible.push_back(all.back());
      }
    }
  }
  return possible.empty() ? all : possible;
}

}  // namespace

std::optional<std::vector<Reqs>> volume_alternatives(const world::Snapshot& snapshot,
                                                     const cloud::LabelSchema& schema,
                                                     const k8s::Pod& pod) {
  std::vector<Reqs> out = {{}};
  for (const std::string& name : claim_names(pod)) {
    const auto* claim = find(snapshot.volume_claims, name, pod.meta.namespace_);
    if (claim == nullptr) {
      return std::nullopt;
    }
    std::vector<Reqs> alternatives;
    if (!claim->volume_name.empty()) {
      const auto* volume = find(snapshot.volumes, claim->volume_name);
      if (volume == nullptr) {
        return std::nullopt;
      }
      alternatives = of_volume(*volume, schema);
    } else if (claim->storage_class && !claim->storage_class->empty()) {
      const auto* storage_class = find(snapshot.storage_classes, *claim->storage_class);
      if (storage_class == nullptr) {
        return std::nullopt;
      }
      alternatives = of_class(*storage_class, schema);
    }
    if (!alternatives.empty()) {
      out = cross(out, alternatives);
    }
  }
  return out;
}

std::optional<DriverVolumes> driver_volumes(const world::Snapshot& snapshot, const k8s::Pod& pod) {
  DriverVolumes out;
  for (const std::string& name : claim_names(pod)) {
    const auto* claim = find(snapshot.volume_claims, name, pod.meta.namespace_);
    if (claim == nullptr) {
      continue;
    }
    std::string driver;
    if (!claim->volume_name.empty()) {
      const auto* volume = find(snapshot.volumes, claim->volume_name);
      if (volume == nullptr) {
        return std::nullopt;
      }
      driver = !volume->csi_driver.empty() ? volume->csi_driver
                                           : (volume->is_aws_ebs ? "ebs.csi.aws.com" : "");
    } else if (claim->storage_class) {
      const auto* storage_class = find(snapshot.storage_classes, *claim->storage_class);
      driver = storage_class == nullptr ? "" : csi_name(storage_class->provisioner);
    }
    if (!driver.empty()) {
      out[driver].insert(pod.meta.namespace_ + "/" + name);
    }
  }
  return out;
}

}  // namespace plan::reference

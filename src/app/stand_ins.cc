#include "app/stand_ins.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "k8s/codec.h"
#include "plan/buffers.h"

namespace app {
namespace {

using Templates = std::map<std::pair<std::string, std::string>, const k8s::ResourceClaimTemplate*>;

Templates claim_templates(const std::vector<k8s::ObjectPtr>& objects) {
  Templates templates;
  for (const k8s::ObjectPtr& object : objects) {
    if (object->kind == k8s::Kind::kResourceClaimTemplate) {
      templates[{object->meta.namespace_, object->meta.name}] =
          &k8s::as<k8s::ResourceClaimTemplate>(*object);
    }
  }
  return templates;
}

std::shared_ptr<k8s::ResourceClaim> make_claim(const k8s::ResourceClaimTemplate& from,
                                               const k8s::Pod& pod,
                                               const std::string& entry) {
  auto claim = std::make_shared<k8s::ResourceClaim>();
  claim->meta.name = pod.meta.name + "-" + entry;
  claim->meta.namespace_ = pod.meta.namespace_;
  claim->meta.uid = "claim-" + claim->meta.namespace_ + "-" + claim->meta.name;
  claim->meta.labels = from.labels;
  claim->meta.annotations = from.annotations;
  claim->spec = from.spec;
  return claim;
}

bool has_status(const k8s::Pod& pod, const std::string& entry) {
  return std::ranges::find(pod.status.claim_statuses, entry, &k8s::PodClaimStatus::name) !=
         pod.status.claim_statuses.end();
}

// The pod, changed if claims were made for it; these are appended to `made`.
k8s::ObjectPtr claim_for(const k8s::ObjectPtr& object,
                         const Templates& templates,
                         std::vector<k8s::ObjectPtr>& made) {
  const k8s::Pod& pod = k8s::as<k8s::Pod>(*object);
  std::shared_ptr<k8s::Pod> changed;
  for (const k8s::PodResourceClaim& entry : pod.spec.resource_claims) {
    const auto found = templates.find({pod.meta.namespace_, entry.template_name});
    if (found == templates.end() || has_status(pod, entry.name)) {
      continue;
    }
    auto claim = make_claim(*found->second, pod, entry.name);
    changed = changed ? changed : std::make_shared<k8s::Pod>(pod);
    changed->status.claim_statuses.push_back({.name = entry.name, .claim_name = claim->meta.name});
    made.push_back(std::move(claim));
  }
  return changed ? k8s::ObjectPtr(std::move(changed)) : object;
}

constexpr const char* kNamespaceName = "kubernetes.io/metadata.name";

k8s::ObjectPtr labelled(const k8s::Namespace& space) {
  auto changed = std::make_shared<k8s::Namespace>(space);
  changed->meta.labels[kNamespaceName] = space.meta.name;
  return changed;
}

bool is_default_class(const k8s::ObjectMeta& meta) {
  const std::string* mark = meta.annotation("storageclass.kubernetes.io/is-default-class");
  return mark != nullptr && *mark == "true";
}

// The newest; of equally old ones the first by name.
const k8s::Object* default_class(const std::vector<k8s::ObjectPtr>& objects) {
  const k8s::Object* found = nullptr;
  for (const k8s::ObjectPtr& object : objects) {
    if (object->kind == k8s::Kind::kStorageClass && is_default_class(object->meta) &&
        (found == nullptr || object->meta.creation_time > found->meta.creation_time ||
         (object->meta.creation_time == found->meta.creation_time &&
          object->meta.name < found->meta.name))) {
      found = object.get();
    }
  }
  return found;
}

}  // namespace

std::vector<k8s::ObjectPtr> with_namespaces(std::vector<k8s::ObjectPtr> objects) {
  std::set<std::string> missing;
  for (const k8s::ObjectPtr& object : objects) {
    if (!object->meta.namespace_.empty()) {
      missing.insert(object->meta.namespace_);
    }
  }
  for (k8s::ObjectPtr& object : objects) {
    if (object->kind == k8s::Kind::kNamespace) {
      missing.erase(object->meta.name);
      object = labelled(k8s::as<k8s::Namespace>(*object));
    }
  }
  for (const std::string& name : missing) {
    k8s::Namespace space;
    space.meta.name = name;
    objects.push_back(labelled(space));
  }
  return objects;
}

std::vector<k8s::ObjectPtr> with_default_classes(std::vector<k8s::ObjectPtr> objects) {
  const k8s::Object* storage_class = default_class(objects);
  if (storage_class == nullptr) {
    return objects;
  }
  const std::string name = storage_class->meta.name;
  for (k8s::ObjectPtr& object : objects) {
    if (object->kind != k8s::Kind::kPersistentVolumeClaim) {
      continue;
    }
    const auto& claim = k8s::as<k8s::PersistentVolumeClaim>(*object);
    if (!claim.storage_class && claim.volume_name.empty()) {
      auto changed = std::make_shared<k8s::PersistentVolumeClaim>(claim);
      changed->storage_class = name;
      object = std::move(changed);
    }
  }
  return objects;
}

std::vector<k8s::ObjectPtr> with_made_claims(std::vector<k8s::ObjectPtr> objects) {
  const Templates templates = claim_templates(objects);
  if (templates.empty()) {
    return objects;
  }
  std::vector<k8s::ObjectPtr> result;
  for (const k8s::ObjectPtr& object : objects) {
    std::vector<k8s::ObjectPtr> made;
    result.push_back(object->kind == k8s::Kind::kPod ? claim_for(object, templates, made) : object);
    result.insert(result.end(), made.begin(), made.end());
  }
  return result;
}

std::vector<k8s::ObjectPtr> resolved_buffers(const world::Snapshot& snapshot) {
  std::vector<k8s::ObjectPtr> result;
  for (const auto& buffer : snapshot.capacity_buffers) {
    if (k8s::find_condition(buffer->conditions, "ReadyForProvisioning") != nullptr) {
      continue;
    }
    const plan::BufferResolution resolution = plan::resolve_buffer(snapshot, *buffer);
    auto changed = std::make_shared<k8s::CapacityBuffer>(*buffer);
    changed->status_replicas = resolution.replicas;
    changed->conditions.push_back(resolution.ready);
    result.push_back(std::move(changed));
  }
  return result;
}

}  // namespace app

#include "kube/known_object.h"

#include <memory>

#include "base/text.h"
#include "k8s/codec.h"
#include "k8s/pod.h"

namespace kube {

KnownObject::KnownObject(const k8s::ObjectPtr& object) {
  if (object->kind != k8s::Kind::kPod) {
    object_ = object;
    return;
  }
  uid_ = object->meta.uid;
  version_ = object->meta.resource_version;
  node_name_ = k8s::as<k8s::Pod>(*object).spec.node_name;
}

bool KnownObject::is_same_object(const k8s::Object& other) const {
  return (object_ == nullptr ? uid_ : object_->meta.uid) == other.meta.uid;
}

bool KnownObject::is_same_version(const k8s::Object& other) const {
  return (object_ == nullptr ? version_ : object_->meta.resource_version) ==
         other.meta.resource_version;
}

k8s::ObjectPtr KnownObject::last_seen(const std::string& key) const {
  if (object_ != nullptr) {
    return object_;
  }
  const auto [namespace_, name] = base::split_once(key, '/');
  auto pod = std::make_shared<k8s::Pod>();
  pod->meta.namespace_ = namespace_;
  pod->meta.name = name.value_or("");
  pod->meta.uid = uid_;
  pod->meta.resource_version = version_;
  pod->spec.node_name = node_name_;
  return pod;
}

std::string known_key(const k8s::Object& object) {
  return base::concat(object.meta.namespace_, "/", object.meta.name);
}

}  // namespace kube

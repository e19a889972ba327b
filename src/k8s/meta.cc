#include "k8s/meta.h"

#include <algorithm>

namespace k8s {
namespace {

const std::string* find_in(const StringMap& map, std::string_view key) {
  const auto it = map.find(key);
  return it == map.end() ? nullptr : &it->second;
}

}  // namespace

const std::string* ObjectMeta::label(std::string_view key) const {
  return find_in(labels, key);
}

const std::string* ObjectMeta::annotation(std::string_view key) const {
  return find_in(annotations, key);
}

bool ObjectMeta::has_finalizer(std::string_view finalizer) const {
  return std::ranges::find(finalizers, finalizer) != finalizers.end();
}

const OwnerReference* ObjectMeta::controller() const {
  const auto it = std::ranges::find_if(owners, &OwnerReference::controller);
  return it == owners.end() ? nullptr : &*it;
}

}  // namespace k8s

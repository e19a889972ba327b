// What a watch remembers of an object that it has told of, to find differences after a gap, and to
// say which object is gone. Of most kinds that is the object itself, which others hold too. Pods
// come in hundreds of thousands, and the world keeps them in another form: of a pod only what a
// goodbye needs is kept, about 200 bytes.
#pragma once

#include <string>

#include "k8s/meta.h"

namespace kube {

class KnownObject {
 public:
  explicit KnownObject(const k8s::ObjectPtr& object);

  bool is_same_object(const k8s::Object& other) const;
  // REQUIRES: is_same_object(other).
  bool is_same_version(const k8s::Object& other) const;

  // The object as it was last seen; a pod has its names, its uid and its node only. `key` is
  // known_key() of the object.
  k8s::ObjectPtr last_seen(const std::string& key) const;

 private:
  k8s::ObjectPtr object_;  // Null: a pod.
  std::string uid_;        // Pods only, as the next two.
  std::string node_name_;
  std::string version_;
};

// "namespace/name".
std::string known_key(const k8s::Object& object);

}  // namespace kube

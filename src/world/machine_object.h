// A Node or a NodeClaim as a row of the snapshot holds it: the object, and those of its labels that
// every look at the cluster asks of every machine, looked up once per version of the object.
//
// Reads like a std::shared_ptr<const T>. Thread rule: a plain value; the object is immutable, so
// that what points into it holds as long as it is held.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "k8s/string_map.h"

namespace world {

// nullptr: the label is absent.
struct MachineLabels {
  const std::string* pool = nullptr;
  const std::string* instance_type = nullptr;
  const std::string* zone = nullptr;
  const std::string* capacity_type = nullptr;
  bool says_registered = false;
  bool says_initialized = false;
  bool says_do_not_disrupt = false;  // An annotation.
};

// Points into `labels`.
MachineLabels machine_labels(const k8s::StringMap& labels, const k8s::StringMap& annotations);

template <typename T>
class MachineObject {
 public:
  MachineObject() = default;

  MachineObject(std::nullptr_t) {}  // NOLINT(google-explicit-constructor): as shared_ptr.

  template <std::convertible_to<std::shared_ptr<const T>> Ptr>
  MachineObject(Ptr object)  // NOLINT(google-explicit-constructor): as shared_ptr.
      : object_(std::move(object)) {
    if (object_ != nullptr) {
      labels_ = machine_labels(object_->meta.labels, object_->meta.annotations);
    }
  }

  const T& operator*() const { return *object_; }

  const T* operator->() const { return object_.get(); }

  const T* get() const { return object_.get(); }

  explicit operator bool() const { return object_ != nullptr; }

  const std::shared_ptr<const T>& share() const { return object_; }

  operator const std::shared_ptr<const T>&() const {  // NOLINT(google-explicit-constructor)
    return object_;
  }

  const MachineLabels& labels() const { return labels_; }

  friend bool operator==(const MachineObject& a, const MachineObject& b) {
    return a.object_ == b.object_;
  }

  friend bool operator==(const MachineObject& a, std::nullptr_t) { return a.object_ == nullptr; }

 private:
  std::shared_ptr<const T> object_;
  MachineLabels labels_;
};

}  // namespace world

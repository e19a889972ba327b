#include "sim/cluster/mirror.h"

#include <algorithm>
#include <charconv>

#include "base/assert.h"
#include "k8s/pod.h"

namespace sim {

namespace {

// The embedded server's versions are numbers; anything else counts as old.
std::uint64_t version_of(const k8s::Object& object) {
  const std::string& text = object.meta.resource_version;
  std::uint64_t version = 0;
  std::from_chars(text.data(), text.data() + text.size(), version);
  return version;
}

const std::string& node_of(const k8s::Object& object) {
  static const std::string kNone;
  return object.kind == k8s::Kind::kPod ? k8s::as<k8s::Pod>(object).spec.node_name : kNone;
}

bool is_indexed_alike(const k8s::Object& a, const k8s::Object& b) {
  return node_of(a) == node_of(b) && std::ranges::equal(a.meta.owners,
                                                        b.meta.owners,
                                                        {},
                                                        &k8s::OwnerReference::uid,
                                                        &k8s::OwnerReference::uid);
}

}  // namespace

k8s::ObjectKey key_of(const k8s::Object& object) {
  return {.kind = object.kind, .namespace_ = object.meta.namespace_, .name = object.meta.name};
}

Mirror::Mirror(k8s::KubeApi& api, Env& env, std::span<const k8s::Kind> kinds)
    : api_(api), env_(env), kinds_(kinds.begin(), kinds.end()) {
  for (const k8s::Kind kind : kinds_) {
    objects_[kind];
  }
}

void Mirror::listen(k8s::Kind kind, Listener listener) {
  ASSERT(knows(kind));
  listeners_[kind].push_back(std::move(listener));
}

void Mirror::listen_all(Listener listener) {
  all_listeners_.push_back(std::move(listener));
}

void Mirror::start() {
  for (const k8s::Kind kind : kinds_) {
    api_.subscribe(kind, env_.guard([this](const k8s::ObjectEvent& event) { apply(event); }));
  }
}

bool Mirror::knows(k8s::Kind kind) const {
  return objects_.contains(kind);
}

k8s::ObjectPtr Mirror::find(const k8s::ObjectKey& key) const {
  const Objects& objects = of(key.kind);
  const auto found = objects.find(key);
  return found == objects.end() ? nullptr : found->second;
}

const Mirror::Objects& Mirror::of(k8s::Kind kind) const {
  const auto found = objects_.find(kind);
  ASSERT(found != objects_.end());
  return found->second;
}

const Mirror::Objects& Mirror::owned_by(const std::string& uid) const {
  return lookup(by_owner_, uid);
}

const Mirror::Objects& Mirror::pods_on(const std::string& node) const {
  return lookup(by_node_, node);
}

const Mirror::Objects& Mirror::lookup(const Index& index, const std::string& key) {
  static const Objects kNone;
  const auto found = index.find(key);
  return found == index.end() ? kNone : found->second;
}

void Mirror::learn(const k8s::ObjectPtr& object) {
  if (knows(object->kind)) {
    put(object);
  }
}

void Mirror::forget(const k8s::ObjectKey& key, const std::string& uid) {
  const k8s::ObjectPtr known = knows(key.kind) ? find(key) : nullptr;
  if (known != nullptr && (uid.empty() || known->meta.uid == uid)) {
    gone_uids_.insert(known->meta.uid);
    erase(key);
  }
}

void Mirror::apply(const k8s::ObjectEvent& event) {
  switch (event.op) {
    case k8s::EventOp::kAdded:
    case k8s::EventOp::kModified:
      put(event.object);
      return;
    case k8s::EventOp::kDeleted: {
      const k8s::ObjectKey key = key_of(*event.object);
      gone_uids_.erase(event.object->meta.uid);
      const k8s::ObjectPtr known = find(key);
      // The name may have been taken again before we heard of the end of its former holder.
      if (known != nullptr && known->meta.uid == event.object->meta.uid) {
        erase(key);
      }
      return;
    }
    case k8s::EventOp::kSynced:
      synced_.insert(event.kind);
      if (is_synced()) {
        for (const auto& task : std::exchange(synced_tasks_, {})) {
          task();
        }
      }
      return;
  }
}

void Mirror::put(const k8s::ObjectPtr& object) {
  if (gone_uids_.contains(object->meta.uid)) {
    return;
  }
  const k8s::ObjectKey key = key_of(*object);
  k8s::ObjectPtr& slot = objects_[key.kind][key];
  if (slot != nullptr && version_of(*object) <= version_of(*slot)) {
    return;
  }
  const k8s::ObjectPtr before = std::exchange(slot, object);
  if (before != nullptr && !is_indexed_alike(*before, *object)) {
    index(key, *before, nullptr);
  }
  index(key, *object, object);
  tell(key, before, object);
}

void Mirror::erase(const k8s::ObjectKey& key) {
  Objects& objects = objects_[key.kind];
  const auto found = objects.find(key);
  const k8s::ObjectPtr before = found->second;
  objects.erase(found);
  index(key, *before, nullptr);
  tell(key, before, nullptr);
}

void Mirror::index(const k8s::ObjectKey& key,
                   const k8s::Object& object,
                   const k8s::ObjectPtr& now) {
  const auto change = [&](Index& index, const std::string& value) {
    if (now != nullptr) {
      index[value].insert_or_assign(key, now);
      return;
    }
    const auto found = index.find(value);
    if (found != index.end()) {
      found->second.erase(key);
      if (found->second.empty()) {
        index.erase(found);
      }
    }
  };
  for (const k8s::OwnerReference& owner : object.meta.owners) {
    change(by_owner_, owner.uid);
  }
  if (const std::string& node = node_of(object); !node.empty()) {
    change(by_node_, node);
  }
}

void Mirror::tell(const k8s::ObjectKey& key,
                  const k8s::ObjectPtr& before,
                  const k8s::ObjectPtr& now) {
  for (const Listener& listener : listeners_[key.kind]) {
    listener(key, before, now);
  }
  for (const Listener& listener : all_listeners_) {
    listener(key, before, now);
  }
}

}  // namespace sim

// The cluster controllers' view of the API server: every object of the kinds they care about, kept
// current by one subscription per kind, with the indexes that they share. Answers of their own
// writes are learned at once, so that a controller never acts twice for want of an echo.
//
// Ordered by kind, namespace and name, so that iterating it is deterministic. Thread rule: loop
// thread.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "k8s/codec.h"
#include "k8s/kube_api.h"
#include "sim/cloud/env.h"

namespace sim {

class Mirror {
 public:
  // `before` or `now` is null when the object was made or has gone. Called after the mirror and its
  // indexes have changed.
  using Listener = std::function<void(
      const k8s::ObjectKey& key, const k8s::ObjectPtr& before, const k8s::ObjectPtr& now)>;
  using Objects = std::map<k8s::ObjectKey, k8s::ObjectPtr>;

  Mirror(k8s::KubeApi& api, Env& env, std::span<const k8s::Kind> kinds);

  // All listeners must be there before start().
  void listen(k8s::Kind kind, Listener listener);
  void listen_all(Listener listener);
  void start();

  // Whether the first lists of all kinds have arrived: before that nobody may conclude from
  // absence.
  bool is_synced() const { return synced_.size() == kinds_.size(); }

  void on_synced(std::function<void()> task) { synced_tasks_.push_back(std::move(task)); }

  bool knows(k8s::Kind kind) const;

  k8s::ObjectPtr find(const k8s::ObjectKey& key) const;

  template <typename T>
  std::shared_ptr<const T> find_as(const k8s::ObjectKey& key) const {
    return std::static_pointer_cast<const T>(find(key));
  }

  // In order of namespace and name.
  const Objects& of(k8s::Kind kind) const;

  // Objects that name the uid in an owner reference.
  const Objects& owned_by(const std::string& uid) const;
  // Pods whose spec.nodeName it is.
  const Objects& pods_on(const std::string& node) const;

  // The answer of a write: never replaces something newer.
  void learn(const k8s::ObjectPtr& object);
  void forget(const k8s::ObjectKey& key, const std::string& uid);

 private:
  using Index = std::unordered_map<std::string, Objects>;

  static const Objects& lookup(const Index& index, const std::string& key);

  void apply(const k8s::ObjectEvent& event);
  void put(const k8s::ObjectPtr& object);
  void erase(const k8s::ObjectKey& key);
  // Where the object stands in the indexes: nullptr takes it out.
  void index(const k8s::ObjectKey& key, const k8s::Object& object, const k8s::ObjectPtr& now);
  void tell(const k8s::ObjectKey& key, const k8s::ObjectPtr& before, const k8s::ObjectPtr& now);

  k8s::KubeApi& api_;
  Env& env_;
  std::vector<k8s::Kind> kinds_;
  std::set<k8s::Kind> synced_;
  std::map<k8s::Kind, Objects> objects_;
  Index by_owner_;
  Index by_node_;
  // Deleted by us, the watch has not said so yet: echoes of its life must not revive it.
  std::unordered_set<std::string> gone_uids_;
  std::map<k8s::Kind, std::vector<Listener>> listeners_;
  std::vector<Listener> all_listeners_;
  std::vector<std::function<void()>> synced_tasks_;
};

k8s::ObjectKey key_of(const k8s::Object& object);

}  // namespace sim

#include "sim/cluster/garbage.h"

#include <algorithm>

#include <boost/json.hpp>

#include "k8s/kinds.h"

namespace sim {

namespace {

constexpr std::string_view kForeground = "foregroundDeletion";

std::optional<k8s::ObjectKey> owner_key(const k8s::Object& object,
                                        const k8s::OwnerReference& owner) {
  const std::optional<k8s::Kind> kind = k8s::find_kind(owner.api_version, owner.kind);
  if (!kind) {
    return std::nullopt;
  }
  return k8s::ObjectKey{
      .kind = *kind,
      .namespace_ = k8s::facts(*kind).is_namespaced ? object.meta.namespace_ : std::string(),
      .name = owner.name};
}

std::string finalizers_body(std::vector<std::string> finalizers) {
  std::erase(finalizers, kForeground);
  return boost::json::serialize(
      boost::json::object{{"metadata", {{"finalizers", boost::json::value_from(finalizers)}}}});
}

}  // namespace

GarbageCollector::GarbageCollector(Client& client)
    : client_(client),
      queue_(client, [this](const auto& key) { reconcile(key); }, WorkQueue::Start::kWhenSynced) {
  client_.mirror().listen_all([this](const auto& key, const auto& before, const auto& now) {
    if (now == nullptr) {
      for (const auto& [dependent, object] : client_.mirror().owned_by(before->meta.uid)) {
        queue_.add(dependent);
      }
      // An owner in foreground deletion may have waited for this one.
      for (const k8s::OwnerReference& owner : before->meta.owners) {
        if (const auto found = owner_key(*before, owner);
            found && client_.mirror().knows(found->kind)) {
          queue_.add(*found);
        }
      }
    } else if (before == nullptr ? !now->meta.owners.empty() || now->meta.is_deleting()
                                 : now->meta.has_finalizer(kForeground)) {
      queue_.add(key);
    }
  });
}

void GarbageCollector::reconcile(const k8s::ObjectKey& key) {
  const k8s::ObjectPtr object = client_.mirror().find(key);
  if (object == nullptr) {
    return;
  }
  if (object->meta.is_deleting()) {
    if (object->meta.has_finalizer(kForeground)) {
      finish_foreground(key, *object);
    }
    return;
  }
  check_owners(key, *object);
}

void GarbageCollector::finish_foreground(const k8s::ObjectKey& key, const k8s::Object& owner) {
  bool is_blocked = false;
  for (const auto& [dependent_key, dependent] : client_.mirror().owned_by(owner.meta.uid)) {
    is_blocked =
        is_blocked || std::ranges::any_of(dependent->meta.owners, [&](const auto& reference) {
          return reference.uid == owner.meta.uid && reference.block_owner_deletion;
        });
    if (!dependent->meta.is_deleting()) {
      queue_.write(key, delete_request(*dependent));
    }
  }
  if (!is_blocked) {
    queue_.write(key, merge_patch(key, finalizers_body(owner.meta.finalizers)));
  }
}

void GarbageCollector::check_owners(const k8s::ObjectKey& key, const k8s::Object& object) {
  if (object.meta.owners.empty() || std::ranges::any_of(object.meta.owners, [&](const auto& owner) {
        return is_known(object, owner);
      })) {
    return;
  }
  verify(key, client_.mirror().find(key), 0);
}

void GarbageCollector::verify(const k8s::ObjectKey& key,
                              const k8s::ObjectPtr& object,
                              std::size_t owner) {
  if (owner == object->meta.owners.size()) {
    const k8s::ObjectPtr now = client_.mirror().find(key);
    if (now != nullptr && now->meta.uid == object->meta.uid && !now->meta.is_deleting()) {
      queue_.write(key, delete_request(*now));
    }
    return;
  }
  const k8s::OwnerReference& reference = object->meta.owners[owner];
  const auto found = owner_key(*object, reference);
  if (!found) {
    return;  // A kind that we do not know: it may well exist.
  }
  client_.get(*found, [this, key, object, owner, uid = reference.uid](const auto& answer) {
    if (answer ? (*answer)->meta.uid == uid : answer.error().code != base::ErrorCode::kNotFound) {
      return;
    }
    verify(key, object, owner + 1);
  });
}

bool GarbageCollector::is_known(const k8s::Object& object, const k8s::OwnerReference& owner) const {
  const auto key = owner_key(object, owner);
  if (!key) {
    return true;
  }
  if (!client_.mirror().knows(key->kind)) {
    return false;
  }
  const k8s::ObjectPtr found = client_.mirror().find(*key);
  return found != nullptr && found->meta.uid == owner.uid;
}

}  // namespace sim

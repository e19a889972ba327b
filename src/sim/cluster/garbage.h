// The garbage collector: an object all of whose owners are gone is deleted, whatever its kind.
// Owners that wait in foreground deletion are let go once nothing is left that blocks them.
//
// An owner that our view does not show is looked up at the server before its dependents die.
// Thread rule: loop thread.
#pragma once

#include <string>
#include <vector>

#include "sim/cluster/work_queue.h"

namespace sim {

class GarbageCollector {
 public:
  explicit GarbageCollector(Client& client);

 private:
  void reconcile(const k8s::ObjectKey& key);
  void finish_foreground(const k8s::ObjectKey& key, const k8s::Object& owner);
  void check_owners(const k8s::ObjectKey& key, const k8s::Object& object);
  // Looks at the owners from the given one on; deletes when none of them exists.
  void verify(const k8s::ObjectKey& key, const k8s::ObjectPtr& object, std::size_t owner);
  bool is_known(const k8s::Object& object, const k8s::OwnerReference& owner) const;

  Client& client_;
  WorkQueue queue_;
};

}  // namespace sim

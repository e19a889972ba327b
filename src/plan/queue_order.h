// The order in which pods ask for a place (SCH-139): larger ones first, then older ones, then by
// name. What-ifs merge the pods that they move into those that wait anyway, which are put in order
// once.
//
// Thread rule: borrows what it is made of; const.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plan/pod_class.h"
#include "world/snapshot.h"

namespace plan {

struct QueueKey {
  bool is_virtual = false;  // SCH-282, improved: room to spare never takes a pod's place.
  Amount cpu = 0;
  Amount memory = 0;
  k8s::TimeNs created = 0;
  std::uint64_t uid_head = 0;  // Mostly decides between equals.
  const world::PodRow* row = nullptr;
  world::PodId pod = 0;
};

class QueueOrder {
 public:
  using Queue = std::vector<QueueKey>;

  QueueOrder(const world::Snapshot& snapshot,
             const PodClasses& classes,
             const std::vector<std::uint32_t>& class_of_pod)
      : snapshot_(snapshot), classes_(classes), class_of_pod_(class_of_pod) {}

  Queue sorted(std::span<const world::PodId> pods) const;

 private:
  const world::Snapshot& snapshot_;
  const PodClasses& classes_;
  const std::vector<std::uint32_t>& class_of_pod_;
};

// Of two queues, and of one.
std::vector<world::PodId> merged(const QueueOrder::Queue& a, const QueueOrder::Queue& b);
std::vector<world::PodId> pods_of(const QueueOrder::Queue& queue);

}  // namespace plan

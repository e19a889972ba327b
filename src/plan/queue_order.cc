#include "plan/queue_order.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "plan/buffers.h"

namespace plan {
namespace {

bool precedes(const QueueKey& a, const QueueKey& b) {
  if (a.is_virtual != b.is_virtual) {
    return b.is_virtual;
  }
  if (a.cpu != b.cpu) {
    return a.cpu > b.cpu;
  }
  if (a.memory != b.memory) {
    return a.memory > b.memory;
  }
  if (a.created != b.created) {
    return a.created < b.created;
  }
  if (a.uid_head != b.uid_head) {
    return a.uid_head < b.uid_head;
  }
  const k8s::ObjectMeta& left = a.row->pod->meta;
  const k8s::ObjectMeta& right = b.row->pod->meta;
  return std::tie(left.uid, left.namespace_, left.name) <
         std::tie(right.uid, right.namespace_, right.name);
}

}  // namespace

QueueOrder::Queue QueueOrder::sorted(std::span<const world::PodId> pods) const {
  Queue queue;
  queue.reserve(pods.size());
  for (const world::PodId pod : pods) {
    const PodClass& pod_class = classes_.classes()[class_of_pod_[pod]];
    const world::PodRow& row = snapshot_.pods[pod];
    queue.push_back({.is_virtual = is_virtual(*pod_class.shape),
                     .cpu = pod_class.demand[0],
                     .memory = pod_class.demand[1],
                     .created = row.traits.created,
                     .uid_head = row.traits.uid_head,
                     .row = &row,
                     .pod = pod});
  }
  std::ranges::sort(queue, precedes);
  return queue;
}

std::vector<world::PodId> merged(const QueueOrder::Queue& a, const QueueOrder::Queue& b) {
  QueueOrder::Queue both;
  both.reserve(a.size() + b.size());
  std::ranges::merge(a, b, std::back_inserter(both), precedes);
  return pods_of(both);
}

std::vector<world::PodId> pods_of(const QueueOrder::Queue& queue) {
  std::vector<world::PodId> pods(queue.size());
  std::ranges::transform(queue, pods.begin(), &QueueKey::pod);
  return pods;
}

}  // namespace plan

#include "plan/queue_order.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <tuple>

#include "plan/buffers.h"

namespace plan {
namespace {

// Compares as the letters do.
std::uint64_t head_of(std::string_view text) {
  std::uint64_t head = 0;
  for (std::size_t i = 0; i < sizeof head; ++i) {
    head = head << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0u);
  }
  return head;
}

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
  return std::tie(a.meta->uid, a.meta->namespace_, a.meta->name) <
         std::tie(b.meta->uid, b.meta->namespace_, b.meta->name);
}

}  // namespace

QueueOrder::Queue QueueOrder::sorted(std::span<const world::PodId> pods) const {
  Queue queue;
  queue.reserve(pods.size());
  for (const world::PodId pod : pods) {
    const PodClass& pod_class = classes_.classes()[class_of_pod_[pod]];
    const k8s::ObjectMeta& meta = snapshot_.pods[pod].pod->meta;
    queue.push_back({.is_virtual = is_virtual(*pod_class.shape),
                     .cpu = pod_class.demand[0],
                     .memory = pod_class.demand[1],
                     .created = meta.creation_time,
                     .uid_head = head_of(meta.uid),
                     .meta = &meta,
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

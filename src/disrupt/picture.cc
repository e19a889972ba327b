#include "disrupt/picture.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "disrupt/candidate.h"
#include "k8s/cron.h"
#include "k8s/time.h"
#include "world/pods.h"

namespace disrupt {

namespace {

constexpr k8s::TimeNs kNever = std::numeric_limits<k8s::TimeNs>::max();

template <typename T>
bool is_same_list(const world::SharedList<T>& a, const world::SharedList<T>& b) {
  return std::ranges::equal(a, b);
}

std::string_view status_of(const std::vector<k8s::Condition>& conditions, std::string_view type) {
  const k8s::Condition* found = k8s::find_condition(conditions, type);
  return found == nullptr ? std::string_view() : std::string_view(found->status);
}

bool is_same_pool(const world::PoolRow& a, const world::PoolRow& b) {
  return a.pool->meta.generation == b.pool->meta.generation &&
         a.pool->meta.uid == b.pool->meta.uid &&
         a.pool->meta.is_deleting() == b.pool->meta.is_deleting() && a.catalogue == b.catalogue &&
         a.unready_reason == b.unready_reason && a.usage == b.usage;
}

bool is_same_node(const k8s::Node& a, const k8s::Node& b) {
  return a.meta.labels == b.meta.labels && a.meta.annotations == b.meta.annotations &&
         std::ranges::equal(a.taints,
                            b.taints,
                            [](const k8s::Taint& x, const k8s::Taint& y) {
                              return world::same_taint(x, y) && x.value == y.value;
                            }) &&
         a.status.allocatable == b.status.allocatable && a.status.capacity == b.status.capacity &&
         a.provider_id == b.provider_id &&
         status_of(a.status.conditions, "Ready") == status_of(b.status.conditions, "Ready");
}

// Conditions of a NodeClaim that decide something here.
constexpr std::array<std::string_view, 4> kDeciding{
    "Initialized", "Consolidatable", "Drifted", "InstanceTerminating"};

bool is_same_claim(const k8s::NodeClaim& a, const k8s::NodeClaim& b) {
  return a.meta.labels == b.meta.labels && a.meta.annotations == b.meta.annotations &&
         a.status.last_pod_event == b.status.last_pod_event &&
         a.status.provider_id == b.status.provider_id &&
         a.spec.termination_grace_period == b.spec.termination_grace_period &&
         std::ranges::all_of(kDeciding, [&](std::string_view type) {
           return status_of(a.status.conditions, type) == status_of(b.status.conditions, type);
         });
}

template <typename T, typename Same>
bool is_same_object(const std::shared_ptr<T>& a, const std::shared_ptr<T>& b, Same&& same) {
  return a == b || (a != nullptr && b != nullptr && same(*a, *b));
}

bool is_same_row(const world::NodeRow& a, const world::NodeRow& b) {
  return is_same_object(a.node.share(), b.node.share(), is_same_node) &&
         is_same_object(a.claim.share(), b.claim.share(), is_same_claim) && a.pods == b.pods &&
         a.marked_for_deletion == b.marked_for_deletion && a.nominated_until == b.nominated_until;
}

bool is_same_pod(const world::PodRow& a, const world::PodRow& b) {
  const auto is_same = [](const k8s::Pod& x, const k8s::Pod& y) {
    return x.meta.uid == y.meta.uid && x.meta.annotations == y.meta.annotations &&
           x.meta.deletion_time == y.meta.deletion_time && x.spec.node_name == y.spec.node_name &&
           x.status.phase == y.status.phase && x.status.start_time == y.status.start_time &&
           x.status.nominated_node_name == y.status.nominated_node_name &&
           status_of(x.status.conditions, "Ready") == status_of(y.status.conditions, "Ready") &&
           status_of(x.status.conditions, "PodScheduled") ==
               status_of(y.status.conditions, "PodScheduled");
  };
  return a.shape == b.shape && is_same_object(a.pod, b.pod, is_same);
}

template <typename Row, typename Same>
bool is_same_table(const world::Table<Row>& a, const world::Table<Row>& b, Same&& same) {
  if (a.end_id() != b.end_id()) {
    return false;
  }
  for (typename world::Table<Row>::Id id = 0; id < a.end_id(); ++id) {
    const Row* x = a.find(id);
    const Row* y = b.find(id);
    if (x != y && (x == nullptr || y == nullptr || !same(*x, *y))) {
      return false;
    }
  }
  return true;
}

// When the budget's answer may differ next: the next hit, or the end of a window that is open.
k8s::TimeNs next_edge(const k8s::Budget& budget, k8s::TimeNs now) {
  if (!budget.schedule) {
    return kNever;
  }
  const auto cron = k8s::Cron::parse(*budget.schedule);
  if (!cron) {
    return kNever;
  }
  const k8s::DurationNs length = budget.duration.value_or(0);
  k8s::TimeNs edge = cron->next(now).value_or(kNever);
  if (const auto hit = cron->next(now - length); hit && *hit <= now) {
    edge = std::min(edge, *hit + length);
  }
  return edge;
}

}  // namespace

bool is_same_picture(const world::Snapshot& before, const world::Snapshot& after) {
  return is_same_table(before.nodes, after.nodes, is_same_row) &&
         is_same_table(before.pods, after.pods, is_same_pod) &&
         std::ranges::equal(before.pools,
                            after.pools,
                            [](const auto& a, const auto& b) { return is_same_pool(*a, *b); }) &&
         is_same_list(before.budgets, after.budgets) &&
         is_same_list(before.daemon_pods, after.daemon_pods) &&
         is_same_list(before.volume_claims, after.volume_claims) &&
         is_same_list(before.volumes, after.volumes) &&
         is_same_list(before.storage_classes, after.storage_classes) &&
         is_same_list(before.csi_nodes, after.csi_nodes) &&
         is_same_list(before.namespaces, after.namespaces) &&
         is_same_list(before.services, after.services) &&
         is_same_list(before.resource_claims, after.resource_claims) &&
         is_same_list(before.resource_slices, after.resource_slices) &&
         is_same_list(before.device_classes, after.device_classes) &&
         is_same_list(before.capacity_buffers, after.capacity_buffers);
}

k8s::TimeNs next_change(const world::Snapshot& snapshot) {
  k8s::TimeNs next = kNever;
  const auto consider = [&](k8s::TimeNs at) {
    if (at > snapshot.now) {
      next = std::min(next, at);
    }
  };
  for (const auto& row : snapshot.pools) {
    for (const k8s::Budget& budget : row->pool->disruption.budgets) {
      consider(next_edge(budget, snapshot.now));
    }
  }
  snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    consider(row.nominated_until);
    const auto pool = row.claim == nullptr ? nullptr : world::find_pool(snapshot, row.pool());
    if (pool != nullptr && pool->pool->disruption.consolidate_after) {
      const k8s::Condition* initialized =
          k8s::find_condition(row.claim->status.conditions, "Initialized");
      const k8s::TimeNs since = row.claim->status.last_pod_event != 0
                                    ? row.claim->status.last_pod_event
                                    : (initialized == nullptr ? 0 : initialized->last_transition);
      consider(since + *pool->pool->disruption.consolidate_after);
    }
  });
  snapshot.pods.for_each([&](world::PodId, const world::PodRow& row) {
    if (row.traits.has_do_not_disrupt) {
      consider(world::do_not_disrupt(*row.pod, snapshot.now).until.value_or(0));
    }
  });
  return next;
}

}  // namespace disrupt

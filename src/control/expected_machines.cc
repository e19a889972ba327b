#include "control/expected_machines.h"

#include <algorithm>

namespace control {

namespace {

bool has_room(const world::NodeRow& row, const k8s::Resources& wanted) {
  const k8s::Resources allocatable = row.allocatable();
  return std::ranges::all_of(wanted, [&](const auto& one) {
    return row.pod_requests.get(one.first) + one.second <= allocatable.get(one.first);
  });
}

// Once it is ready and has no room, others have taken the place. With room it is somebody's taint
// or label that keeps the pod out: one machine per retry is enough to find that out.
bool is_coming(const View& view, const std::string& claim, const k8s::Resources& wanted) {
  const auto id = view.world.find_claim(claim);
  if (!id) {
    return view.world.has_intent(world::IntentKind::kCreatedClaim, claim);
  }
  const world::NodeRow& row = view.snapshot.nodes[*id];
  return !row.is_deleting() && (!row.is_initialized() || has_room(row, wanted));
}

}  // namespace

void ExpectedMachines::expect(const k8s::Pod& pod, const std::string& claim, k8s::TimeNs until) {
  by_pod_.insert_or_assign(pod.meta.uid, Expected{.claim = claim, .until = until});
}

std::optional<k8s::TimeNs> ExpectedMachines::find(const View& view, world::PodId pod) const {
  const world::PodRow& row = view.snapshot.pods[pod];
  const auto found = by_pod_.find(row.pod->meta.uid);
  if (found == by_pod_.end() || found->second.until <= view.now ||
      !is_coming(view, found->second.claim, row.shape->requests)) {
    return std::nullopt;
  }
  return found->second.until;
}

void ExpectedMachines::forget(k8s::TimeNs now) {
  std::erase_if(by_pod_, [now](const auto& one) { return one.second.until <= now; });
}

}  // namespace control

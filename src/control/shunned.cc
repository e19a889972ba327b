#include "control/shunned.h"

#include <algorithm>

namespace control {

namespace {

constexpr k8s::DurationNs kFresh = 5 * k8s::kMinute;
constexpr std::size_t kTolerated = 4;
constexpr k8s::DurationNs kPause = 2 * k8s::kSecond;
constexpr k8s::DurationNs kLongestPause = 10 * k8s::kSecond;

bool is_foreign(const k8s::Taint& taint, const k8s::NodeClaim& claim) {
  const auto is_same = [&](const k8s::Taint& own) {
    return own.key == taint.key && own.effect == taint.effect;
  };
  return taint.effect != "PreferNoSchedule" && !taint.key.starts_with("karpenter.sh/") &&
         !taint.key.starts_with("node.kubernetes.io/") &&
         std::ranges::none_of(claim.spec.taints, is_same) &&
         std::ranges::none_of(claim.spec.startup_taints, is_same);
}

}  // namespace

std::size_t count_shunned(const world::Snapshot& snapshot, std::string_view pool) {
  std::size_t count = 0;
  snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (row.claim == nullptr || row.node == nullptr || row.pool() != pool || row.is_deleting() ||
        !row.is_initialized() || snapshot.now - row.claim->meta.creation_time > kFresh ||
        row.pod_requests.get("pods") != row.daemon_requests.get("pods")) {
      return;
    }
    const bool is_shunned = std::ranges::any_of(
        row.node->taints, [&](const auto& taint) { return is_foreign(taint, *row.claim); });
    count += is_shunned ? 1U : 0U;
  });
  return count;
}

k8s::DurationNs purchase_pause(std::size_t shunned) {
  return shunned <= kTolerated
             ? 0
             : std::min(kLongestPause, kPause * static_cast<k8s::DurationNs>(shunned - kTolerated));
}

}  // namespace control

#include "control/disruption_metrics.h"

#include <algorithm>

#include "control/metrics.h"
#include "world/names.h"
#include "world/pods.h"

namespace control {

namespace {

std::string label_of(const k8s::NodeClaim& claim, std::string_view key) {
  const std::string* value = claim.meta.label(key);
  return value == nullptr ? std::string() : *value;
}

// DIS-183
std::string termination_mode(const k8s::NodeClaim& claim) {
  if (!claim.spec.termination_grace_period) {
    return "graceful";
  }
  return *claim.spec.termination_grace_period > 0 ? "eventual" : "forceful";
}

}  // namespace

std::string snake_case(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') {
      out += out.empty() ? "" : "_";
      out += static_cast<char>(c - 'A' + 'a');
    } else {
      out += c;
    }
  }
  return out;
}

std::size_t reschedulable_pods(const world::Snapshot& snapshot, const world::NodeRow& row) {
  return static_cast<std::size_t>(std::ranges::count_if(
      row.pods, [&](world::PodId id) { return world::is_reschedulable(*snapshot.pods[id].pod); }));
}

void count_disruption(act::Effect& effect,
                      const k8s::NodeClaim& claim,
                      const DisruptionCount& count) {
  const runtime::LabelValues labels{std::string(count.reason),
                                    label_of(claim, world::kPoolLabel),
                                    label_of(claim, world::kCapacityTypeLabel),
                                    snake_case(count.policy),
                                    termination_mode(claim)};
  effect.metrics.emplace_back(metric::kNodeClaimsDisrupted, labels);
  if (count.counts_pods) {
    effect.metrics.emplace_back(
        metric::kPodsDisruptionInitiated, labels, static_cast<double>(count.pods));
  }
}

}  // namespace control

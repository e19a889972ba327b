// How far the ReplicaSets of a Deployment may go in one step of a release, as Kubernetes documents
// it: never more pods than the wanted and maxSurge together, never fewer that are available than
// the wanted less maxUnavailable. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "k8s/kube_api.h"
#include "k8s/workload.h"

namespace sim {

// spec.strategy; the API's defaults.
struct Rollout {
  k8s::IntOrPercent max_surge{.value = 25, .is_percent = true};        // Rounded up.
  k8s::IntOrPercent max_unavailable{.value = 25, .is_percent = true};  // Rounded down.
  bool recreates = false;  // All old pods go before the first new one comes.
};

using RolloutOf = std::function<Rollout(const k8s::ObjectKey&)>;

// Of a total; percentages are rounded.
enum class Rounding : std::uint8_t { kUp, kDown };

std::int64_t resolve(const k8s::IntOrPercent& amount, std::int64_t total, Rounding rounding);

struct SetSize {
  std::int64_t replicas = 0;
  std::int64_t pods = 0;    // That still exist, leaving ones too.
  std::int64_t active = 0;  // Those that are neither leaving nor through.
  std::int64_t available = 0;
};

struct NextSizes {
  std::int64_t current = 0;
  std::vector<std::int64_t> old;  // As given.
};

// `old` is the oldest first.
NextSizes next_sizes(std::int64_t wanted,
                     const Rollout& rollout,
                     const SetSize& current,
                     const std::vector<SetSize>& old);

}  // namespace sim

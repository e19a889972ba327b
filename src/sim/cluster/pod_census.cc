#include "sim/cluster/pod_census.h"

#include "sim/cluster/pod_facts.h"

namespace sim {

PodCensus::PodCensus(Mirror& mirror) {
  mirror.listen(k8s::Kind::kPod, [this](const auto&, const auto& before, const auto& now) {
    if (before != nullptr) {
      count(k8s::as<k8s::Pod>(*before), -1);
    }
    if (now != nullptr) {
      count(k8s::as<k8s::Pod>(*now), 1);
    }
  });
}

PodCounts PodCensus::of(const std::string& uid) const {
  const auto found = by_controller_.find(uid);
  return found == by_controller_.end() ? PodCounts{} : found->second;
}

void PodCensus::count(const k8s::Pod& pod, std::int64_t sign) {
  const k8s::OwnerReference* controller = pod.meta.controller();
  if (controller == nullptr) {
    return;
  }
  const auto counts = by_controller_.try_emplace(controller->uid).first;
  counts->second.all += sign;
  counts->second.active += is_active(pod) ? sign : 0;
  counts->second.healthy += is_healthy(pod) ? sign : 0;
  if (counts->second.all == 0) {
    by_controller_.erase(counts);
  }
}

}  // namespace sim

#include "sim/cluster/ranking.h"

#include "sim/cluster/pod_facts.h"

namespace sim {

namespace {

std::int64_t preference_of(const k8s::Pod& pod, const k8s::Node& node) {
  std::int64_t weight = 0;
  for (const k8s::PreferredNodeTerm& term : pod.spec.node_affinity.preferred) {
    weight += matches(term.preference, node.meta.labels, node.meta.name) ? term.weight : 0;
  }
  return weight;
}

// 0 (idle) to 1 (full), the mean of cpu and memory with the pod on it.
double fullness(const NodeView& view, const k8s::Resources& requests) {
  double sum = 0;
  for (const char* name : {"cpu", "memory"}) {
    const double all = view.node->status.allocatable.get(name).as_double();
    sum += all > 0 ? (view.used.get(name) + requests.get(name)).as_double() / all : 1;
  }
  return sum / 2;
}

}  // namespace

Score score(const k8s::Pod& pod, const k8s::Resources& requests, const NodeView& view) {
  const bool is_disliked =
      find_untolerated(pod.spec.tolerations, view.node->taints, {"PreferNoSchedule"}) != nullptr;
  return {is_disliked, -preference_of(pod, *view.node), fullness(view, requests)};
}

void Ranking::catch_up(const PodFit& fit, const ClusterView& cluster) {
  cluster.for_changed_since(seen_, [&](const std::string& name, const NodeView* view) {
    drop(name);
    if (view == nullptr) {
      return;
    }
    Standing standing{.score = {}, .refusal = fit.refusal(*view)};
    if (standing.refusal.empty()) {
      standing.score = score(fit.pod(), fit.requests(), *view);
      good_.emplace(standing.score, name);
    } else {
      ++refusals_[standing.refusal];
    }
    standings_.emplace(name, std::move(standing));
  });
  seen_ = cluster.version();
}

void Ranking::drop(const std::string& node) {
  const auto found = standings_.find(node);
  if (found == standings_.end()) {
    return;
  }
  if (found->second.refusal.empty()) {
    good_.erase({found->second.score, node});
  } else if (const auto count = refusals_.find(found->second.refusal); --count->second == 0) {
    refusals_.erase(count);
  }
  standings_.erase(found);
}

}  // namespace sim

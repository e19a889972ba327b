#include "sim/cluster/cluster_view.h"

#include <algorithm>

namespace sim {

namespace {

std::size_t repels(const Placement& placement) {
  return placement.pod->spec.pod_anti_affinity.required.empty() ? 0 : 1;
}

}  // namespace

void ClusterView::put(std::shared_ptr<const k8s::Node> node) {
  const std::string& name = node->meta.name;
  touch(name);
  const auto [slot, is_new] = nodes_.try_emplace(name);
  slot->second.node = std::move(node);
  if (is_new) {
    if (const auto known = by_node_.find(slot->first); known != by_node_.end()) {
      for (const auto& [uid, placement] : known->second) {
        slot->second.used.add(placement->requests);
        slot->second.pods.push_back(placement->pod);
      }
    }
  }
}

void ClusterView::remove(const std::string& node) {
  touch(node);
  nodes_.erase(node);
}

void ClusterView::place(const std::string& uid, Placement placement) {
  const auto known = placements_.find(uid);
  if (known != placements_.end() && known->second.node == placement.node &&
      known->second.requests == placement.requests) {
    // The pod's labels and state count, too, but only for those who look at pods.
    if (const auto view = nodes_.find(placement.node); view != nodes_.end()) {
      std::ranges::replace(view->second.pods, known->second.pod, placement.pod);
    }
    repelling_ += repels(placement) - repels(known->second);
    known->second.pod = std::move(placement.pod);
    return;
  }
  unplace(uid);
  const auto slot = placements_.emplace(uid, std::move(placement)).first;
  by_node_[slot->second.node].emplace(uid, &slot->second);
  count(slot->second);
}

void ClusterView::unplace(const std::string& uid) {
  const auto found = placements_.find(uid);
  if (found == placements_.end()) {
    return;
  }
  discount(found->second);
  const auto on_node = by_node_.find(found->second.node);
  on_node->second.erase(uid);
  if (on_node->second.empty()) {
    by_node_.erase(on_node);
  }
  placements_.erase(found);
}

void ClusterView::count(const Placement& placement) {
  repelling_ += repels(placement);
  if (const auto view = nodes_.find(placement.node); view != nodes_.end()) {
    touch(placement.node);
    view->second.used.add(placement.requests);
    view->second.pods.push_back(placement.pod);
  }
}

void ClusterView::discount(const Placement& placement) {
  repelling_ -= repels(placement);
  if (const auto view = nodes_.find(placement.node); view != nodes_.end()) {
    touch(placement.node);
    view->second.used.subtract(placement.requests);
    std::erase(view->second.pods, placement.pod);
  }
}

void ClusterView::for_changed_since(
    std::uint64_t version,
    const std::function<void(const std::string& name, const NodeView* view)>& visit) const {
  for (auto change = changes_.upper_bound(version); change != changes_.end(); ++change) {
    const auto view = nodes_.find(change->second);
    visit(change->second, view == nodes_.end() ? nullptr : &view->second);
  }
}

void ClusterView::touch(const std::string& node) {
  std::uint64_t& at = changed_at_[node];
  changes_.erase(at);
  at = ++version_;
  changes_.emplace(at, node);
}

}  // namespace sim

#include "plan/node_memory.h"

#include <algorithm>
#include <string>

#include <boost/unordered/unordered_flat_map.hpp>

#include "plan/plan_base.h"

namespace plan {
namespace {

bool has_anti_affinity(const world::Snapshot& snapshot, const world::NodeRow& row) {
  return std::ranges::any_of(row.pods, [&](world::PodId id) {
    return !snapshot.pods[id].shape->pod_anti_affinity.required.empty();
  });
}

// SCH-136: what the expected daemons ask beyond those that are there already, never negative.
k8s::Resources missing_daemons(const k8s::Resources& expected, const k8s::Resources& present) {
  k8s::Resources missing;
  for (const auto& [name, quantity] : expected) {
    const k8s::Quantity rest = quantity - present.get(name);
    if (rest > k8s::Quantity()) {
      missing.set(name, rest);
    }
  }
  return missing;
}

// Computes machines; equal labels and equal daemons are looked up.
class Computer {
 public:
  Computer(PlanBase& base, std::span<const model::Symbol> keys) : base_(base), keys_(keys) {}

  void compute(KnownNode& node) {
    const world::NodeRow& row = *node.row;
    const k8s::StringMap& labels = row.labels();
    const auto host = labels.find(cloud::label::kHostname);
    node.set = set_of(labels);
    node.host = base_.words().intern(host == labels.end() ? row.name() : host->second);
    node.taints = base_.taints().intern(row.taints());
    k8s::Resources available = row.allocatable();
    available.subtract(row.pod_requests);
    if (!base_.daemons().empty()) {
      available.subtract(missing_daemons(expected_daemons(node), row.daemon_requests));
    }
    node.remaining = base_.names().supply(available);
    node.is_overcommitted = has_negative(available);
    node.is_computed = true;
  }

 private:
  model::SetId set_of(const k8s::StringMap& labels) {
    model::Vocabulary& words = base_.words();
    fingerprint_.clear();
    known_.clear();
    for (const model::Symbol key : keys_) {
      const auto label = labels.find(words.text(key));
      if (label == labels.end()) {
        continue;
      }
      const model::Symbol value = words.intern(label->second);
      known_.emplace_back(key, value);
      const std::uint32_t pair[2] = {key.value(), value.value()};
      fingerprint_.append(reinterpret_cast<const char*>(pair), sizeof pair);
    }
    const auto [it, is_new] = sets_.try_emplace(fingerprint_);
    if (is_new) {
      std::vector<model::Requirement> requirements;
      for (const auto& [key, value] : known_) {
        requirements.push_back({.key = key, .values = {value}});
      }
      it->second = base_.sets().make(requirements);
    }
    return it->second;
  }

  const k8s::Resources& expected_daemons(const KnownNode& node) {
    const std::uint64_t key = std::uint64_t{node.taints.value()} << 32 | node.set.value();
    const auto [it, is_new] = expected_.try_emplace(key);
    if (is_new) {
      for (const Daemon& daemon : base_.daemons()) {
        const bool runs_here =
            base_.taints().tolerates(daemon.own_tolerations, node.taints) &&
            std::ranges::any_of(daemon.terms, [&](const NodeConstraint& term) {
              return base_.sets().combine(node.set, term.set, model::Undefined::kNone).is_valid();
            });
        if (runs_here) {
          it->second.add(daemon.shape.requests);
        }
      }
    }
    return it->second;
  }

  PlanBase& base_;
  std::span<const model::Symbol> keys_;
  std::string fingerprint_;
  std::vector<std::pair<model::Symbol, model::Symbol>> known_;
  boost::unordered_flat_map<std::string, model::SetId> sets_;          // By label values.
  boost::unordered_flat_map<std::uint64_t, k8s::Resources> expected_;  // By taints and set.
};

}  // namespace

void NodeMemory::follow(const world::Snapshot& snapshot) {
  bool is_changed = nodes_.size() > snapshot.nodes.end_id();
  nodes_.resize(snapshot.nodes.end_id());
  for (world::NodeId id = 0; id < nodes_.size(); ++id) {
    const world::NodeRow* row = snapshot.nodes.find(id);
    if (nodes_[id].row.get() == row) {
      continue;
    }
    is_changed = true;
    nodes_[id] = {};
    if (row != nullptr) {
      nodes_[id].row = snapshot.nodes.share(id);
      nodes_[id].has_anti_affinity = has_anti_affinity(snapshot, *row);
      nodes_[id].is_deleting = row->is_deleting();
      nodes_[id].pool = row->pool();
      nodes_[id].capacity = row->capacity();
    }
  }
  if (!is_changed) {
    return;
  }
  // What rows say of themselves is looked up in their labels: once each.
  std::vector<std::tuple<bool, std::string_view, world::NodeId>> places;
  for (world::NodeId id = 0; id < nodes_.size(); ++id) {
    if (const world::NodeRow* row = nodes_[id].row.get()) {
      places.emplace_back(!row->is_initialized(), row->name(), id);
    }
  }
  std::ranges::sort(places);
  order_.clear();
  for (const auto& [is_late, name, id] : places) {
    order_.push_back(id);
  }
}

// Whether there are new ones, so that all must be computed again.
bool NodeMemory::learn_questions(const PlanBase& base, std::span<const model::Symbol> keys) {
  std::vector<model::Symbol> all = keys_;
  all.insert(all.end(), keys.begin(), keys.end());
  std::ranges::sort(all);
  all.erase(std::ranges::unique(all).begin(), all.end());
  std::vector<std::shared_ptr<const k8s::Pod>> daemons;
  for (const Daemon& daemon : base.daemons()) {
    daemons.push_back(daemon.pod);
  }
  const bool is_new = all != keys_ || daemons != daemons_ || base.names().size() != resource_count_;
  keys_ = std::move(all);
  daemons_ = std::move(daemons);
  resource_count_ = base.names().size();
  return is_new;
}

void NodeMemory::ask(PlanBase& base, std::span<const model::Symbol> keys) {
  const bool is_all_stale = learn_questions(base, keys);
  Computer computer(base, keys_);
  for (KnownNode& node : nodes_) {
    if (node.row != nullptr && (is_all_stale || !node.is_computed)) {
      computer.compute(node);
    }
  }
}

}  // namespace plan

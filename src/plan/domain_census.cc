#include "plan/domain_census.h"

#include <algorithm>

namespace plan {
namespace {

bool is_same_universe(const GroupSpec& a, const GroupSpec& b) {
  return a.key == b.key && a.filter.tolerations == b.filter.tolerations &&
         a.filter.terms == b.filter.terms;
}

}  // namespace

DomainCensus::DomainCensus(PlanBase& base, Topology& topology) : base_(base), topology_(topology) {
  for (std::size_t i = 0; i < topology.size(); ++i) {
    const GroupId id(i);
    const TopologyGroup& group = topology.group(id);
    if (group.is_hostname) {
      continue;  // Every machine is its own domain; nobody lists them.
    }
    auto universe = std::ranges::find_if(universes_, [&](const Universe& known) {
      return is_same_universe(topology.group(known.example).spec, group.spec);
    });
    if (universe == universes_.end()) {
      universes_.push_back({.example = id, .groups = {}, .providers = {}});
      universe = universes_.end() - 1;
      for (const DomainCount& domain : group.domains) {
        ++universe->providers[domain.domain.value()];  // Of pools.
      }
      names_hosts_ |= std::ranges::any_of(group.spec.filter.terms,
                                          [](const auto& term) { return term.host.is_valid(); });
    }
    universe->groups.push_back(id);
  }
}

void DomainCensus::add(std::size_t node, const ExistingNode& added) {
  const Placing& place = added.place;
  std::uint64_t key = std::uint64_t{place.taints.value()} << 32 | place.set.value();
  if (names_hosts_) {
    key = node;
  }
  // A machine without a Node gives no domain.
  key = key << 1 | (added.row->node == nullptr ? 0U : 1U);
  const auto [it, is_new] = kind_ids_.try_emplace(key, static_cast<std::uint32_t>(kinds_.size()));
  if (is_new) {
    kinds_.emplace_back();
    for (std::uint32_t u = 0; u < universes_.size() && added.row->node != nullptr; ++u) {
      const GroupSpec& spec = topology_.group(universes_[u].example).spec;
      const model::Requirement* label = base_.sets().get(place.set, spec.key);
      if (label != nullptr && topology_.passes_filter(spec.filter, place)) {
        kinds_.back().emplace_back(u, label->values.front());
      }
    }
  }
  for (const auto& [universe, domain] : kinds_[it->second]) {
    ++universes_[universe].providers[domain.value()];
  }
  kind_of_node_.resize(std::max(kind_of_node_.size(), node + 1));
  kind_of_node_[node] = it->second;
}

void DomainCensus::remove(std::size_t node) {
  for (const Domain& one : kinds_[kind_of_node_[node]]) {
    const auto& [universe, domain] = one;
    removed_.push_back(one);
    if (--universes_[universe].providers[domain.value()] == 0) {
      for (const GroupId group : universes_[universe].groups) {
        topology_.drop_domain(group, domain);
      }
    }
  }
}

void DomainCensus::forget() {
  for (const auto& [universe, domain] : removed_) {
    ++universes_[universe].providers[domain.value()];
  }
  removed_.clear();
}

}  // namespace plan

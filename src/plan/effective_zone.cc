#include "plan/effective_zone.h"

#include <algorithm>
#include <optional>
#include <set>

namespace plan {
namespace {

using Zones = std::set<model::Symbol>;

// Listed zones; nullopt: the set names none.
std::optional<Zones> listed(const model::SetTable& sets, model::SetId set, model::Symbol key) {
  const model::Requirement* requirement = sets.get(set, key);
  if (requirement == nullptr || requirement->complement) {
    return std::nullopt;
  }
  return Zones(requirement->values.begin(), requirement->values.end());
}

void narrow(std::optional<Zones>& zones, Zones by) {
  if (!zones) {
    zones = std::move(by);
    return;
  }
  std::erase_if(*zones, [&](model::Symbol zone) { return !by.contains(zone); });
}

// Any of the alternatives; nullopt when one of them leaves the zone open.
std::optional<Zones> of_volumes(const model::SetTable& sets,
                                const std::vector<NodeConstraint>& alternatives,
                                model::Symbol key) {
  Zones all;
  for (const NodeConstraint& alternative : alternatives) {
    const auto zones = listed(sets, alternative.set, key);
    if (!zones) {
      return std::nullopt;
    }
    all.insert(zones->begin(), zones->end());
  }
  return all;
}

// What the pod's own hard groups over zones leave, as the cluster stands.
std::optional<Zones> of_groups(Topology& topology, const Variant& variant, model::Symbol key) {
  std::vector<OwnedGroup> hard;
  std::ranges::copy_if(variant.groups, std::back_inserter(hard), [&](const OwnedGroup& owned) {
    return !owned.is_soft && topology.group(owned.group).spec.key == key;
  });
  if (hard.empty()) {
    return std::nullopt;
  }
  const Placing anywhere{.set = variant.strict.set};
  const TopologyAnswer answer = topology.evaluate(anywhere, variant.strict, hard, {});
  Zones zones;
  for (const KeyChoice& choice : answer.choices) {
    zones.insert(choice.options.begin(), choice.options.end());
  }
  return zones;
}

std::string effective_zone(PlanBase& base, Topology& topology, const PodClass& pod_class) {
  const model::Symbol key = base.words().intern(cloud::label::kZone);
  const Variant& variant = pod_class.variants.front();
  std::optional<Zones> zones = listed(base.sets(), variant.strict.set, key);
  if (auto by_volumes = of_volumes(base.sets(), pod_class.volumes, key)) {
    narrow(zones, std::move(*by_volumes));
  }
  if (auto by_groups = of_groups(topology, variant, key)) {
    narrow(zones, std::move(*by_groups));
  }
  if (!zones || zones->size() > 1) {
    return "flexible";
  }
  return zones->empty() ? "none" : std::string(base.words().text(*zones->begin()));
}

}  // namespace

ZoneCounts count_effective_zones(PlanBase& base,
                                 Topology& topology,
                                 const PodClasses& classes,
                                 std::span<const world::PodId> pods,
                                 const std::vector<std::uint32_t>& class_of_pod) {
  std::vector<std::int64_t> pending(classes.classes().size());
  for (const world::PodId pod : pods) {
    if (base.snapshot().pods[pod].pod->status.phase == "Pending") {
      ++pending[class_of_pod[pod]];
    }
  }
  ZoneCounts counts;
  for (std::size_t i = 0; i < pending.size(); ++i) {
    if (pending[i] > 0) {
      counts[effective_zone(base, topology, classes.classes()[i])] += pending[i];
    }
  }
  return counts;
}

}  // namespace plan

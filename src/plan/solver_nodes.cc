// Existing nodes (spec 02 s6.6).
#include <algorithm>

#include "base/text.h"
#include "plan/solver.h"
#include "plan/solver_choices.h"

namespace plan {
bool Solver::exceeds_volume_limits(const PodClass& pod_class, const ExistingNode& node) const {
  for (const auto& [driver, limit] : node.volume_limits) {
    if (pod_class.drivers.contains(driver) &&
        count_attached(node.volumes, pod_class.drivers, driver) >
            static_cast<std::size_t>(std::max(limit, 0))) {
      return true;
    }
  }
  return false;
}

// SCH-150.
Verdict Solver::try_node(const Asking& asking, ExistingNode& node) {
  const PodClass& asked = asking.pod_class;
  const Variant& variant = asking.variant;
  model::SetTable& sets = base_.sets();
  const model::SetId own = sets.combine(node.place.set, variant.all.set, node.place.undefined);
  if (node.is_closed || !own.is_valid() || !fits(asked.demand, node.remaining) ||
      !base_.taints().tolerates(variant.tolerations, node.place.taints) ||
      !allows_host(sets, variant.all, node.place.host) ||
      model::conflicts(asked.shape->ports, node.ports) || exceeds_volume_limits(asked, node)) {
    return Verdict::kNever;
  }
  bool is_permanent = true;
  for (const NodeConstraint& alternative : asked.volumes) {
    const model::SetId with_volumes = sets.combine(own, alternative.set, node.place.undefined);
    // What the pod says of an absent label does not make it present for its volumes (SCH-151).
    if (!with_volumes.is_valid() ||
        !sets.combine(node.place.set, with_volumes, node.place.undefined).is_valid() ||
        !allows_host(sets, alternative, node.place.host)) {
      continue;
    }
    if (!asked.has_topology) {
      const Verdict verdict = try_node_devices(asking, node, with_volumes);
      if (verdict == Verdict::kFits) {
        return verdict;
      }
      is_permanent = false;
      continue;
    }
    Placing place = node.place;
    place.set = with_volumes;
    const TopologyAnswer answer =
        topology_.evaluate(place, variant.strict, variant.groups, asked.avoided);
    is_permanent &= answer.is_permanent && asked.device_claims.empty();
    is_set_refused_ = !answer.is_possible && asked.volumes.size() == 1 &&
                      !topology_.group(answer.failed).is_hostname;
    if (answer.is_possible) {
      const Verdict verdict =
          for_each_choice(answer, with_volumes, node.place.undefined, [&](model::SetId narrowed) {
            return try_node_devices(asking, node, narrowed);
          });
      if (verdict == Verdict::kFits) {
        return verdict;
      }
    }
  }
  return is_permanent ? Verdict::kNever : Verdict::kNotNow;
}

bool Solver::place_on_node(const Asking& asking, Memory& memory) {
  hopeless_.clear();
  for (std::size_t i = memory.live_nodes.find_first(); i != base::kNoBit;
       i = memory.live_nodes.find_next(i)) {
    if (std::ranges::find(hopeless_, node_sets_[i]) != hopeless_.end()) {
      continue;
    }
    is_set_refused_ = false;
    const Verdict verdict = try_node(asking, nodes_[i]);
    if (verdict == Verdict::kFits) {
      commit_node(asking, i);
      return true;
    }
    if (verdict == Verdict::kNever) {
      memory.live_nodes.reset(i);
      if (asking.never_again != nullptr && nodes_[i].pods.empty()) {
        asking.never_again->set(i);
      }
    }
    if (is_set_refused_) {
      hopeless_.push_back(node_sets_[i]);
    }
  }
  return false;
}

// SCH-151, improved: the labels of a machine that exists are known, so that what pods ask does not
// tighten them; a label that it lacks stays absent.
void Solver::commit_node(const Asking& asking, std::size_t index) {
  const PodClass& asked = asking.pod_class;
  ExistingNode& node = nodes_[index];
  if (is_remembering_ && node.pods.empty()) {
    before_.push_back({.node = index,
                       .remaining = node.remaining,
                       .ports = node.ports.size(),
                       .volumes = node.volumes});
  }
  subtract(node.remaining, asked.demand);
  if (!is_remembering_) {  // What-ifs start from the room that there is now.
    room_.update(index, node);
  }
  node.ports.insert(node.ports.end(), asked.shape->ports.begin(), asked.shape->ports.end());
  for (const auto& [driver, claims] : asked.drivers) {
    node.volumes[driver].insert(claims.begin(), claims.end());
  }
  node.pods.push_back(asking.pod);
  placements_.push_back(
      {.pod = asking.pod, .is_on_node = true, .place = static_cast<std::uint32_t>(index)});
  if (!asked.device_claims.empty()) {
    base_.devices()->commit(std::move(*device_trial_), base::Bitset(1, true));
  }
  topology_.record(node.place, asked.counted_by, asked.owned_inverse);
}

Obstruction Solver::node_failure(const PodClass& asked,
                                 const Variant& variant,
                                 ExistingNode& node) {
  model::SetTable& sets = base_.sets();
  const Placing& place = node.place;
  if (!base_.taints().tolerates(variant.tolerations, place.taints)) {
    return {.kind = Obstacle::kTaints,
            .text = untolerated_text(base_.taints().tolerations(variant.tolerations),
                                     base_.taints().taints(place.taints))};
  }
  if (exceeds_volume_limits(asked, node)) {
    return {.kind = Obstacle::kVolumeLimits,
            .text = "checking volume usage, would exceed volume limit"};
  }
  if (model::conflicts(asked.shape->ports, node.ports)) {
    return {.kind = Obstacle::kHostPorts,
            .text =
                "checking host port usage, pod hostport conflicts with existing hostport "
                "configuration"};
  }
  if (node.is_closed || !fits(asked.demand, node.remaining)) {
    return {.kind = Obstacle::kResources, .text = "exceeds node resources"};
  }
  const model::SetId own = sets.combine(place.set, variant.all.set, place.undefined);
  if (!own.is_valid()) {
    return {.kind = Obstacle::kRequirements,
            .text = sets.why_incompatible(place.set, variant.all.set, place.undefined)};
  }
  if (!allows_host(sets, variant.all, place.host)) {
    return {.kind = Obstacle::kRequirements, .text = host_text(sets, variant.all, place.host)};
  }
  Obstruction last;
  for (const NodeConstraint& alternative : asked.volumes) {
    model::SetId both = sets.combine(own, alternative.set, place.undefined);
    if (both.is_valid() && !sets.combine(place.set, both, place.undefined).is_valid()) {
      both = {};
    }
    if (!both.is_valid() || !allows_host(sets, alternative, place.host)) {
      last = {
          .kind = Obstacle::kVolumes,
          .text = base::concat(
              "incompatible volume requirements, ",
              both.is_valid()
                  ? host_text(sets, alternative, place.host)
                  : sets.why_incompatible(
                        sets.combine(own, alternative.set, place.undefined).is_valid() ? place.set
                                                                                       : own,
                        alternative.set,
                        place.undefined))};
      continue;
    }
    Placing narrowed = place;
    narrowed.set = both;
    const TopologyAnswer answer =
        topology_.evaluate(narrowed, variant.strict, variant.groups, asked.avoided);
    if (answer.is_possible) {
      std::string why;
      if (!asked.device_claims.empty() && !ask_node(asked, node, both, &why)) {
        last = {.kind = Obstacle::kDevices,
                .text = base::concat("allocating dynamic resources, ", why)};
        continue;
      }
      return {};
    }
    last = {.kind = Obstacle::kTopology,
            .text = topology_.failure_text(answer.failed, narrowed, variant.strict)};
  }
  return last;
}

}  // namespace plan

// The text of a failed placement (spec 02 s7.2). Computed only for pods that stay pending.
#include <algorithm>
#include <map>

#include "base/text.h"
#include "plan/solver.h"

namespace plan {
namespace {

using model::Undefined::kWellKnown;

// SCH-610.
std::string json(const k8s::Resources& resources) {
  std::vector<std::string> parts;
  for (const auto& [name, quantity] : resources) {
    parts.push_back(base::concat("\"", name, "\":\"", quantity.text(), "\""));
  }
  return base::concat("{", base::join(parts, ","), "}");
}

// SCH-183.
struct Criteria {
  bool met = false;
  bool fits = false;
  bool offered = false;
  bool met_and_fits = false;
  bool met_and_offered = false;
  bool fits_and_offered = false;
};

std::string_view sentence(const Criteria& c) {
  if (!c.met && !c.fits && !c.offered) {
    return "no instance type met the scheduling requirements or had enough resources or had a "
           "required offering";
  }
  if (!c.met && !c.fits) {
    return "no instance type met the scheduling requirements or had enough resources";
  }
  if (!c.met && !c.offered) {
    return "no instance type met the scheduling requirements or had a required offering";
  }
  if (!c.fits && !c.offered) {
    return "no instance type had enough resources or had a required offering";
  }
  if (!c.met) {
    return "no instance type met all requirements";
  }
  if (!c.fits) {
    return "no instance type has enough resources";
  }
  if (!c.offered) {
    return "no instance type has the required offering";
  }
  if (c.met_and_fits) {
    return "no instance type which met the scheduling requirements and had enough resources, had "
           "a required offering";
  }
  if (c.fits_and_offered) {
    return "no instance type which had enough resources and the required offering met the "
           "scheduling requirements";
  }
  if (c.met_and_offered) {
    return "no instance type which met the scheduling requirements and the required offering had "
           "the required resources";
  }
  return "no instance type met the requirements/resources/offering tuple";
}

// By type: an instance type meets a criterion when one of its rows does.
std::vector<std::uint8_t> type_flags(const Columns& columns,
                                     const base::Bitset& candidates,
                                     const base::Bitset& met,
                                     const base::Bitset& fits,
                                     const base::Bitset& offered) {
  std::vector<std::uint8_t> flags;
  std::size_t last_type = ~std::size_t{0};
  candidates.for_each_set([&](std::size_t row) {
    if (columns.type_index(row) != last_type) {
      last_type = columns.type_index(row);
      flags.push_back(0);
    }
    flags.back() |= static_cast<std::uint8_t>((met.test(row) ? 1 : 0) | (fits.test(row) ? 2 : 0) |
                                              (offered.test(row) ? 4 : 0));
  });
  return flags;
}

Criteria criteria_of(const std::vector<std::uint8_t>& flags) {
  Criteria c;
  for (const std::uint8_t flag : flags) {
    c.met |= (flag & 1) != 0;
    c.fits |= (flag & 2) != 0;
    c.offered |= (flag & 4) != 0;
    c.met_and_fits |= flag == (1 | 2);
    c.met_and_offered |= flag == (1 | 4);
    c.fits_and_offered |= flag == (2 | 4);
  }
  return c;
}

// The kind that the sentence speaks of.
Obstacle obstacle_of(const Criteria& c) {
  const int failed = (c.met ? 0 : 1) + (c.fits ? 0 : 1) + (c.offered ? 0 : 1);
  if (failed != 1) {
    // A type without offering fits nowhere: then the offering is what fails.
    return c.met && !c.offered ? Obstacle::kOfferings : Obstacle::kTypes;
  }
  return !c.met ? Obstacle::kRequirements : !c.fits ? Obstacle::kResources : Obstacle::kOfferings;
}

}  // namespace

// SCH-184.
std::string Solver::resources_text(const PodClass& asked, const Template& tmpl) const {
  std::optional<k8s::Resources> least;
  k8s::Resources most;
  for (const DaemonGroup& group : tmpl.groups) {
    if (model::conflicts(asked.shape->ports, group.ports)) {
      continue;
    }
    most.raise_to(group.overhead);
    if (!least) {
      least = group.overhead;
      continue;
    }
    k8s::Resources common;
    for (const auto& [name, quantity] : *least) {
      if (const k8s::Quantity* other = group.overhead.find(name)) {
        common.set(name, std::min(quantity, *other));
      }
    }
    least = std::move(common);
  }
  k8s::Resources low = asked.shape->requests;
  low.add(least.value_or(k8s::Resources()));
  k8s::Resources high = asked.shape->requests;
  high.add(most);
  return low == high ? json(low) : base::concat("min=", json(low), ", max=", json(high));
}

Obstruction Solver::filter_failure(const PodClass& asked,
                                   const OpenClaim& claim,
                                   model::SetId set) {
  const Template& tmpl = base_.templates()[claim.tmpl];
  const base::Bitset& met = tmpl.columns->compatible_rows(set);
  const base::Bitset& offered = tmpl.columns->offered_rows(set);
  Amounts demand = claim.demand;
  add(demand, asked.demand);
  base::Bitset fitting = claim.rows;
  fitting &= offered;
  keep_fitting(tmpl, asked.shape->ports, demand, fitting);
  attach_limits_.keep_attachable(*tmpl.columns, claim.volumes, asked.drivers, fitting);
  base::Bitset kept = fitting;
  kept &= met;
  Obstruction result;
  std::string suffix;
  if (kept.any()) {
    result = {.kind = Obstacle::kMinValues,
              .text = shortfall_text(base_.sets(),
                                     min_values_shortfall(base_.sets(), *tmpl.columns, set, kept))};
  } else {
    const Criteria c = criteria_of(type_flags(*tmpl.columns, claim.rows, met, fitting, offered));
    result = {.kind = obstacle_of(c), .text = std::string(sentence(c))};
    const bool has_too_much_cpu =
        asked.shape->requests.get("cpu") >= k8s::Quantity::units(1'000'000);
    if (c.met && c.offered && !c.fits && has_too_much_cpu) {
      suffix = " (CPU request >= 1 Million, m vs M typo?)";
    }
  }
  result.text += base::concat(", requirements=",
                              base_.sets().text(set),
                              ", resources=",
                              resources_text(asked, tmpl),
                              suffix);
  return result;
}

Obstruction Solver::claim_failure(const PodClass& asked,
                                  const Variant& variant,
                                  const OpenClaim& claim) {
  model::SetTable& sets = base_.sets();
  const Template& tmpl = base_.templates()[claim.tmpl];
  if (!base_.taints().tolerates(variant.tolerations, tmpl.taints)) {
    return {.kind = Obstacle::kTaints,
            .text = untolerated_text(base_.taints().tolerations(variant.tolerations),
                                     base_.taints().taints(tmpl.taints))};
  }
  const model::SetId own = sets.combine(claim.set, variant.all.set, kWellKnown);
  if (!own.is_valid()) {
    return {.kind = Obstacle::kRequirements,
            .text = base::concat("incompatible requirements, ",
                                 sets.why_incompatible(claim.set, variant.all.set, kWellKnown))};
  }
  if (!allows_host(sets, variant.all, claim.host)) {
    return {.kind = Obstacle::kRequirements,
            .text = base::concat("incompatible requirements, ",
                                 host_text(sets, variant.all, claim.host))};
  }
  Obstruction last;
  for (const NodeConstraint& alternative : asked.volumes) {
    const model::SetId both = sets.combine(own, alternative.set, kWellKnown);
    if (!both.is_valid() || !allows_host(sets, alternative, claim.host)) {
      last = {.kind = Obstacle::kVolumes,
              .text = base::concat("incompatible volume requirements, ",
                                   both.is_valid()
                                       ? host_text(sets, alternative, claim.host)
                                       : sets.why_incompatible(own, alternative.set, kWellKnown))};
      continue;
    }
    last = asked.device_claims.empty() ? narrowed_failure(asked, variant, claim, both)
                                       : device_failure(asked, variant, claim, both);
  }
  return last;
}

// What topology and instance types say once requirements and volumes agree.
Obstruction Solver::narrowed_failure(const PodClass& asked,
                                     const Variant& variant,
                                     const OpenClaim& claim,
                                     model::SetId set) {
  model::SetTable& sets = base_.sets();
  const Placing place{.set = set,
                      .host = claim.host,
                      .taints = base_.templates()[claim.tmpl].taints,
                      .undefined = kWellKnown};
  const TopologyAnswer answer =
      topology_.evaluate(place, variant.strict, variant.groups, asked.avoided);
  if (!answer.is_possible) {
    return {.kind = Obstacle::kTopology,
            .text = topology_.failure_text(answer.failed, place, variant.strict)};
  }
  model::SetId narrowed = set;
  for (const KeyChoice& choice : answer.choices) {
    model::Requirement requirement{.key = choice.key, .values = choice.options};
    if (choice.is_single) {
      requirement.values.resize(1);
    }
    std::ranges::sort(requirement.values);
    const model::SetId incoming = sets.add(sets.empty(), requirement);
    const model::SetId next = sets.combine(narrowed, incoming, kWellKnown);
    if (!next.is_valid()) {
      return {.kind = Obstacle::kTopology,
              .text = sets.why_incompatible(narrowed, incoming, kWellKnown)};
    }
    narrowed = next;
  }
  return filter_failure(asked, claim, narrowed);
}

Obstruction Solver::template_failure(const PodClass& asked,
                                     const Variant& variant,
                                     std::size_t tmpl) {
  const std::string& pool = base_.templates()[tmpl].pool->pool->meta.name;
  if (base_.budget(pool).has_no_nodes_left()) {
    return {
        .kind = Obstacle::kNodeLimit,
        .text = base::concat("node limits have been exhausted for nodepool (NodePool=", pool, ")")};
  }
  OpenClaim claim = fresh_claim(tmpl);
  if (claim.rows.none()) {
    return {.kind = Obstacle::kLimits,
            .text = base::concat(
                "all available instance types exceed limits for nodepool (NodePool=", pool, ")")};
  }
  const Asking asking{.pod_class = asked, .variant = variant, .pod = 0};
  if (try_claim(asking, claim) == Verdict::kDeferred) {
    return {.kind = Obstacle::kReservations,
            .text =
                "one or more instance types with compatible reserved offerings are available, "
                "but could not be reserved"};
  }
  return claim_failure(asked, variant, claim);
}

Obstructions Solver::obstructions(std::size_t pod_class) {
  const PodClass& asked = classes_.classes()[pod_class];
  Obstructions result;
  if (!asked.error.empty()) {
    return result;
  }
  const bool is_deferred =
      states_[2 * pod_class].failed_deferred || states_[2 * pod_class + 1].failed_deferred;
  const Variant& variant = is_deferred ? asked.variants.front() : asked.variants.back();
  for (std::size_t tmpl = 0; tmpl < base_.templates().size(); ++tmpl) {
    result.pools.push_back({.pool = base_.templates()[tmpl].pool->pool->meta.name,
                            .what = template_failure(asked, variant, tmpl)});
  }
  if (base_.options().explain_nodes) {
    result.nodes = node_obstructions(asked);
  }
  return result;
}

// Nodes that fail with the same words are one entry.
std::vector<NodeObstruction> Solver::node_obstructions(const PodClass& asked) {
  std::map<std::string, NodeObstruction> by_text;
  for (ExistingNode& node : nodes_) {
    Obstruction what = node_failure(asked, asked.variants.back(), node);
    NodeObstruction& group = by_text[what.text];
    group.nodes.push_back(node.row->name());
    group.what = std::move(what);
  }
  std::vector<NodeObstruction> result;
  for (auto& [text, group] : by_text) {
    result.push_back(std::move(group));
  }
  return result;
}

std::string Solver::failure_text(std::size_t pod_class, const Obstructions& obstructions) const {
  const PodClass& asked = classes_.classes()[pod_class];
  if (!asked.error.empty()) {
    return asked.error;
  }
  if (base_.templates().empty()) {
    return base_.has_pools() ? "nodepool requirements filtered out all available instance types"
                             : "no dynamic nodepools found";
  }
  std::vector<std::string> parts;
  for (const PoolObstruction& pool : obstructions.pools) {
    if (!pool.what.text.empty()) {
      parts.push_back(pool.what.text);
    }
  }
  return base::join(parts, "; ");
}

}  // namespace plan

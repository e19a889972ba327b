// The text of a failed placement (spec 02 s7.2). Computed only for pods that stay pending.
#include <algorithm>

#include "base/text.h"
#include "plan/solver.h"

namespace plan {
namespace {

constexpr model::Undefined kWellKnown = model::Undefined::kWellKnown;

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

}  // namespace

// SCH-184.
std::string Solver::resources_text(const PodClass& asked, const Template& tmpl) const {
  std::optional<k8s::Resources> least;
  k8s::Resources most;
  for (const DaemonGroup& group : tmpl.groups) {
    const bool is_skipped = std::ranges::any_of(asked.shape->ports, [&](const auto& port) {
      return std::ranges::any_of(group.ports,
                                 [&](const auto& other) { return model::conflicts(port, other); });
    });
    if (is_skipped) {
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

std::string Solver::filter_failure(const PodClass& asked,
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
  base::Bitset kept = fitting;
  kept &= met;
  std::string text;
  std::string suffix;
  if (kept.any()) {
    text =
        shortfall_text(base_.sets(), min_values_shortfall(base_.sets(), *tmpl.columns, set, kept));
  } else {
    const Criteria c = criteria_of(type_flags(*tmpl.columns, claim.rows, met, fitting, offered));
    text = sentence(c);
    const bool has_too_much_cpu =
        asked.shape->requests.get("cpu") >= k8s::Quantity::units(1'000'000);
    if (c.met && c.offered && !c.fits && has_too_much_cpu) {
      suffix = " (CPU request >= 1 Million, m vs M typo?)";
    }
  }
  return base::concat(text,
                      ", requirements=",
                      base_.sets().text(set),
                      ", resources=",
                      resources_text(asked, tmpl),
                      suffix);
}

std::string Solver::claim_failure(const PodClass& asked,
                                  const Variant& variant,
                                  const OpenClaim& claim) {
  model::SetTable& sets = base_.sets();
  const Template& tmpl = base_.templates()[claim.tmpl];
  if (!base_.taints().tolerates(variant.tolerations, tmpl.taints)) {
    return untolerated_text(base_.taints().tolerations(variant.tolerations),
                            base_.taints().taints(tmpl.taints));
  }
  const model::SetId own = sets.combine(claim.set, variant.all.set, kWellKnown);
  if (!own.is_valid()) {
    return base::concat("incompatible requirements, ",
                        sets.why_incompatible(claim.set, variant.all.set, kWellKnown));
  }
  if (!allows_host(sets, variant.all, claim.host)) {
    return base::concat("incompatible requirements, key kubernetes.io/hostname, ",
                        model::text(sets.words(), sets.requirement(variant.all.host)),
                        " not in kubernetes.io/hostname In [",
                        sets.words().text(claim.host),
                        "]");
  }
  std::string last;
  for (const NodeConstraint& alternative : asked.volumes) {
    const model::SetId both = sets.combine(own, alternative.set, kWellKnown);
    if (!both.is_valid() || !allows_host(sets, alternative, claim.host)) {
      last = base::concat("incompatible volume requirements, ",
                          sets.why_incompatible(own, alternative.set, kWellKnown));
      continue;
    }
    const Placing place{
        .set = both, .host = claim.host, .taints = tmpl.taints, .undefined = kWellKnown};
    const TopologyAnswer answer =
        topology_.evaluate(place, variant.strict, variant.groups, asked.avoided);
    if (!answer.is_possible) {
      last = topology_.failure_text(answer.failed, place, variant.strict);
      continue;
    }
    model::SetId narrowed = both;
    for (const KeyChoice& choice : answer.choices) {
      model::Requirement requirement{.key = choice.key, .values = choice.options};
      if (choice.is_single) {
        requirement.values.resize(1);
      }
      std::ranges::sort(requirement.values);
      const model::SetId incoming = sets.add(sets.empty(), requirement);
      const model::SetId next = sets.combine(narrowed, incoming, kWellKnown);
      if (!next.is_valid()) {
        return sets.why_incompatible(narrowed, incoming, kWellKnown);
      }
      narrowed = next;
    }
    last = filter_failure(asked, claim, narrowed);
  }
  return last;
}

std::string Solver::template_failure(const PodClass& asked,
                                     const Variant& variant,
                                     std::size_t tmpl) {
  const std::string& pool = base_.templates()[tmpl].pool->pool->meta.name;
  if (base_.budget(pool).has_no_nodes_left()) {
    return base::concat("node limits have been exhausted for nodepool (NodePool=", pool, ")");
  }
  OpenClaim claim = fresh_claim(tmpl);
  if (claim.rows.none()) {
    return base::concat(
        "all available instance types exceed limits for nodepool (NodePool=", pool, ")");
  }
  const Asking asking{.pod_class = asked, .variant = variant, .pod = 0};
  if (try_claim(asking, claim) == Verdict::kDeferred) {
    return "one or more instance types with compatible reserved offerings are available, but "
           "could not be reserved";
  }
  return claim_failure(asked, variant, claim);
}

}  // namespace plan

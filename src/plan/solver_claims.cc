// Claims of this round: open ones and new ones (spec 02 s6.7, s6.8, s7.1, s8).
#include <algorithm>
#include <bit>

#include "base/text.h"
#include "plan/solver.h"
#include "plan/solver_choices.h"

namespace plan {
namespace {

using model::Undefined::kWellKnown;

}  // namespace

// SCH-180: the demand plus what the daemons of a row take, group by group; rows where a daemon
// holds one of the ports are out.
void Solver::keep_fitting(const Template& tmpl,
                          std::span<const model::HostPort> ports,
                          const Amounts& demand,
                          base::Bitset& rows) {
  const bool is_plain = tmpl.groups.size() == 1 && tmpl.groups.front().overhead.empty();
  if (is_plain) {
    tmpl.columns->keep_fitting(demand, rows);
    return;
  }
  base::Bitset kept(rows.size());
  for (const DaemonGroup& group : tmpl.groups) {
    if (!rows.intersects(group.rows) || model::conflicts(ports, group.ports)) {
      continue;
    }
    group_demand_ = demand;
    add(group_demand_, group.demand);
    base::Bitset fitting = rows;
    fitting &= group.rows;
    tmpl.columns->keep_fitting(group_demand_, fitting);
    kept |= fitting;
  }
  rows = std::move(kept);
}

// SCH-153. Fills trial_.
Verdict Solver::try_claim(const Asking& asking, const OpenClaim& claim) {
  const PodClass& asked = asking.pod_class;
  const Variant& variant = asking.variant;
  const Template& tmpl = base_.templates()[claim.tmpl];
  model::SetTable& sets = base_.sets();
  const model::SetId own = sets.combine(claim.set, variant.all.set, kWellKnown);
  if (!base_.taints().tolerates(variant.tolerations, tmpl.taints)) {
    is_set_refused_ = true;
    return Verdict::kNever;
  }
  if (!own.is_valid()) {
    is_set_refused_ = true;
    // A label that the claim does not know yet may come with another pod (SCH-23).
    return sets.intersects(claim.set, variant.all.set) ? Verdict::kNotNow : Verdict::kNever;
  }
  if (!allows_host(sets, variant.all, claim.host) ||
      model::conflicts(asked.shape->ports, claim.ports)) {
    return Verdict::kNever;
  }
  trial_.demand = claim.demand;
  add(trial_.demand, asked.demand);
  scratch_ = claim.rows;
  scratch_ &= tmpl.columns->usable_rows(own);
  keep_fitting(tmpl, asked.shape->ports, trial_.demand, scratch_);
  attach_limits_.keep_attachable(*tmpl.columns, claim.volumes, asked.drivers, scratch_);
  if (scratch_.none()) {
    return Verdict::kNever;
  }
  bool is_permanent = true;
  for (const NodeConstraint& alternative : asked.volumes) {
    const model::SetId with_volumes = sets.combine(own, alternative.set, kWellKnown);
    if (!with_volumes.is_valid() || !allows_host(sets, alternative, claim.host)) {
      continue;
    }
    const Verdict verdict = asked.device_claims.empty()
                                ? try_topology(asking, claim, with_volumes)
                                : try_claim_devices(asking, claim, with_volumes);
    if (verdict == Verdict::kFits || verdict == Verdict::kDeferred) {
      return verdict;
    }
    is_permanent &= verdict == Verdict::kNever;
  }
  return is_permanent ? Verdict::kNever : Verdict::kNotNow;
}

Verdict Solver::try_topology(const Asking& asking, const OpenClaim& claim, model::SetId set) {
  const PodClass& asked = asking.pod_class;
  if (!asked.has_topology) {
    return finish_trial(claim, set);
  }
  const Placing place{.set = set,
                      .host = claim.host,
                      .taints = base_.templates()[claim.tmpl].taints,
                      .undefined = kWellKnown};
  const TopologyAnswer answer =
      topology_.evaluate(place, asking.variant.strict, asking.variant.groups, asked.avoided);
  if (!answer.is_possible) {
    is_set_refused_ = asked.volumes.size() == 1 && asked.device_claims.empty() &&
                      !topology_.group(answer.failed).is_hostname;
    return answer.is_permanent ? Verdict::kNever : Verdict::kNotNow;
  }
  const Verdict verdict = for_each_choice(answer, set, kWellKnown, [&](model::SetId narrowed) {
    return finish_trial(claim, narrowed);
  });
  return verdict == Verdict::kNever ? Verdict::kNotNow : verdict;
}

// What is left once the requirements are final: types, minValues, reservations. scratch_ holds the
// rows that fit the demand.
Verdict Solver::finish_trial(const OpenClaim& claim, model::SetId set) {
  const Template& tmpl = base_.templates()[claim.tmpl];
  trial_.set = set;
  trial_.rows = scratch_;
  trial_.rows &= tmpl.columns->usable_rows(set);
  if (trial_.rows.none()) {
    return Verdict::kNever;
  }
  const auto shortfall = min_values_shortfall(base_.sets(), *tmpl.columns, set, trial_.rows);
  if (!shortfall.empty()) {
    if (base_.options().min_values_policy == MinValuesPolicy::kStrict) {
      return Verdict::kNever;
    }
    trial_.set = relax_min_values(base_.sets(), set, shortfall);
  }
  return reserve(claim);
}

// SCH-193, SCH-194. Fills trial_.reservations.
Verdict Solver::reserve(const OpenClaim& claim) {
  trial_.reservations.clear();
  if (reservations_.is_empty()) {
    return Verdict::kFits;
  }
  Columns& columns = *base_.templates()[claim.tmpl].columns;
  const base::Bitset& live = columns.live_offers(trial_.set);
  bool has_compatible = false;
  for (const std::uint32_t index : columns.reserved_offers()) {
    const OfferColumn& offer = columns.offers()[index];
    if (!trial_.rows.test(offer.row) || !live.test(index)) {
      continue;
    }
    has_compatible = true;
    if (reservations_.can_reserve(claim.reservations, offer.reservation) &&
        std::ranges::find(trial_.reservations, offer.reservation) == trial_.reservations.end()) {
      trial_.reservations.push_back(offer.reservation);
    }
  }
  const bool loses_all = has_compatible || !claim.reservations.empty();
  if (trial_.reservations.empty() && loses_all && !base_.options().reserved_fallback) {
    return Verdict::kDeferred;
  }
  return Verdict::kFits;
}

void Solver::make_room_for_claims() {
  if (claim_room_ < claims_.size()) {
    claim_room_ = std::max<std::size_t>(256, 2 * claims_.size());
    host_masks_.grow(claim_room_);
  }
}

// Few claims in a long list are sooner found by their bits.
void Solver::find_few_open(std::size_t count) {
  few_open_.clear();
  const auto& words = passed_over_.words();
  for (std::size_t i = 0; few_open_.size() < count; ++i) {
    // Bits beyond the last claim are not set either.
    for (base::BitWord open = ~words[i]; open != 0 && few_open_.size() < count; open &= open - 1) {
      few_open_.push_back(static_cast<std::uint32_t>(i * base::kBitsPerWord) +
                          static_cast<std::uint32_t>(std::countr_zero(open)));
    }
  }
  std::ranges::sort(few_open_, [&](auto a, auto b) { return order_.precedes(a, b); });
}

bool Solver::place_on_claim(const Asking& asking, Memory& memory) {
  memory.dead_claims.resize(claim_room_);
  passed_over_ = memory.dead_claims;
  host_masks_.add_full(asking.variant.groups, asking.pod_class.avoided, passed_over_);
  hopeless_.clear();
  const std::size_t open = claims_.size() - passed_over_.count();
  constexpr std::size_t kFew = 32;
  if (open <= kFew) {
    find_few_open(open);
    return std::ranges::any_of(
        few_open_, [&](std::uint32_t index) { return place_on_claim(asking, memory, index); });
  }
  return walk_lanes(asking, memory);
}

// In the order of claims, lane by lane side by side; a lane whose set refuses the pod ends there.
bool Solver::walk_lanes(const Asking& asking, Memory& memory) {
  const auto open_from = [&](ClaimOrder::Claim claim) {
    while (claim != ClaimOrder::kEnd && passed_over_.test(claim)) {
      claim = order_.next(claim);
    }
    return claim;
  };
  lane_heads_.clear();
  for (std::size_t lane = 0; lane < order_.lanes(); ++lane) {
    const ClaimOrder::Claim head = open_from(order_.first(lane));
    if (head != ClaimOrder::kEnd) {
      lane_heads_.push_back({.claim = head, .is_exclusive = ClaimOrder::is_exclusive(lane)});
    }
  }
  while (!lane_heads_.empty()) {
    const auto head = std::ranges::min_element(
        lane_heads_, [&](auto a, auto b) { return order_.precedes(a, b); }, &LaneHead::claim);
    if (place_on_claim(asking, memory, head->claim)) {
      return true;
    }
    head->claim = is_set_refused_ && head->is_exclusive ? ClaimOrder::kEnd
                                                        : open_from(order_.next(head->claim));
    if (head->claim == ClaimOrder::kEnd) {
      *head = lane_heads_.back();
      lane_heads_.pop_back();
    }
  }
  return false;
}

bool Solver::place_on_claim(const Asking& asking, Memory& memory, std::uint32_t index) {
  const OpenClaim& claim = claims_[index];
  if (std::ranges::find(hopeless_, claim.set) != hopeless_.end()) {
    return false;
  }
  is_set_refused_ = false;
  switch (try_claim(asking, claim)) {
    case Verdict::kFits:
      commit_claim(asking, index);
      return true;
    case Verdict::kNever:
      memory.dead_claims.set(index);
      break;
    case Verdict::kNotNow:
    case Verdict::kDeferred:  // Another claim may do; a new one decides (SCH-146).
      break;
  }
  if (is_set_refused_) {
    hopeless_.push_back(claim.set);
  }
  return false;
}

void Solver::commit_claim(const Asking& asking, std::size_t index) {
  const PodClass& asked = asking.pod_class;
  OpenClaim& claim = claims_[index];
  claim.set = trial_.set;
  std::swap(claim.rows, trial_.rows);
  std::swap(claim.demand, trial_.demand);
  if (!reservations_.is_empty()) {
    reservations_.exchange(claim.reservations, trial_.reservations);
  }
  claim.ports.insert(claim.ports.end(), asked.shape->ports.begin(), asked.shape->ports.end());
  for (const auto& [driver, claims] : asked.drivers) {
    claim.volumes[driver].insert(claims.begin(), claims.end());
  }
  claim.pods.push_back(asking.pod);
  if (index == order_.size()) {
    order_.add(claim.set);
  } else {
    order_.raise(static_cast<ClaimOrder::Claim>(index), claim.set);
  }
  placements_.push_back({.pod = asking.pod, .place = static_cast<std::uint32_t>(index)});
  if (claim.has_devices || !asked.device_claims.empty()) {
    commit_devices(asked, claim);
  }
  const Placing place{.set = claim.set,
                      .host = claim.host,
                      .taints = base_.templates()[claim.tmpl].taints,
                      .undefined = kWellKnown};
  topology_.record(place, asked.counted_by, asked.owned_inverse);
  host_masks_.update(index, claim.host, asked.counted_by);
  host_masks_.update(index, claim.host, asked.owned_inverse);
}

OpenClaim Solver::fresh_claim(std::size_t tmpl) {
  const Template& from = base_.templates()[tmpl];
  std::string number = base::to_text(static_cast<std::uint64_t>(claims_.size() + 1));
  if (number.size() < 4) {
    number.insert(0, 4 - number.size(), '0');
  }
  OpenClaim claim{.tmpl = tmpl,
                  .set = from.set,
                  .rows = from.rows,
                  .demand = Amounts(base_.names().size(), 0),
                  .host = base_.words().intern(base::concat("hostname-placeholder-", number)),
                  .ports = {},
                  .pods = {},
                  .reservations = {},
                  .volumes = {},
                  .place = static_cast<PlaceId>(2 * claims_.size() + 1)};
  base_.budget(from.pool->pool->meta.name).keep_affordable(claim.rows);
  return claim;
}

// SCH-145 (3), SCH-146, SCH-157.
Verdict Solver::open_claim(const Asking& asking) {
  for (std::size_t turn = 0; turn < base_.templates().size(); ++turn) {
    const std::size_t tmpl = turn == 0                 ? first_template_
                             : turn <= first_template_ ? turn - 1
                                                       : turn;
    PoolBudget& budget = base_.budget(base_.templates()[tmpl].pool->pool->meta.name);
    if (budget.has_no_nodes_left()) {
      continue;
    }
    OpenClaim claim = fresh_claim(tmpl);
    if (claim.rows.none()) {
      continue;
    }
    const Verdict verdict = try_claim(asking, claim);
    if (verdict == Verdict::kDeferred) {
      return verdict;
    }
    if (verdict == Verdict::kFits) {
      claims_.push_back(std::move(claim));
      make_room_for_claims();
      commit_claim(asking, claims_.size() - 1);
      budget.charge(claims_.back().rows);
      return verdict;
    }
  }
  return Verdict::kNotNow;
}

}  // namespace plan

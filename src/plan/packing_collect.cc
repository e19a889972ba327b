#include "plan/packing_collect.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <tuple>

namespace plan {
namespace {

using model::Undefined::kWellKnown;
// Lanes take guests from each other only when they are few.
constexpr std::size_t kMostMixedLanes = 64;

// What packing has to know of a class's pods, wherever they are.
bool is_movable(const Topology& topology, const PodClass& asked, const Variant& variant) {
  return asked.shape->ports.empty() && asked.drivers.empty() && asked.volumes.size() == 1 &&
         asked.device_claims.empty() && !variant.all.host.is_valid() &&
         !asked.volumes.front().host.is_valid() &&
         std::ranges::none_of(variant.groups, [&](const OwnedGroup& owned) {
           const TopologyGroup& group = topology.group(owned.group);
           return group.is_hostname && group.spec.kind == GroupKind::kAffinity;
         });
}

class Collector {
 public:
  explicit Collector(const SolvedRound& round) : round_(round), sets_(round.base.sets()) {
    result_.is_kept = base::Bitset(round.solver.claims().size());
    pools_.resize(round.base.templates().size());
  }

  Collected run() {
    keep_claims();
    const auto& placements = round_.solver.placements();
    for (std::uint32_t i = 0; i < placements.size(); ++i) {
      if (!placements[i].is_on_node && !result_.is_kept.test(placements[i].place)) {
        add(i);
      }
    }
    for (std::size_t tmpl = 0; tmpl < pools_.size(); ++tmpl) {
      if (pools_[tmpl].packing.problem.groups.empty()) {
        continue;
      }
      pools_[tmpl].packing.tmpl = tmpl;
      finish(pools_[tmpl]);
      result_.pools.push_back(std::move(pools_[tmpl].packing));
    }
    return std::move(result_);
  }

 private:
  using GroupKey = std::tuple<std::uint32_t, Amounts, std::vector<HostRule>>;

  struct Pool {
    PoolPacking packing;
    std::map<model::SetId, std::uint32_t> lanes;
    std::map<std::uint32_t, std::uint32_t> rules;  // By topology group.
    std::map<GroupKey, std::uint32_t> groups;
    // The same, sooner: by class, variant and requirement set of the claim.
    std::map<std::tuple<std::uint32_t, std::uint32_t, model::SetId>, std::uint32_t> known;
  };

  const PodClass& class_of(const Solver::Placement& placement) const {
    return round_.classes.classes()[round_.class_of_pod[placement.pod]];
  }

  void keep_claims() {
    for (const Solver::Placement& placement : round_.solver.placements()) {
      if (placement.is_on_node) {
        continue;
      }
      const PodClass& asked = class_of(placement);
      if (!is_movable(round_.topology, asked, asked.variants[placement.variant])) {
        result_.is_kept.set(placement.place);
      }
    }
    for (std::size_t i = 0; i < result_.is_kept.size(); ++i) {
      if (!round_.solver.claims()[i].reservations.empty()) {
        result_.is_kept.set(i);  // Paid for already.
      }
    }
  }

  void add(std::uint32_t position) {
    const Solver::Placement& placement = round_.solver.placements()[position];
    const OpenClaim& claim = round_.solver.claims()[placement.place];
    Pool& pool = pools_[claim.tmpl];
    const auto [it, is_new] =
        pool.known.try_emplace({round_.class_of_pod[placement.pod], placement.variant, claim.set});
    if (is_new) {
      it->second = group_of(pool, placement, claim);
    }
    ++pool.packing.problem.groups[it->second].count;
    pool.packing.pods[it->second].push_back(position);
  }

  std::uint32_t group_of(Pool& pool, const Solver::Placement& placement, const OpenClaim& claim) {
    const PodClass& asked = class_of(placement);
    const Variant& variant = asked.variants[placement.variant];
    const model::SetId set = lane_set(asked, variant, claim);
    auto& lane_sets = pool.packing.lane_sets;
    const auto lane = pool.lanes.try_emplace(set, static_cast<std::uint32_t>(lane_sets.size()));
    if (lane.second) {
      lane_sets.push_back(set);
    }
    GroupKey key{lane.first->second, asked.demand, host_rules(pool, asked, variant)};
    auto& groups = pool.packing.problem.groups;
    const auto [it, is_new] =
        pool.groups.try_emplace(key, static_cast<std::uint32_t>(groups.size()));
    if (is_new) {
      groups.push_back({.demand = {asked.demand.begin(), asked.demand.end()},
                        .rules = std::get<2>(key),
                        .lane = lane.first->second});
      pool.packing.pods.emplace_back();
    }
    return it->second;
  }

  // What the pod asks of a node, with the domains that topology has chosen for it.
  model::SetId lane_set(const PodClass& asked, const Variant& variant, const OpenClaim& claim) {
    model::SetId set = sets_.merge(round_.base.templates()[claim.tmpl].set, variant.all.set);
    set = sets_.merge(set, asked.volumes.front().set);
    const auto pin = [&](GroupId id, bool only_single) {
      const TopologyGroup& group = round_.topology.group(id);
      const model::Requirement* chosen = sets_.get(claim.set, group.spec.key);
      if (!group.is_hostname && chosen != nullptr && !chosen->complement &&
          (!only_single || chosen->values.size() == 1)) {
        set = sets_.add(set, *chosen);
      }
    };
    for (const OwnedGroup& owned : variant.groups) {
      pin(owned.group, false);
    }
    std::ranges::for_each(asked.avoided, [&](GroupId id) { pin(id, false); });
    std::ranges::for_each(asked.owned_inverse, [&](GroupId id) { pin(id, false); });
    std::ranges::for_each(asked.counted_by, [&](GroupId id) { pin(id, true); });
    return set;
  }

  std::vector<HostRule> host_rules(Pool& pool, const PodClass& asked, const Variant& variant) {
    std::map<std::uint32_t, HostRule> rules;
    const auto rule = [&](GroupId id) -> HostRule& {
      const auto number =
          pool.rules.try_emplace(id.value(), static_cast<std::uint32_t>(pool.rules.size()));
      HostRule& made = rules[number.first->second];
      made.rule = number.first->second;
      return made;
    };
    for (const OwnedGroup& owned : variant.groups) {
      const GroupSpec& spec = round_.topology.group(owned.group).spec;
      if (round_.topology.group(owned.group).is_hostname) {
        rule(owned.group).most = spec.kind == GroupKind::kSpread ? spec.max_skew
                                 : owned.is_self                 ? 1
                                                                 : 0;
      }
    }
    for (const GroupId id : asked.counted_by) {
      const TopologyGroup& group = round_.topology.group(id);
      if (group.is_hostname && group.spec.kind != GroupKind::kAffinity) {
        rule(id).is_counted = true;
      }
    }
    std::vector<HostRule> made;
    for (const auto& [number, one] : rules) {
      made.push_back(one);
    }
    return made;
  }

  void finish(Pool& pool) {
    PoolPacking& packing = pool.packing;
    packing.problem.rules = static_cast<std::uint32_t>(pool.rules.size());
    const auto& sets = packing.lane_sets;
    for (const model::SetId set : sets) {
      PackLane& lane = packing.problem.lanes.emplace_back();
      lane.machines = machines(packing.tmpl, set);
      for (std::uint32_t guest = 0; sets.size() <= kMostMixedLanes && guest < sets.size();
           ++guest) {
        if (sets[guest] != set && sets_.combine(set, sets[guest], kWellKnown) == set) {
          lane.guests.push_back(guest);
        }
      }
    }
  }

  // Reservations do not count: the solver hands them out one by one.
  std::vector<PackMachine> machines(std::size_t number, model::SetId set) {
    const Template& tmpl = round_.base.templates()[number];
    Columns& columns = *tmpl.columns;
    base::Bitset rows = tmpl.rows;
    rows &= columns.usable_rows(set);
    round_.base.budget(tmpl.pool->pool->meta.name).keep_affordable(rows);
    const base::Bitset& live = columns.live_offers(set);
    std::vector<PackMachine> made;
    for (const DaemonGroup& group : tmpl.groups) {
      base::Bitset here = rows;
      here &= group.rows;
      here.for_each_set([&](std::size_t row) {
        std::optional<double> price;
        std::size_t position = columns.first_offer_of_row(row);
        for (const OfferColumn& offer : columns.offers_of_row(row)) {
          if (live.test(position++) && !offer.reservation.is_valid()) {
            price = std::min(price.value_or(offer.price), offer.price);
          }
        }
        if (price) {
          Amounts supply = columns.allocatable(row);
          subtract(supply, group.demand);
          made.push_back({.supply = {supply.begin(), supply.end()}, .price = *price});
        }
      });
    }
    return without_dominated(std::move(made));
  }

  const SolvedRound round_;
  model::SetTable& sets_;
  std::vector<Pool> pools_;  // By template.
  Collected result_;
};

}  // namespace

Collected collect(const SolvedRound& round) {
  return Collector(round).run();
}

}  // namespace plan

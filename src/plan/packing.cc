#include "plan/packing.h"

#include <algorithm>

#include "plan/convert.h"
#include "plan/packing_collect.h"
#include "plan/round.h"

namespace plan {
namespace {

// Looks at a group of pods, a few nanoseconds each.
constexpr std::int64_t kStepsAnyway = 900'000;
constexpr std::int64_t kStepsPerPod = 55;

}  // namespace

double total_price(PlanBase& base, const std::vector<OpenClaim>& claims) {
  double sum = 0;
  ClaimPrices prices(base);
  for (const OpenClaim& claim : claims) {
    sum += prices.of(claim);
  }
  return sum;
}

bool all_convert(PlanBase& base, const std::vector<OpenClaim>& claims) {
  if (std::ranges::none_of(base.templates(), [&](const Template& tmpl) {
        return base.sets().has_min_values(tmpl.set);
      })) {
    return true;
  }
  ClaimForms forms(base);
  return std::ranges::all_of(
      claims, [&](const OpenClaim& claim) { return forms.form_of(claim).has_value(); });
}

PackWish pack_claims(const SolvedRound& round) {
  const Collected collected = collect(round);
  const auto& claims = round.solver.claims();
  PackWish wish{.placements = round.solver.placements(),
                .openings = {},
                .classic_price = total_price(round.base, claims)};
  std::vector<OpenClaim> kept;
  std::vector<std::uint32_t> opening_of(claims.size());
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (collected.is_kept.test(i)) {
      opening_of[i] = static_cast<std::uint32_t>(wish.openings.size());
      wish.openings.push_back({.tmpl = claims[i].tmpl, .set = claims[i].set});
      kept.push_back(claims[i]);
    }
  }
  for (Solver::Placement& placement : wish.placements) {
    if (!placement.is_on_node && collected.is_kept.test(placement.place)) {
      placement.place = opening_of[placement.place];
    }
  }
  double price = total_price(round.base, kept);
  std::int64_t steps =
      kStepsAnyway + kStepsPerPod * static_cast<std::int64_t>(wish.placements.size());
  for (const PoolPacking& pool : collected.pools) {
    const std::vector<PackBin> bins = pack(pool.problem, steps);
    if (bins.empty()) {
      return wish;
    }
    std::vector<std::size_t> next(pool.pods.size());
    for (const PackBin& bin : bins) {
      price += bin.price;
      const auto opening = static_cast<std::uint32_t>(wish.openings.size());
      wish.openings.push_back({.tmpl = pool.tmpl, .set = pool.lane_sets[bin.lane]});
      for (const auto& [group, count] : bin.pods) {
        for (std::uint32_t i = 0; i < count; ++i) {
          wish.placements[pool.pods[group][next[group]++]].place = opening;
        }
      }
    }
  }
  wish.is_cheaper = price < wish.classic_price;
  return wish;
}

Repacked::Repacked(Round& round, const RoundStart& start)
    : topology(start.topology),
      nodes(start.nodes),
      solver(round.base, topology, round.classes, nodes) {}

std::unique_ptr<Repacked> repack(Round& round, const RoundStart& start) {
  PlanBase& base = round.base;
  if (base.devices() != nullptr || !all_convert(base, round.solver.claims())) {
    return nullptr;
  }
  const std::vector<k8s::Quantity> classic_budgets = base.budgets_left();
  base.set_budgets_left(start.budgets);
  const PackWish wish = pack_claims({.base = base,
                                     .topology = round.topology,
                                     .classes = round.classes,
                                     .class_of_pod = round.class_of_pod,
                                     .solver = round.solver});
  if (wish.is_cheaper) {
    auto made = std::make_unique<Repacked>(round, start);
    if (made->solver.follow(wish.placements, wish.openings, round.class_of_pod)) {
      std::vector<world::PodId> rest;
      std::ranges::transform(
          round.solver.failures(), std::back_inserter(rest), &Solver::Failure::pod);
      made->solver.solve(rest, round.class_of_pod);
      made->saving = wish.classic_price - total_price(base, made->solver.claims());
      if (made->saving > 1e-9 && all_convert(base, made->solver.claims())) {
        return made;
      }
    }
  }
  base.set_budgets_left(classic_budgets);
  return nullptr;
}

}  // namespace plan

#include "disrupt/replacement.h"

#include <algorithm>
#include <limits>
#include <map>

#include "base/text.h"
#include "world/names.h"

namespace disrupt {

namespace {

using std::unexpected;

constexpr std::size_t kLeastSpotTypes = 15;
constexpr double kMaxPrice = std::numeric_limits<double>::max();

const plan::Template& template_of(plan::PlanBase& base, const Launch& launch) {
  return base.templates()[launch.claim.tmpl];
}

model::Symbol capacity_key(plan::PlanBase& base) {
  return base.words().intern(world::kCapacityTypeLabel);
}

bool admits(plan::PlanBase& base, const Launch& launch, std::string_view capacity) {
  const model::Requirement* kinds = base.sets().get(launch.claim.set, capacity_key(base));
  return kinds == nullptr || model::has(base.words(), *kinds, base.words().intern(capacity));
}

// Rows whose type is listed.
void keep_listed_rows(plan::PlanBase& base, Launch& launch) {
  const plan::Columns& columns = *template_of(base, launch).columns;
  std::vector<bool> is_listed(template_of(base, launch).pool->catalogue->types.size());
  for (const plan::PricedType& type : launch.types) {
    is_listed[type.type] = true;
  }
  const base::Bitset all = launch.claim.rows;
  all.for_each_set([&](std::size_t row) {
    if (!is_listed[columns.type_index(row)]) {
      launch.claim.rows.reset(row);
    }
  });
}

std::vector<plan::Shortfall> shortfall_of(plan::PlanBase& base, const Launch& launch) {
  return plan::min_values_shortfall(
      base.sets(), *template_of(base, launch).columns, launch.claim.set, launch.claim.rows);
}

// All of them, when nothing at all is left.
std::vector<plan::Shortfall> keys_with_min_values(plan::PlanBase& base, const Launch& launch) {
  std::vector<plan::Shortfall> keys;
  for (const model::ReqId id : base.sets().members(launch.claim.set)) {
    const model::Requirement& requirement = base.sets().requirement(id);
    if (requirement.min_values) {
      keys.push_back({.key = requirement.key, .available = 0});
    }
  }
  return keys;
}

// DIS-91: types whose worst launch price is below `price`; then minValues, always strictly.
std::optional<std::string> keep_below(plan::PlanBase& base, double price, Launch& launch) {
  const auto worst = plan::worst_launch_prices(
      base, *template_of(base, launch).columns, launch.claim.set, launch.claim.rows);
  std::erase_if(launch.types,
                [&](const plan::PricedType& type) { return worst[type.type] >= price; });
  keep_listed_rows(base, launch);
  const auto missing =
      launch.types.empty() ? keys_with_min_values(base, launch) : shortfall_of(base, launch);
  if (!missing.empty()) {
    return "Filtering by price: " + plan::shortfall_text(base.sets(), missing);
  }
  return launch.types.empty() ? std::optional<std::string>("Can't replace with a cheaper node")
                              : std::nullopt;
}

void force_spot(plan::PlanBase& base, Launch& launch) {
  const std::vector<std::string> spot{std::string(cloud::capacity_type::kSpot)};
  launch.claim.set = base.sets().add(
      launch.claim.set,
      model::make_requirement(base.words(), world::kCapacityTypeLabel, model::Operator::kIn, spot));
  launch.types =
      plan::types_by_price(*template_of(base, launch).columns, launch.claim.set, launch.claim.rows);
}

// How many of the cheapest types it takes to satisfy minValues (DIS-93).
std::size_t leading_types(plan::PlanBase& base, const Launch& launch) {
  if (!base.sets().has_min_values(launch.claim.set)) {
    return 0;
  }
  Launch few = launch;
  few.types.clear();
  for (const plan::PricedType& type : launch.types) {
    few.types.push_back(type);
    few.claim.rows = launch.claim.rows;
    keep_listed_rows(base, few);
    if (shortfall_of(base, few).empty()) {
      break;
    }
  }
  return few.types.size();
}

std::expected<Launch, std::string> spot_to_spot(Pass& pass,
                                                const Candidates& candidates,
                                                double price,
                                                Launch launch) {
  plan::PlanBase& base = pass.what_if().base();
  if (!pass.settings().spot_to_spot) {
    return unexpected(
        "SpotToSpotConsolidation is disabled, can't replace a spot node with a spot node");
  }
  force_spot(base, launch);
  std::erase_if(launch.types, [](const plan::PricedType& type) { return type.price >= kMaxPrice; });
  if (auto why = keep_below(base, price, launch)) {
    return unexpected(std::move(*why));
  }
  if (candidates.size() > 1) {
    return launch;
  }
  if (launch.types.size() < kLeastSpotTypes) {
    return unexpected(base::concat("SpotToSpotConsolidation requires ",
                                   kLeastSpotTypes,
                                   " cheaper instance type options than the current candidate to "
                                   "consolidate, got ",
                                   launch.types.size()));
  }
  launch.types.resize(
      std::min(launch.types.size(), std::max(kLeastSpotTypes, leading_types(base, launch))));
  keep_listed_rows(base, launch);
  return launch;
}

// DIS-92, improved: only where there is spot capacity to be had.
void narrow_to_spot(plan::PlanBase& base, Launch& launch) {
  if (!admits(base, launch, cloud::capacity_type::kSpot) ||
      !admits(base, launch, cloud::capacity_type::kOnDemand)) {
    return;
  }
  Launch spot = launch;
  force_spot(base, spot);
  if (!spot.types.empty() && spot.types.front().price < kMaxPrice) {
    launch = std::move(spot);
  }
}

// By name of the candidates' types: the least that one of them is offered for where its node is.
std::map<std::string_view, double> prices_of_types(const Candidates& candidates) {
  std::map<std::string_view, double> prices;
  for (const Candidate* candidate : candidates) {
    double cheapest = kMaxPrice;
    const std::string_view zone = candidate->label(world::kZoneLabel);
    const std::string_view capacity_type = candidate->label(world::kCapacityTypeLabel);
    for (const cloud::Offering& offering : candidate->type->offerings) {
      if (offering.zone == zone && offering.capacity_type == capacity_type) {
        cheapest = std::min(cheapest, offering.price);
      }
    }
    const auto [it, is_new] = prices.try_emplace(candidate->type->name, kMaxPrice);
    it->second = std::min(it->second, cheapest < kMaxPrice ? cheapest : 0);
  }
  return prices;
}

}  // namespace

double Launch::price() const {
  return types.front().price < kMaxPrice ? types.front().price : 0;
}

std::expected<Launch, std::string> launch_of(plan::WhatIf& what_if, const plan::OpenClaim& claim) {
  plan::PlanBase& base = what_if.base();
  Launch launch{.claim = claim, .types = {}};
  launch.claim.set = plan::with_reservations(base.sets(), claim);
  const plan::Template& tmpl = template_of(base, launch);
  launch.types = plan::types_by_price(*tmpl.columns, launch.claim.set, launch.claim.rows);
  if (auto why =
          plan::keep_cheapest(base, tmpl, launch.claim.set, launch.types, launch.claim.rows)) {
    return unexpected(std::move(*why));
  }
  return launch;
}

std::expected<Launch, std::string> cheaper_launch(Pass& pass,
                                                  const Candidates& candidates,
                                                  Launch launch) {
  plan::PlanBase& base = pass.what_if().base();
  double price = 0;
  bool is_all_spot = true;
  for (const Candidate* candidate : candidates) {
    price += candidate->price;
    is_all_spot &= candidate->is_spot();
  }
  if (is_all_spot && admits(base, launch, cloud::capacity_type::kSpot)) {  // DIS-90
    return spot_to_spot(pass, candidates, price, std::move(launch));
  }
  if (auto why = keep_below(base, price, launch)) {
    return unexpected(std::move(*why));
  }
  narrow_to_spot(base, launch);
  return launch;
}

std::optional<Launch> capped_launch(Pass& pass, Launch launch, double price) {
  plan::PlanBase& base = pass.what_if().base();
  if (keep_below(base, price, launch)) {
    return std::nullopt;
  }
  narrow_to_spot(base, launch);
  return launch;
}

std::optional<Launch> without_types(Pass& pass,
                                    Launch launch,
                                    const std::set<std::string, std::less<>>& types) {
  plan::PlanBase& base = pass.what_if().base();
  const plan::Columns& columns = *template_of(base, launch).columns;
  std::erase_if(launch.types, [&](const plan::PricedType& type) {
    return types.contains(columns.type_of_row(type.row).name);
  });
  keep_listed_rows(base, launch);
  if (launch.types.empty() || !shortfall_of(base, launch).empty()) {
    return std::nullopt;
  }
  return launch;
}

bool admits_spot(Pass& pass, const Launch& launch) {
  return admits(pass.what_if().base(), launch, cloud::capacity_type::kSpot);
}

std::optional<Launch> without_same_types(Pass& pass, const Candidates& candidates, Launch launch) {
  plan::PlanBase& base = pass.what_if().base();
  const plan::Columns& columns = *template_of(base, launch).columns;
  const auto prices = prices_of_types(candidates);
  double least = kMaxPrice;
  for (const plan::PricedType& type : launch.types) {
    if (const auto same = prices.find(columns.type_of_row(type.row).name); same != prices.end()) {
      least = std::min(least, same->second);
    }
  }
  if (keep_below(base, least, launch)) {
    return std::nullopt;
  }
  return launch;
}

}  // namespace disrupt

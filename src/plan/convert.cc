#include "plan/convert.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>

#include "base/text.h"
#include "plan/claim_parts.h"
#include "plan/prices.h"

namespace plan {
namespace {

model::Requirement in_texts(model::SetTable& sets,
                            std::string_view key,
                            const std::vector<std::string>& values) {
  return model::make_requirement(sets.words(), key, model::Operator::kIn, values);
}

// SCH-240: capacity types that the claim can really get.
std::vector<std::string> capacity_types(PlanBase& base,
                                        Columns& columns,
                                        model::SetId set,
                                        const base::Bitset& rows) {
  const base::Bitset& live = columns.live_offers(set);
  std::set<std::string> types;
  std::set<model::Symbol> seen;
  live.for_each_set([&](std::size_t position) {
    const OfferColumn& offer = columns.offers()[position];
    if (rows.test(offer.row) && seen.insert(offer.capacity_type).second) {
      types.emplace(base.words().text(offer.capacity_type));
    }
  });
  return {types.begin(), types.end()};
}

// SCH-214: per name, the least that the daemons of any remaining row take.
k8s::Resources least_overhead(const Template& tmpl, const base::Bitset& rows) {
  std::optional<k8s::Resources> least;
  for (const DaemonGroup& group : tmpl.groups) {
    if (!group.rows.intersects(rows)) {
      continue;
    }
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
  return least.value_or(k8s::Resources());
}

// SCH-222.
bool is_min_values_relaxed(const model::SetTable& sets, model::SetId made, model::SetId from) {
  return std::ranges::any_of(sets.members(from), [&](model::ReqId id) {
    const model::Requirement& wanted = sets.requirement(id);
    const model::Requirement* got = sets.get(made, wanted.key);
    return wanted.min_values && got != nullptr && got->min_values.value_or(0) < *wanted.min_values;
  });
}

// SCH-241: any of the listed types.
void mark_overlays(const Columns& columns,
                   const std::vector<PricedType>& types,
                   k8s::NodeClaim& claim) {
  const auto mark = [&](bool cloud::InstanceType::* flag, const char* annotation) {
    if (std::ranges::any_of(
            types, [&](const PricedType& t) { return columns.type_of_row(t.row).*flag; })) {
      claim.meta.annotations[annotation] = "true";
    }
  };
  mark(&cloud::InstanceType::has_price_overlay, "karpenter.sh/price-overlay-applied");
  mark(&cloud::InstanceType::has_capacity_overlay, "karpenter.sh/capacity-overlay-applied");
}

// The instance types of a claim, by name; what minValues asks of them stays (SCH-240).
k8s::SelectorTerm type_term(const Columns& columns,
                            const model::Requirement* asked,
                            std::vector<PricedType> types) {
  std::ranges::sort(types, {}, [&](const PricedType& type) { return columns.name_rank(type.row); });
  k8s::SelectorTerm term{
      .key = std::string(cloud::label::kInstanceType), .op = "In", .values = {}, .min_values = {}};
  term.values.reserve(types.size());
  for (const PricedType& type : types) {
    term.values.push_back(columns.type_of_row(type.row).name);
  }
  if (asked != nullptr && asked->min_values) {
    term.min_values = *asked->min_values;
  }
  return term;
}

// SCH-470.
std::string requested_drivers(PlanBase& base, const OpenClaim& claim) {
  return claim.has_devices ? base::join(base.devices()->drivers(claim.place), ",") : std::string();
}

CheapestOffering describe(PlanBase& base, Columns& columns, model::SetId set, std::size_t row) {
  CheapestOffering cheapest{
      .instance_type = columns.type_of_row(row).name, .zone = {}, .capacity_type = {}, .price = 0};
  if (const OfferColumn* offer = cheapest_offer(base, columns, columns.live_offers(set), row)) {
    cheapest.zone = base.words().text(offer->zone);
    cheapest.capacity_type = base.words().text(offer->capacity_type);
    cheapest.price = offer->price;
  }
  return cheapest;
}

}  // namespace

std::optional<std::string> keep_cheapest(PlanBase& base,
                                         const Template& tmpl,
                                         model::SetId set,
                                         std::vector<PricedType>& types,
                                         base::Bitset& rows) {
  const Columns& columns = *tmpl.columns;
  const std::size_t most = base.options().max_instance_types;
  if (types.size() <= most) {
    return std::nullopt;
  }
  types.resize(most);
  std::set<std::size_t> kept;
  for (const PricedType& type : types) {
    kept.insert(type.type);
  }
  const base::Bitset all = rows;
  all.for_each_set([&](std::size_t row) {
    if (!kept.contains(columns.type_index(row))) {
      rows.reset(row);
    }
  });
  if (base.options().min_values_policy == MinValuesPolicy::kBestEffort) {
    return std::nullopt;
  }
  const auto shortfall = min_values_shortfall(base.sets(), columns, set, rows);
  if (shortfall.empty()) {
    return std::nullopt;
  }
  return base::concat(
      "pod didn\u2019t schedule because NodePool couldn\u2019t meet minValues requirements, "
      "validating minValues, ",
      shortfall_text(base.sets(), shortfall),
      " (NodePool=",
      tmpl.pool->pool->meta.name,
      ")");
}

double ClaimPrices::of(const OpenClaim& claim) {
  Columns& columns = *base_.templates()[claim.tmpl].columns;
  for (const auto& [row, price] : by_price(columns, with_reservations(base_.sets(), claim))) {
    if (claim.rows.test(row)) {
      return price;
    }
  }
  return 0;
}

const ClaimPrices::Prices& ClaimPrices::by_price(Columns& columns, model::SetId set) {
  const auto [it, is_new] = known_.try_emplace({&columns, set});
  if (is_new) {
    Prices all;
    const std::span<const OfferColumn> offers = columns.offers();
    columns.live_offers(set).for_each_set(
        [&](std::size_t offer) { all.emplace_back(offers[offer].row, offers[offer].price); });
    std::ranges::stable_sort(all, {}, &Prices::value_type::second);
    base::Bitset seen(columns.row_count());
    for (const auto& [row, price] : all) {
      if (!seen.test(row)) {
        seen.set(row);
        it->second.emplace_back(row, price);
      }
    }
  }
  return it->second;
}

const base::Result<ClaimForms::FormPtr>& ClaimForms::form_of(const OpenClaim& claim) {
  std::string key;
  const auto append = [&key](const auto& number) {
    key.append(reinterpret_cast<const char*>(&number), sizeof number);
  };
  append(claim.tmpl);
  append(claim.set.value());
  for (const model::Symbol id : claim.reservations) {
    append(id.value());
  }
  for (const base::BitWord word : claim.rows.words()) {
    append(word);
  }
  key += requested_drivers(base_, claim);
  const auto found = forms_.find(key);
  return found != forms_.end() ? found->second
                               : forms_.emplace(std::move(key), make(claim)).first->second;
}

base::Result<ClaimForms::FormPtr> ClaimForms::make(const OpenClaim& claim) {
  const Template& tmpl = base_.templates()[claim.tmpl];
  Columns& columns = *tmpl.columns;
  model::SetTable& sets = base_.sets();
  model::SetId set = with_reservations(sets, claim);
  base::Bitset rows = claim.rows;
  std::vector<PricedType> types = types_by_price(columns, set, rows);
  if (auto failure = keep_cheapest(base_, tmpl, set, types, rows)) {
    return base::fail(base::ErrorCode::kLimit, std::move(*failure));
  }
  auto form = std::make_shared<ClaimForm>();
  form->pool = tmpl.pool->pool;
  for (const PricedType& type : types) {
    form->instance_types.push_back(columns.type_of_row(type.row).name);
  }
  form->cheapest = describe(base_, columns, set, types.front().row);
  const model::Symbol type_key = sets.words().intern(cloud::label::kInstanceType);
  const auto kinds = capacity_types(base_, columns, set, rows);
  if (!kinds.empty()) {
    set = sets.add(set, in_texts(sets, cloud::label::kCapacityType, kinds));
  }
  form->claim =
      make_claim(sets,
                 {.pool = *tmpl.pool->pool,
                  .hash = tmpl.hash,
                  .is_min_values_relaxed = is_min_values_relaxed(sets, set, tmpl.set),
                  .is_daemon_key = [this](model::Symbol key) { return base_.is_daemon_key(key); }},
                 set,
                 type_term(columns, sets.get(set, type_key), types));
  mark_overlays(columns, types, form->claim);
  if (std::string drivers = requested_drivers(base_, claim); !drivers.empty()) {
    form->claim.meta.annotations["karpenter.sh/requested-dra-drivers"] = std::move(drivers);
  }
  form->overhead = least_overhead(tmpl, rows);
  return form;
}

}  // namespace plan

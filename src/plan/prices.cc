#include "plan/prices.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <tuple>

namespace plan {
namespace {

model::Requirement in_texts(model::SetTable& sets,
                            std::string_view key,
                            const std::vector<std::string>& values) {
  return model::make_requirement(sets.words(), key, model::Operator::kIn, values);
}

// At equal price: what is paid for anyway, then by name.
auto offer_order(const model::Vocabulary& words, const OfferColumn& offer) {
  return std::tuple(offer.price,
                    !offer.reservation.is_valid(),
                    words.text(offer.capacity_type),
                    words.text(offer.zone));
}

// Of the row's live offerings; the largest double without any.
double least_price(const Columns& columns, const base::Bitset& live, std::size_t row) {
  double least = std::numeric_limits<double>::max();
  std::size_t position = columns.first_offer_of_row(row);
  for (const OfferColumn& offer : columns.offers_of_row(row)) {
    if (live.test(position++)) {
      least = std::min(least, offer.price);
    }
  }
  return least;
}

// Rows are in the order of types.
std::size_t type_count(const Columns& columns) {
  return columns.row_count() == 0 ? 0 : columns.type_index(columns.row_count() - 1) + 1;
}

}  // namespace

const OfferColumn* cheapest_offer(PlanBase& base,
                                  const Columns& columns,
                                  const base::Bitset& live,
                                  std::size_t row) {
  const OfferColumn* best = nullptr;
  std::size_t position = columns.first_offer_of_row(row);
  for (const OfferColumn& offer : columns.offers_of_row(row)) {
    if (live.test(position++) &&
        (best == nullptr || offer.price < best->price ||
         (offer.price == best->price &&
          offer_order(base.words(), offer) < offer_order(base.words(), *best)))) {
      best = &offer;
    }
  }
  return best;
}

std::vector<PricedType> types_by_price(Columns& columns,
                                       model::SetId set,
                                       const base::Bitset& rows) {
  const base::Bitset& live = columns.live_offers(set);
  std::vector<PricedType> types;
  rows.for_each_set([&](std::size_t row) {
    const double price = least_price(columns, live, row);
    const std::size_t type = columns.type_index(row);
    if (!types.empty() && types.back().type == type) {  // Another row of the same type.
      if (price < types.back().price) {
        types.back() = {.price = price, .type = type, .row = row};
      }
      return;
    }
    types.push_back({.price = price, .type = type, .row = row});
  });
  std::ranges::sort(types, {}, [&](const PricedType& type) {
    return std::pair(type.price, columns.name_rank(type.row));
  });
  return types;
}

std::vector<double> worst_launch_prices(PlanBase& base,
                                        Columns& columns,
                                        model::SetId set,
                                        const base::Bitset& rows) {
  constexpr double kNone = std::numeric_limits<double>::max();
  const std::array kinds{base.words().intern(cloud::capacity_type::kReserved),
                         base.words().intern(cloud::capacity_type::kSpot),
                         base.words().intern(cloud::capacity_type::kOnDemand)};
  const base::Bitset& live = columns.live_offers(set);
  std::vector<double> worst(type_count(columns), kNone);
  std::vector<std::size_t> best_kind(type_count(columns), kinds.size());
  rows.for_each_set([&](std::size_t row) {
    const std::size_t type = columns.type_index(row);
    std::size_t position = columns.first_offer_of_row(row);
    for (const OfferColumn& offer : columns.offers_of_row(row)) {
      if (!live.test(position++)) {
        continue;
      }
      const auto kind =
          static_cast<std::size_t>(std::ranges::find(kinds, offer.capacity_type) - kinds.begin());
      if (kind < best_kind[type]) {
        best_kind[type] = kind;
        worst[type] = offer.price;
      } else if (kind == best_kind[type] && kind < kinds.size()) {
        worst[type] = std::max(worst[type], offer.price);
      }
    }
  });
  return worst;
}

model::SetId with_reservations(model::SetTable& sets, const OpenClaim& claim) {
  if (claim.reservations.empty()) {
    return claim.set;
  }
  model::SetId set = sets.replace(
      claim.set,
      in_texts(sets, cloud::label::kCapacityType, {std::string(cloud::capacity_type::kReserved)}));
  const std::string& key = sets.schema().reservation_id_key();
  if (!key.empty()) {
    std::vector<std::string> ids;
    for (const model::Symbol id : claim.reservations) {
      ids.emplace_back(sets.words().text(id));
    }
    set = sets.add(set, in_texts(sets, key, ids));
  }
  return set;
}

}  // namespace plan

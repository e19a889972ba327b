#include "plan/reservations.h"

#include <algorithm>

#include "base/assert.h"

namespace plan {

void Reservations::add(const Columns& columns) {
  for (const OfferColumn& offer : columns.offers()) {
    if (offer.reservation.is_valid()) {
      const auto [it, is_new] =
          remaining_.try_emplace(offer.reservation.value(), offer.reservation_capacity);
      it->second = std::min(it->second, offer.reservation_capacity);
    }
  }
}

bool Reservations::can_reserve(const std::vector<model::Symbol>& held, model::Symbol id) const {
  if (std::ranges::find(held, id) != held.end()) {
    return true;
  }
  const auto it = remaining_.find(id.value());
  return it != remaining_.end() && it->second > 0;
}

void Reservations::exchange(std::vector<model::Symbol>& held,
                            const std::vector<model::Symbol>& wanted) {
  for (const model::Symbol id : wanted) {
    if (std::ranges::find(held, id) == held.end()) {
      std::int64_t& remaining = remaining_[id.value()];
      ASSERT(remaining > 0);
      --remaining;
    }
  }
  for (const model::Symbol id : held) {
    if (std::ranges::find(wanted, id) == wanted.end()) {
      ++remaining_[id.value()];
    }
  }
  held = wanted;
}

}  // namespace plan

// What an open claim may become and what that costs: instance types by price, and the price that a
// launch can come to at worst (SCH-68, SCH-277).
//
// Thread rule: one owner of the PlanBase; nothing is kept.
#pragma once

#include <cstddef>
#include <vector>

#include "plan/plan_base.h"
#include "plan/solver.h"

namespace plan {

struct PricedType {
  double price = 0;  // Of the cheapest offering; the largest double without any.
  std::size_t type = 0;
  std::size_t row = 0;
};

// The cheapest of the live offerings of a row; nullptr: none.
const OfferColumn* cheapest_offer(PlanBase& base,
                                  const Columns& columns,
                                  const base::Bitset& live,
                                  std::size_t row);

// SCH-68: by the cheapest offer that the requirements allow, then by name.
std::vector<PricedType> types_by_price(Columns& columns,
                                       model::SetId set,
                                       const base::Bitset& rows);

// DIS-91: by type of the catalogue, the dearest offering of the first kind of capacity that the
// set leaves (reserved, spot, on-demand); the largest double without any.
std::vector<double> worst_launch_prices(PlanBase& base,
                                        Columns& columns,
                                        model::SetId set,
                                        const base::Bitset& rows);

// SCH-197: what the claim asks once it holds reservations.
model::SetId with_reservations(model::SetTable& sets, const OpenClaim& claim);

}  // namespace plan

// From open claims to the NodeClaims that will be created (spec 02 s11): price order, truncation,
// requirements, labels, annotations, requests.
//
// Most claims of a large plan differ only in their pods, so forms are made once per requirement set
// and set of instance types. Thread rule: one owner; borrows the PlanBase.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "plan/plan_base.h"
#include "plan/prices.h"
#include "plan/solver.h"

namespace plan {

// What claims would cost, without making their forms.
class ClaimPrices {
 public:
  explicit ClaimPrices(PlanBase& base) : base_(base) {}

  // Of the cheapest offering, in dollars per hour; what form_of() states.
  double of(const OpenClaim& claim);

 private:
  using Prices = std::vector<std::pair<std::size_t, double>>;  // By row, the cheapest first.

  const Prices& by_price(Columns& columns, model::SetId set);

  PlanBase& base_;
  std::map<std::pair<const Columns*, model::SetId>, Prices> known_;
};

class ClaimForms {
 public:
  using FormPtr = std::shared_ptr<const ClaimForm>;

  explicit ClaimForms(PlanBase& base) : base_(base) {}

  // Errors: kLimit when minValues cannot hold for the cheapest types (SCH-230): the claim is not
  // made and the text is every pod's reason.
  const base::Result<FormPtr>& form_of(const OpenClaim& claim);

 private:
  base::Result<FormPtr> make(const OpenClaim& claim);

  PlanBase& base_;
  std::unordered_map<std::string, base::Result<FormPtr>> forms_;  // By what they are made of.
};

// SCH-72, SCH-230: `types`, by price, and `rows` cut to as many as a claim may name; the reason why
// its pods must wait when minValues cannot hold any more.
std::optional<std::string> keep_cheapest(PlanBase& base,
                                         const Template& tmpl,
                                         model::SetId set,
                                         std::vector<PricedType>& types,
                                         base::Bitset& rows);

}  // namespace plan

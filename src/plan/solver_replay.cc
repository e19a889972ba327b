// Placing pods where a packing wants them, by the same trials and commits as in solve().
#include "plan/solver.h"

namespace plan {
namespace {

constexpr std::uint32_t kNotOpen = ~std::uint32_t{0};

}  // namespace

bool Solver::follow(std::span<const Placement> wanted,
                    std::span<const Opening> openings,
                    const std::vector<std::uint32_t>& class_of_pod) {
  std::vector<std::uint32_t> claims(openings.size(), kNotOpen);  // By opening.
  std::uint32_t none = kNotOpen;
  for (const Placement& one : wanted) {
    const Opening* opening = one.is_on_node ? nullptr : &openings[one.place];
    std::uint32_t& claim = one.is_on_node ? none : claims[one.place];
    if (!follow(one, opening, claim, class_of_pod[one.pod])) {
      return false;
    }
    ++progress_;
  }
  return true;
}

bool Solver::follow(const Placement& wanted,
                    const Opening* opening,
                    std::uint32_t& claim,
                    std::uint32_t pod_class) {
  const PodClass& asked = classes_.classes()[pod_class];
  const bool may_use_settling = may_use_settling_.empty() || may_use_settling_[wanted.pod];
  for (std::uint32_t i = 0; i <= wanted.variant; ++i) {
    const Asking asking{.pod_class = asked,
                        .variant = asked.variants[i],
                        .pod = wanted.pod,
                        .may_use_settling = may_use_settling};
    bool is_placed = false;
    if (opening == nullptr) {
      is_placed = try_node(asking, nodes_[wanted.place]) == Verdict::kFits;
      if (is_placed) {
        commit_node(asking, wanted.place);
      }
    } else if (claim == kNotOpen) {
      is_placed = open_as_told(asking, *opening);
      claim = is_placed ? static_cast<std::uint32_t>(claims_.size() - 1) : kNotOpen;
    } else if (try_claim(asking, claims_[claim]) == Verdict::kFits) {
      commit_claim(asking, claim);
      is_placed = true;
    }
    if (is_placed) {
      placements_.back().variant = i;
      return true;
    }
  }
  return attempt(wanted.pod, pod_class) == Verdict::kFits &&
         placements_.back().variant <= wanted.variant;
}

bool Solver::open_as_told(const Asking& asking, const Opening& opening) {
  PoolBudget& budget = base_.budget(base_.templates()[opening.tmpl].pool->pool->meta.name);
  if (budget.has_no_nodes_left()) {
    return false;
  }
  OpenClaim claim = fresh_claim(opening.tmpl);
  claim.set = base_.sets().combine(claim.set, opening.set, model::Undefined::kWellKnown);
  if (!claim.set.is_valid() || claim.rows.none() || try_claim(asking, claim) != Verdict::kFits) {
    return false;
  }
  claims_.push_back(std::move(claim));
  make_room_for_claims();
  commit_claim(asking, claims_.size() - 1);
  budget.charge(claims_.back().rows);
  return true;
}

}  // namespace plan

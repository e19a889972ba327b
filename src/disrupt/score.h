// Balanced consolidation: is what a move saves worth the disruption (spec 03 s7)? Pure.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "disrupt/candidate.h"

namespace disrupt {

inline constexpr std::string_view kBalanced = "Balanced";
inline constexpr double kBalancedK = 2;

struct PoolTotals {
  double cost = 0;        // Dollars per hour.
  double disruption = 0;  // DIS-120
};

using PoolTotalsByName = std::map<std::string, PoolTotals, std::less<>>;

struct Score {
  double value = 0;
  double savings_fraction = 0;
  double disruption_fraction = 0;

  bool is_approved(double k = kBalancedK) const { return value >= 1 / k; }
};

// DIS-121.
Score score_of(double savings, double disruption, const PoolTotals& totals);

// One involved pool of a move that was weighed.
struct Scoring {
  std::string pool;
  std::string policy;
  std::size_t candidates = 0;  // Of this pool, as all that follows.
  double savings = 0;          // Its share; dollars per hour.
  double disruption = 0;
  bool is_scored = false;  // Of a Balanced pool.
  PoolTotals totals;
  Score score;
  bool is_approved = true;       // By this pool.
  bool is_move_approved = true;  // By all of them (DIS-124).
};

// DIS-124: every involved pool; an empty move is rejected (no entries).
std::vector<Scoring> weigh(std::span<const Candidate* const> candidates,
                           double savings,
                           const PoolTotalsByName& totals);

// Whether all involved pools approve.
bool is_approved(const std::vector<Scoring>& scorings);

// DIS-127: no replacement could be cheap enough.
bool is_hopeless(const Candidate& candidate, const PoolTotalsByName& totals);

// DIS-120; `judgements` before eligibility, `costs` of pools as far as they are tracked.
PoolTotalsByName pool_totals(const world::Snapshot& snapshot,
                             std::span<const Judgement> judgements,
                             Grace grace,
                             const std::map<std::string, double, std::less<>>& costs = {});

}  // namespace disrupt

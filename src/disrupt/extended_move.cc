#include "disrupt/extended_move.h"

#include <algorithm>

#include "disrupt/extended.h"
#include "world/names.h"

namespace disrupt {

namespace {

constexpr std::size_t kLeastSpotTypes = 15;  // DIS-93
// Machines that come up, pods that are drained, and a node for whoever found no place after all.
constexpr k8s::DurationNs kAftermath = 5 * k8s::kMinute;

bool is_recent(const Pass& pass, const PastMove& move) {
  return pass.snapshot().now - move.at < kNoReturn;
}

// What the candidates must not become again.
std::set<std::string, std::less<>> barred_types(const Pass& pass, const Candidates& candidates) {
  std::set<std::string, std::less<>> barred;
  for (const PastMove& move : pass.settings().past) {
    if (is_recent(pass, move) && std::ranges::any_of(candidates, [&](const Candidate* candidate) {
          return move.into.contains(candidate->claim_name());
        })) {
      barred.insert(move.types.begin(), move.types.end());
    }
  }
  return barred;
}

}  // namespace

bool came_with_a_move(const Pass& pass, const Candidate& candidate) {
  return std::ranges::any_of(pass.settings().past, [&](const PastMove& move) {
    const k8s::DurationNs later = candidate.row->claim->meta.creation_time - move.at;
    return is_recent(pass, move) && later >= 0 && later < kAftermath;
  });
}

Outlay outlay_of(const Move& move) {
  Outlay out{.evictions = evictions_of(move.candidates)};
  for (const Launch& launch : move.launches) {
    out.launches.push_back(launch.price());
  }
  return out;
}

bool may_launch(Pass& pass, const Move& move) {
  if (std::ranges::none_of(move.candidates, &Candidate::is_spot)) {
    return true;
  }
  return std::ranges::all_of(move.launches, [&](const Launch& launch) {
    return !admits_spot(pass, launch) || (pass.settings().spot_to_spot &&
                                          (move.candidates.size() > 1 || move.launches.size() > 1 ||
                                           launch.types.size() >= kLeastSpotTypes));
  });
}

bool narrow(Pass& pass, Move& move) {
  const auto barred = barred_types(pass, move.candidates);
  double spent = 0;
  for (const Launch& launch : move.launches) {
    spent += launch.price();
  }
  const double slack = spent > 0 ? move.savings() / 2 / spent : 0;
  for (Launch& launch : move.launches) {
    auto open = barred.empty() ? std::optional(launch) : without_types(pass, launch, barred);
    if (!open) {
      return false;
    }
    auto narrowed = capped_launch(pass, std::move(*open), launch.price() * (1 + slack));
    if (!narrowed || narrowed->price() <= 0) {
      return false;
    }
    launch = std::move(*narrowed);
  }
  return true;
}

}  // namespace disrupt

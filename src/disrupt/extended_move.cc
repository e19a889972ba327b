#include "disrupt/extended_part.h"

#include <algorithm>
#include <numeric>

#include "disrupt/extended.h"
#include "world/names.h"

namespace disrupt {

namespace {

constexpr std::size_t kLeastSpotTypes = 15;  // DIS-93

bool is_spot(const Candidate& candidate) {
  return candidate.label(world::kCapacityTypeLabel) == cloud::capacity_type::kSpot;
}

// What the candidates must not become again.
std::set<std::string, std::less<>> barred_types(const Pass& pass, const Candidates& candidates) {
  std::set<std::string, std::less<>> barred;
  for (const PastMove& move : pass.settings().past) {
    if (pass.snapshot().now - move.at < kNoReturn &&
        std::ranges::any_of(
            candidates,
            [&](const Candidate* candidate) {
              return move.into.contains(candidate->claim_name());
            })) {
      barred.insert(move.types.begin(), move.types.end());
    }
  }
  return barred;
}

}  // namespace

double price_of(const Candidates& candidates) {
  return std::accumulate(
      candidates.begin(), candidates.end(), 0.0, [](double sum, const Candidate* candidate) {
        return sum + candidate->price;
      });
}

double Part::savings() const {
  double sum = price_of(candidates);
  for (const Launch& launch : launches) {
    sum -= launch.price();
  }
  return sum;
}

Outlay Part::outlay() const {
  Outlay out{.evictions = evictions_of(candidates)};
  for (const Launch& launch : launches) {
    out.launches.push_back(launch.price());
  }
  return out;
}

bool may_launch(Pass& pass, const Part& part) {
  if (std::ranges::none_of(part.candidates, [](const Candidate* c) { return is_spot(*c); })) {
    return true;
  }
  return std::ranges::all_of(part.launches, [&](const Launch& launch) {
    return !admits_spot(pass, launch) || (pass.settings().spot_to_spot &&
                                          (part.candidates.size() > 1 || part.launches.size() > 1 ||
                                           launch.types.size() >= kLeastSpotTypes));
  });
}

bool narrow(Pass& pass, Part& part) {
  const auto barred = barred_types(pass, part.candidates);
  double spent = 0;
  for (const Launch& launch : part.launches) {
    spent += launch.price();
  }
  const double slack = spent > 0 ? part.savings() / 2 / spent : 0;
  for (Launch& launch : part.launches) {
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

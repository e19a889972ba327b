// Improvement of a packing by ruin and recreate (plan/packing_packer.h).
#include <algorithm>
#include <cstddef>
#include <utility>

#include "plan/packing_packer.h"

namespace plan {

void Packer::improve(std::vector<PackBin>& bins) {
  std::ranges::stable_sort(bins, std::greater{}, [&](const PackBin& bin) { return loss_of(bin); });
  std::size_t turn = 0;
  std::size_t failures = 0;
  // All that can be tried with two bins is tried after twelve turns.
  while (steps_ > 0 && bins.size() > 1 &&
         failures < std::min<std::size_t>(60, 12 * (bins.size() - 1))) {
    ++turn;
    failures = try_again(bins, turn) ? 0 : failures + 1;
  }
}

bool Packer::takes(std::uint32_t lane, std::uint32_t other) const {
  return lane == other ||
         std::ranges::find(problem_.lanes[lane].guests, other) != problem_.lanes[lane].guests.end();
}

double Packer::loss_of(const PackBin& bin) const {
  double worth = 0;
  for (const auto& [g, count] : bin.pods) {
    worth += first_worth_[g] * count;
  }
  return bin.price - worth;
}

std::vector<std::size_t> Packer::choose_bins(const std::vector<PackBin>& bins,
                                             std::size_t turn) const {
  const std::size_t size = std::min<std::size_t>(2 + turn % 4, bins.size());
  std::vector<std::size_t> chosen{turn % 3 == 0 ? turn / 3 % bins.size() : 0};
  const std::uint32_t lane = bins[chosen.front()].lane;
  for (std::size_t i = 1, at = 1 + turn * 7 % bins.size(); i < bins.size() && chosen.size() < size;
       ++i) {
    const std::size_t candidate = turn % 2 == 0 ? i : (at + i) % bins.size();
    if (candidate != chosen.front() && takes(lane, bins[candidate].lane) &&
        std::ranges::find(chosen, candidate) == chosen.end()) {
      chosen.push_back(candidate);
    }
  }
  std::ranges::sort(chosen);
  return chosen;
}

bool Packer::try_again(std::vector<PackBin>& bins, std::size_t turn) {
  const std::vector<std::size_t> chosen = choose_bins(bins, turn);
  std::uint32_t lane = bins[chosen.front()].lane;
  double before = 0;
  for (const std::size_t i : chosen) {
    before += bins[i].price;
    lane = takes(bins[i].lane, lane) ? bins[i].lane : lane;
    give_back(bins[i]);
  }
  std::vector<PackBin> made;
  const double bias = 0.03 * static_cast<double>(turn / 4 % 3);
  bool is_better = pack_lane(lane, 1, bias, made);
  // Guests that were in the chosen bins must have found a place, too.
  for (const std::uint32_t guest : problem_.lanes[lane].guests) {
    is_better = is_better && pack_lane(guest, 1, bias, made);
  }
  if (!is_better || price_of(made) >= before - 1e-9) {
    for (const PackBin& bin : made) {
      give_back(bin);
    }
    for (const std::size_t i : chosen) {
      take_back(bins[i]);
    }
    return false;
  }
  for (auto i = chosen.rbegin(); i != chosen.rend(); ++i) {
    bins.erase(bins.begin() + static_cast<std::ptrdiff_t>(*i));
  }
  for (PackBin& bin : made) {
    const auto place = std::ranges::upper_bound(
        bins, loss_of(bin), std::greater{}, [&](const PackBin& other) { return loss_of(other); });
    bins.insert(place, std::move(bin));
  }
  return true;
}

void Packer::give_back(const PackBin& bin) {
  for (const auto& [g, count] : bin.pods) {
    left_[g] += count;
  }
}

void Packer::take_back(const PackBin& bin) {
  for (const auto& [g, count] : bin.pods) {
    left_[g] -= count;
  }
}

}  // namespace plan

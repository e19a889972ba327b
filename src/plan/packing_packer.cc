#include "plan/packing_packer.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace plan {
namespace {

// Prices follow what is left: once so much of it is gone, they are found anew.
constexpr double kAppraiseAgain = 0.85;
constexpr int kAllLooks = std::numeric_limits<int>::max();
constexpr int kFewLooks = 1;
constexpr std::uint32_t kFirstScale = 64;
constexpr std::uint32_t kScaleStep = 4;
// The price per worth that a fill for many machines may have.
constexpr double kMostWaste = 1.03;
constexpr double kNever = std::numeric_limits<double>::max();

double worth_of(const PodsOfGroups& pods, const std::vector<double>& group_worth) {
  double worth = 0;
  for (const auto& [g, count] : pods) {
    worth += group_worth[g] * count;
  }
  return worth;
}

}  // namespace

double price_of(const std::vector<PackBin>& bins) {
  return std::transform_reduce(
      bins.begin(), bins.end(), 0.0, std::plus{}, [](const PackBin& bin) { return bin.price; });
}

Packer::Packer(const PackProblem& problem, std::int64_t& steps)
    : problem_(problem),
      steps_(steps),
      few_steps_(steps / 2),
      left_(problem.groups.size()),
      of_lane_(problem.lanes.size()),
      guests_of_lane_(problem.lanes.size()),
      worth_(problem.lanes.size()),
      group_worth_(problem.groups.size()),
      filler_(problem, steps) {
  for (std::uint32_t g = 0; g < left_.size(); ++g) {
    left_[g] = problem.groups[g].count;
    of_lane_[problem.groups[g].lane].push_back(g);
  }
  for (std::uint32_t lane = 0; lane < problem.lanes.size(); ++lane) {
    appraise(lane);
    std::ranges::stable_sort(
        of_lane_[lane], std::greater{}, [&](std::uint32_t g) { return group_worth_[g]; });
  }
  for (std::uint32_t lane = 0; lane < problem.lanes.size(); ++lane) {
    for (const std::uint32_t guest : problem.lanes[lane].guests) {
      auto& guests = guests_of_lane_[lane];
      guests.insert(guests.end(), of_lane_[guest].begin(), of_lane_[guest].end());
    }
  }
  first_worth_ = group_worth_;
}

std::vector<PackBin> Packer::run() {
  std::vector<PackBin> bins = pack_all(kFirstScale);
  if (steps_ > few_steps_) {
    std::vector<PackBin> other = pack_all(1);
    if (!other.empty() && price_of(other) < price_of(bins)) {
      bins = std::move(other);
    }
  }
  few_steps_ = 0;
  is_improving_ = true;
  improve(bins);
  return bins;
}

std::vector<PackBin> Packer::pack_all(std::uint32_t scale) {
  std::ranges::transform(problem_.groups, left_.begin(), &PackGroup::count);
  // Lanes that take guests first: what they leave over still fits elsewhere.
  std::vector<std::uint32_t> order(problem_.lanes.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, std::greater{}, [&](std::uint32_t lane) {
    return problem_.lanes[lane].guests.size();
  });
  std::vector<PackBin> bins;
  for (const std::uint32_t lane : order) {
    if (!pack_lane(lane, scale, 0, bins)) {
      return {};
    }
  }
  return bins;
}

void Packer::appraise(std::uint32_t lane) {
  worth_[lane] = find_worth(problem_, lane, of_lane_[lane], left_);
  for (const std::uint32_t g : of_lane_[lane]) {
    group_worth_[g] = worth_[lane].of(problem_.groups[g]);
  }
  steps_ -= static_cast<std::int64_t>(problem_.lanes[lane].machines.size());
}

double Packer::left_worth(std::uint32_t lane) const {
  double sum = 0;
  for (const std::uint32_t g : of_lane_[lane]) {
    sum += group_worth_[g] * left_[g];
  }
  return sum;
}

bool Packer::has_pods(std::uint32_t lane) const {
  return std::ranges::any_of(of_lane_[lane], [&](std::uint32_t g) { return left_[g] > 0; });
}

void Packer::fill(std::uint32_t lane, std::uint32_t scale, const PackMachine& machine) {
  weight_.resize(machine.supply.size());
  for (std::size_t d = 0; d < weight_.size(); ++d) {
    const double supply = machine.supply[d];
    weight_[d] =
        supply > 0 ? (worth_[lane].resource[d] + 1e-6 * machine.price / supply) / supply : 0;
  }
  filler_.start(machine, weight_, scale);
  filler_.add(of_lane_[lane], left_);
  if (!filler_.pods().empty()) {
    filler_.add(guests_of_lane_[lane], left_);
  }
}

double Packer::best_ratio(std::uint32_t lane, const PackMachine& machine) const {
  const double worth = worth_[lane].of(machine);
  return worth > 0 ? machine.price / worth : 0;
}

bool Packer::pack_lane(std::uint32_t lane,
                       std::uint32_t scale,
                       double bias,
                       std::vector<PackBin>& bins) {
  std::vector<Prospect> prospects;
  double appraised = 0;
  while (has_pods(lane)) {
    const double left = left_worth(lane);
    if (prospects.empty() || (steps_ >= few_steps_ && left < kAppraiseAgain * appraised)) {
      appraise(lane);
      appraised = left_worth(lane);
      prospects = first_prospects(lane);
    }
    const Choice choice = choose(lane, scale, bias, prospects);
    if (scale > 1 && choice.ratio > kMostWaste) {
      scale /= kScaleStep;
      prospects = first_prospects(lane);
      continue;
    }
    if (choice.pods.empty() || (is_improving_ && steps_ <= 0)) {
      return false;
    }
    use(lane, problem_.lanes[lane].machines[choice.machine].price, choice.pods, bins);
  }
  return true;
}

Packer::Choice Packer::choose(std::uint32_t lane,
                              std::uint32_t scale,
                              double bias,
                              std::vector<Prospect>& prospects) {
  const auto& machines = problem_.lanes[lane].machines;
  Choice best;
  const int most_looks = steps_ < few_steps_ ? kFewLooks : kAllLooks;
  int looks = 0;
  for (Prospect& prospect : prospects) {
    if (prospect.ratio >= best.ratio || looks == most_looks) {
      break;
    }
    const PackMachine& machine = machines[prospect.machine];
    fill(lane, scale, machine);
    const PodsOfGroups& made = filler_.pods();
    // Pods may be worth nothing once other pods decide all prices; the machine is cheap then.
    const double carried = std::max(worth_of(made, group_worth_) + bias * machine.price, 1e-12);
    prospect.ratio = made.empty() ? kNever : machine.price / carried;
    looks += made.empty() ? 0 : 1;
    if (prospect.ratio < best.ratio) {
      best = {.pods = made, .machine = prospect.machine, .ratio = prospect.ratio};
    }
  }
  std::ranges::stable_sort(prospects, {}, &Prospect::ratio);
  return best;
}

std::vector<Packer::Prospect> Packer::first_prospects(std::uint32_t lane) const {
  const auto& machines = problem_.lanes[lane].machines;
  std::vector<Prospect> prospects;
  for (std::size_t m = 0; m < machines.size(); ++m) {
    prospects.push_back({.ratio = best_ratio(lane, machines[m]), .machine = m});
  }
  std::ranges::stable_sort(prospects, {}, &Prospect::ratio);
  return prospects;
}

void Packer::use(std::uint32_t lane,
                 double price,
                 const PodsOfGroups& pods,
                 std::vector<PackBin>& bins) {
  std::uint32_t times = std::numeric_limits<std::uint32_t>::max();
  for (const auto& [g, count] : pods) {
    times = std::min(times, left_[g] / count);
  }
  for (const auto& [g, count] : pods) {
    left_[g] -= times * count;
  }
  for (std::uint32_t i = 0; i < times; ++i) {
    bins.push_back({.lane = lane, .price = price, .pods = pods});
  }
}

}  // namespace plan

#include "plan/packing_filler.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace plan {
namespace {

constexpr std::size_t kMostCandidates = 64;
constexpr double kNoFit = -std::numeric_limits<double>::infinity();
constexpr std::size_t kNowhere = ~std::size_t{0};

}  // namespace

Filler::Filler(const PackProblem& problem, std::int64_t& steps)
    : problem_(problem),
      steps_(steps),
      counted_(problem.rules),
      most_(problem.rules),
      group_(kMostCandidates),
      left_(kMostCandidates),
      score_(kMostCandidates) {}

void Filler::start(const PackMachine& machine,
                   std::span<const double> weight,
                   std::uint32_t scale) {
  scale_ = scale;
  room_ = machine.supply;
  weight_.assign(weight.begin(), weight.end());
  demand_.resize(room_.size(), std::vector<double>(kMostCandidates));
  std::ranges::fill(counted_, 0);
  std::ranges::fill(most_, HostRule::kUnlimited);
  pods_.clear();
  ++turn_;
}

void Filler::add(std::span<const std::uint32_t> groups, std::span<const std::uint32_t> left) {
  load(groups, left);
  for (std::size_t best = best_place(); best != kNowhere; best = best_place()) {
    // Rules close a machine to a group for good, so the few that are closed cost a look each.
    if (rules_allow(problem_.groups[group_[best]])) {
      take(best);
    } else {
      drop(best);
    }
  }
}

// The first half of the candidates in order, the others spread over the rest, each time from
// another one on.
void Filler::load(std::span<const std::uint32_t> groups, std::span<const std::uint32_t> left) {
  size_ = 0;
  std::size_t at = 0;
  for (; at < groups.size() && size_ < kMostCandidates / 2; ++at) {
    append(groups[at], left[groups[at]] / scale_);
  }
  const std::size_t rest = groups.size() - at;
  const std::size_t stride = std::max<std::size_t>(1, rest / (kMostCandidates - size_));
  for (at += rest > 0 ? turn_ % stride : 0; at < groups.size() && size_ < kMostCandidates;
       at += stride) {
    append(groups[at], left[groups[at]] / scale_);
  }
}

void Filler::append(std::uint32_t group, std::uint32_t left) {
  const PackGroup& added = problem_.groups[group];
  if (left == 0 || !fits(added)) {
    return;
  }
  group_[size_] = group;
  left_[size_] = left;
  for (std::size_t d = 0; d < room_.size(); ++d) {
    demand_[d][size_] = added.demand[d];
  }
  ++size_;
}

void Filler::drop(std::size_t place) {
  --size_;
  group_[place] = group_[size_];
  left_[place] = left_[size_];
  score_[place] = score_[size_];
  for (std::vector<double>& demand : demand_) {
    demand[place] = demand[size_];
  }
}

bool Filler::fits(const PackGroup& group) const {
  for (std::size_t d = 0; d < room_.size(); ++d) {
    if (group.demand[d] > 0 && group.demand[d] > room_[d]) {
      return false;
    }
  }
  return true;
}

void Filler::score_all() {
  std::fill_n(score_.begin(), size_, 0.0);
  double* const scores = score_.data();
  for (std::size_t d = 0; d < room_.size(); ++d) {
    const double* const demands = demand_[d].data();
    const double room = std::max(0.0, room_[d]);
    const double weight = weight_[d];
    for (std::size_t i = 0; i < size_; ++i) {
      const double demand = demands[i];
      scores[i] += demand > room ? kNoFit : weight * demand * (2 * room - demand);
    }
  }
}

std::size_t Filler::best_place() {
  steps_ -= static_cast<std::int64_t>(size_);
  score_all();
  std::size_t best = kNowhere;
  for (std::size_t i = 0; i < size_;) {
    if (score_[i] < 0) {
      drop(i);  // It will not fit later either.
      continue;
    }
    if (best == kNowhere || score_[i] > score_[best]) {
      best = i;
    }
    ++i;
  }
  return best;
}

bool Filler::rules_allow(const PackGroup& group) const {
  return std::ranges::all_of(group.rules, [&](const HostRule& rule) {
    const std::int64_t count = counted_[rule.rule] + (rule.is_counted ? 1 : 0);
    const std::int64_t most = most_[rule.rule];
    return (rule.most == HostRule::kUnlimited || count <= rule.most) &&
           (most == HostRule::kUnlimited || count <= most);
  });
}

void Filler::follow_rules(const PackGroup& group) {
  for (const HostRule& rule : group.rules) {
    counted_[rule.rule] += rule.is_counted ? 1 : 0;
    std::int64_t& most = most_[rule.rule];
    if (rule.most != HostRule::kUnlimited) {
      most = most == HostRule::kUnlimited ? rule.most : std::min(most, rule.most);
    }
  }
}

// Several at a time while there is much room: a quarter of what would fit.
std::uint32_t Filler::portion(const PackGroup& group, std::uint32_t left) const {
  if (!group.rules.empty()) {
    return 1;
  }
  double most = left;
  for (std::size_t d = 0; d < room_.size(); ++d) {
    if (group.demand[d] > 0) {
      most = std::min(most, room_[d] / group.demand[d]);
    }
  }
  return std::max(1U, static_cast<std::uint32_t>(most / 4));
}

void Filler::take(std::size_t place) {
  const std::uint32_t number = group_[place];
  const PackGroup& group = problem_.groups[number];
  const std::uint32_t count = portion(group, left_[place]);
  for (std::size_t d = 0; d < room_.size(); ++d) {
    room_[d] -= group.demand[d] * count;
  }
  follow_rules(group);
  const auto known =
      std::ranges::find(pods_, number, &std::pair<std::uint32_t, std::uint32_t>::first);
  if (known == pods_.end()) {
    pods_.emplace_back(number, count);
  } else {
    known->second += count;
  }
  left_[place] -= count;
  if (left_[place] == 0) {
    drop(place);
  }
}

}  // namespace plan

#include "plan/packing_fill.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>

#include "base/assert.h"
#include "plan/packing_linear.h"

namespace plan {
namespace {

constexpr std::size_t kMostRuleRows = 6;
// Prices follow what is left: once so much of it is gone, they are found anew.
constexpr double kAppraiseAgain = 0.85;
constexpr int kFewLooks = 1;
constexpr double kNever = std::numeric_limits<double>::max();

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// What pods of a lane are worth there.
struct Worth {
  std::vector<double> resource;  // Dollars per unit.
  std::vector<double> rule;      // Dollars per place under a host rule.
};

struct Fill {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pods;
  double worth = 0;
};

class Packer {
 public:
  Packer(const PackProblem& problem, std::int64_t& steps)
      : problem_(problem), steps_(steps), few_steps_(steps / 2), left_(problem.groups.size()) {
    for (std::size_t g = 0; g < left_.size(); ++g) {
      left_[g] = problem.groups[g].count;
    }
    of_lane_.resize(problem.lanes.size());
    for (std::uint32_t g = 0; g < problem.groups.size(); ++g) {
      of_lane_[problem.groups[g].lane].push_back(g);
    }
    worth_.resize(problem.lanes.size());
    group_worth_.resize(problem.groups.size());
    for (std::uint32_t lane = 0; lane < problem.lanes.size(); ++lane) {
      appraise(lane);
    }
    first_worth_ = group_worth_;
    counted_.resize(problem.rules);
    most_.resize(problem.rules);
  }

  std::vector<PackBin> run() {
    // Lanes that take guests first: what they leave over still fits elsewhere.
    std::vector<std::uint32_t> order(problem_.lanes.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::stable_sort(order, std::greater{}, [&](std::uint32_t lane) {
      return problem_.lanes[lane].guests.size();
    });
    std::vector<PackBin> bins;
    for (const std::uint32_t lane : order) {
      if (!pack_lane(lane, 0, bins)) {
        return {};
      }
    }
    few_steps_ = 0;
    improve(bins);
    return bins;
  }

 private:
  // What the pods that are left in the lane are worth.
  void appraise(std::uint32_t lane) {
    worth_[lane] = find_worth(lane);
    for (const std::uint32_t g : of_lane_[lane]) {
      group_worth_[g] = worth_of(problem_.groups[g]);
    }
    steps_ -= static_cast<std::int64_t>(problem_.lanes[lane].machines.size());
  }

  double left_worth(std::uint32_t lane) const {
    double sum = 0;
    for (const std::uint32_t g : of_lane_[lane]) {
      sum += group_worth_[g] * left_[g];
    }
    return sum;
  }

  // max worth of all pods, so that no machine carries more worth than it costs.
  Worth find_worth(std::uint32_t lane) {
    const auto& machines = problem_.lanes[lane].machines;
    const std::size_t dimensions = machines.empty() ? 0 : machines.front().supply.size();
    const std::vector<std::uint32_t> rules = scarce_rules(lane);
    std::vector<double> total(dimensions + rules.size());
    for (const std::uint32_t g : of_lane_[lane]) {
      const PackGroup& group = problem_.groups[g];
      for (std::size_t d = 0; d < dimensions; ++d) {
        total[d] += group.demand[d] * left_[g];
      }
      for (std::size_t i = 0; i < rules.size(); ++i) {
        total[dimensions + i] += places(group, rules[i]) * left_[g];
      }
    }
    std::vector<double> unit(dimensions, 1);  // So that all columns are of one size.
    for (std::size_t d = 0; d < dimensions; ++d) {
      for (const PackMachine& machine : machines) {
        unit[d] = std::max(unit[d], machine.supply[d]);
      }
      total[d] /= unit[d];
    }
    std::vector<double> rows;
    std::vector<double> prices;
    for (const PackMachine& machine : machines) {
      for (std::size_t d = 0; d < dimensions; ++d) {
        rows.push_back(std::max(0.0, machine.supply[d]) / unit[d]);
      }
      rows.insert(rows.end(), rules.size(), 1.0);
      prices.push_back(machine.price);
    }
    const LinearAnswer answer = maximize(total, rows, prices);
    Worth worth{
        .resource = {answer.x.begin(), answer.x.begin() + static_cast<std::ptrdiff_t>(dimensions)},
        .rule = std::vector<double>(problem_.rules)};
    for (std::size_t d = 0; d < dimensions; ++d) {
      worth.resource[d] /= unit[d];
    }
    for (std::size_t i = 0; i < rules.size(); ++i) {
      worth.rule[rules[i]] = answer.x[dimensions + i];
    }
    return worth;
  }

  // The share of a machine that a pod takes under the rule.
  static double places(const PackGroup& group, std::uint32_t rule) {
    for (const HostRule& one : group.rules) {
      if (one.rule == rule && one.is_counted && one.most > 0) {
        return 1.0 / static_cast<double>(one.most);
      }
    }
    return 0;
  }

  // Rules that ask for the most machines; the others rarely matter for prices.
  std::vector<std::uint32_t> scarce_rules(std::uint32_t lane) const {
    std::vector<double> machines(problem_.rules);
    for (const std::uint32_t g : of_lane_[lane]) {
      for (const HostRule& rule : problem_.groups[g].rules) {
        machines[rule.rule] += places(problem_.groups[g], rule.rule) * left_[g];
      }
    }
    std::vector<std::uint32_t> rules(problem_.rules);
    std::iota(rules.begin(), rules.end(), 0U);
    std::erase_if(rules, [&](std::uint32_t rule) { return machines[rule] <= 1; });
    std::ranges::stable_sort(rules, std::greater{}, [&](auto rule) { return machines[rule]; });
    rules.resize(std::min(rules.size(), kMostRuleRows));
    return rules;
  }

  double worth_of(const PackGroup& group) const {
    const Worth& worth = worth_[group.lane];
    double sum = dot(worth.resource, group.demand);
    for (const HostRule& rule : group.rules) {
      sum += worth.rule[rule.rule] * places(group, rule.rule);
    }
    return sum;
  }

  bool rules_allow(const PackGroup& group) const {
    return std::ranges::all_of(group.rules, [&](const HostRule& rule) {
      const std::int64_t count = counted_[rule.rule] + (rule.is_counted ? 1 : 0);
      const std::int64_t most = most_[rule.rule];
      return (rule.most == HostRule::kUnlimited || count <= rule.most) &&
             (most == HostRule::kUnlimited || count <= most);
    });
  }

  void follow_rules(const PackGroup& group) {
    for (const HostRule& rule : group.rules) {
      counted_[rule.rule] += rule.is_counted ? 1 : 0;
      std::int64_t& most = most_[rule.rule];
      if (rule.most != HostRule::kUnlimited) {
        most = most == HostRule::kUnlimited ? rule.most : std::min(most, rule.most);
      }
    }
  }

  // The machine as full as the pods that are left make it.
  Fill fill(std::uint32_t lane, const PackMachine& machine) {
    room_ = machine.supply;
    std::ranges::fill(counted_, 0);
    std::ranges::fill(most_, HostRule::kUnlimited);
    weight_.resize(room_.size());
    for (std::size_t d = 0; d < room_.size(); ++d) {
      const double supply = machine.supply[d];
      weight_[d] =
          supply > 0 ? (worth_[lane].resource[d] + 1e-6 * machine.price / supply) / supply : 0;
    }
    Fill made;
    add_pods(of_lane_[lane], made);
    if (!made.pods.empty()) {
      guests_.clear();
      for (const std::uint32_t guest : problem_.lanes[lane].guests) {
        guests_.insert(guests_.end(), of_lane_[guest].begin(), of_lane_[guest].end());
      }
      add_pods(guests_, made);
    }
    return made;
  }

  // The pod that brings what is left over closest to nothing in all resources at once, again and
  // again (the norm-based greedy rule of vector bin packing).
  void add_pods(const std::vector<std::uint32_t>& groups, Fill& made) {
    open_.clear();
    for (const std::uint32_t g : groups) {
      if (left_[g] > 0) {
        open_.push_back({.group = g, .left = left_[g]});
      }
    }
    while (!open_.empty()) {
      steps_ -= static_cast<std::int64_t>(open_.size());
      std::size_t kept = 0;
      std::size_t best = 0;
      double best_score = -1;
      for (std::size_t i = 0; i < open_.size(); ++i) {
        const Open one = open_[i];
        const double score = score_of(problem_.groups[one.group]);
        if (score < 0) {
          continue;  // It will not fit later either.
        }
        if (score > best_score) {
          best_score = score;
          best = kept;
        }
        open_[kept++] = one;
      }
      open_.resize(kept);
      if (kept > 0) {
        take(open_[best], made);
      }
    }
  }

  struct Open {
    std::uint32_t group = 0;
    std::uint32_t left = 0;
  };

  // Negative: it does not fit.
  double score_of(const PackGroup& group) const {
    double score = 0;
    for (std::size_t d = 0; d < room_.size(); ++d) {
      const double demand = group.demand[d];
      if (demand > room_[d] && demand > 0) {
        return -1;
      }
      score += weight_[d] * demand * (2 * room_[d] - demand);
    }
    return group.rules.empty() || rules_allow(group) ? score : -1;
  }

  // Several at a time while there is much room: a quarter of what would fit.
  std::uint32_t portion(const PackGroup& group, std::uint32_t left) const {
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

  void take(Open& one, Fill& made) {
    const PackGroup& group = problem_.groups[one.group];
    const std::uint32_t count = portion(group, one.left);
    for (std::size_t d = 0; d < room_.size(); ++d) {
      room_[d] -= group.demand[d] * count;
    }
    follow_rules(group);
    made.worth += group_worth_[one.group] * count;
    const auto known =
        std::ranges::find(made.pods, one.group, &std::pair<std::uint32_t, std::uint32_t>::first);
    if (known == made.pods.end()) {
      made.pods.emplace_back(one.group, count);
    } else {
      known->second += count;
    }
    one.left -= count;
    if (one.left == 0) {
      open_.erase(open_.begin() + (&one - open_.data()));
    }
  }

  bool has_pods(std::uint32_t lane) const {
    return std::ranges::any_of(of_lane_[lane], [&](std::uint32_t g) { return left_[g] > 0; });
  }

  // Price per worth of a fill. Fewer pods never make it better by much: what was found earlier
  // serves as the estimate until the machine is looked at again.
  struct Prospect {
    double ratio = 0;
    std::size_t machine = 0;
  };

  // No fill pays better than one without any waste.
  double best_ratio(std::uint32_t lane, const PackMachine& machine) const {
    const double worth = dot(worth_[lane].resource, machine.supply) +
                         std::reduce(worth_[lane].rule.begin(), worth_[lane].rule.end());
    return worth > 0 ? machine.price / worth : 0;
  }

  bool pack_lane(std::uint32_t lane, double bias, std::vector<PackBin>& bins) {
    const auto& machines = problem_.lanes[lane].machines;
    std::vector<Prospect> prospects;
    double appraised = 0;
    while (has_pods(lane)) {
      const double left = left_worth(lane);
      if (prospects.empty() || left < kAppraiseAgain * appraised) {
        appraise(lane);
        appraised = left_worth(lane);
        prospects = first_prospects(lane);
      }
      Fill best;
      double least = kNever;
      std::size_t best_machine = 0;
      int looks = 0;
      for (Prospect& prospect : prospects) {
        if (prospect.ratio >= least || (steps_ < few_steps_ && looks == kFewLooks)) {
          break;
        }
        const PackMachine& machine = machines[prospect.machine];
        Fill made = fill(lane, machine);
        // Pods may be worth nothing once other pods decide all prices; the machine is cheap then.
        const double carried = std::max(made.worth + bias * machine.price, 1e-12);
        prospect.ratio = made.pods.empty() ? kNever : machine.price / carried;
        looks += made.pods.empty() ? 0 : 1;
        if (prospect.ratio < least) {
          least = prospect.ratio;
          best = std::move(made);
          best_machine = prospect.machine;
        }
      }
      if (best.pods.empty() || steps_ <= 0) {
        return false;
      }
      std::ranges::stable_sort(prospects, {}, &Prospect::ratio);
      use(lane, machines[best_machine].price, best, bins);
    }
    return true;
  }

  std::vector<Prospect> first_prospects(std::uint32_t lane) const {
    const auto& machines = problem_.lanes[lane].machines;
    std::vector<Prospect> prospects;
    for (std::size_t m = 0; m < machines.size(); ++m) {
      prospects.push_back({.ratio = best_ratio(lane, machines[m]), .machine = m});
    }
    std::ranges::stable_sort(prospects, {}, &Prospect::ratio);
    return prospects;
  }

  // As often as there are pods for it.
  void use(std::uint32_t lane, double price, const Fill& fill, std::vector<PackBin>& bins) {
    std::uint32_t times = std::numeric_limits<std::uint32_t>::max();
    for (const auto& [g, count] : fill.pods) {
      times = std::min(times, left_[g] / count);
    }
    for (const auto& [g, count] : fill.pods) {
      left_[g] -= times * count;
    }
    for (std::uint32_t i = 0; i < times; ++i) {
      bins.push_back({.lane = lane, .price = price, .pods = fill.pods});
    }
  }

  double worth_of(const PackBin& bin) const {
    double worth = 0;
    for (const auto& [g, count] : bin.pods) {
      worth += first_worth_[g] * count;
    }
    return worth;
  }

  // Ruin and recreate: the bins of a lane that lose most, with some others, are packed anew.
  void improve(std::vector<PackBin>& bins) {
    std::size_t turn = 0;
    std::size_t failures = 0;
    constexpr std::size_t kPatience = 60;
    while (steps_ > 0 && failures < kPatience && bins.size() > 1) {
      ++turn;
      failures = try_again(bins, turn) ? 0 : failures + 1;
    }
  }

  // Pods of the other lane may be packed anew together with the lane's.
  bool takes(std::uint32_t lane, std::uint32_t other) const {
    return lane == other || std::ranges::find(problem_.lanes[lane].guests, other) !=
                                problem_.lanes[lane].guests.end();
  }

  bool try_again(std::vector<PackBin>& bins, std::size_t turn) {
    std::ranges::stable_sort(
        bins, std::greater{}, [&](const PackBin& bin) { return bin.price - worth_of(bin); });
    const std::size_t size = std::min<std::size_t>(2 + turn % 4, bins.size());
    std::vector<std::size_t> chosen{turn % 3 == 0 ? turn / 3 % bins.size() : 0};
    const std::uint32_t lane = bins[chosen.front()].lane;
    for (std::size_t i = 1, at = 1 + turn * 7 % bins.size();
         i < bins.size() && chosen.size() < size;
         ++i) {
      const std::size_t candidate = turn % 2 == 0 ? i : (at + i) % bins.size();
      if (candidate != chosen.front() && takes(lane, bins[candidate].lane) &&
          std::ranges::find(chosen, candidate) == chosen.end()) {
        chosen.push_back(candidate);
      }
    }
    std::ranges::sort(chosen);
    double before = 0;
    for (const std::size_t i : chosen) {
      before += bins[i].price;
      give_back(bins[i], 1);
    }
    std::vector<PackBin> made;
    const double bias = 0.03 * static_cast<double>(turn / 4 % 3);
    bool is_better = pack_lane(lane, bias, made);
    double after = 0;
    for (const PackBin& bin : made) {
      after += bin.price;
    }
    // Guests that were in the chosen bins must have found a place, too.
    for (const std::uint32_t guest : problem_.lanes[lane].guests) {
      const std::size_t already = made.size();
      is_better = is_better && pack_lane(guest, bias, made);
      for (std::size_t i = already; i < made.size(); ++i) {
        after += made[i].price;
      }
    }
    is_better = is_better && after < before - 1e-9;
    if (!is_better) {
      for (const PackBin& bin : made) {
        give_back(bin, 1);
      }
      for (const std::size_t i : chosen) {
        give_back(bins[i], -1);
      }
      return false;
    }
    for (auto i = chosen.rbegin(); i != chosen.rend(); ++i) {
      bins.erase(bins.begin() + static_cast<std::ptrdiff_t>(*i));
    }
    std::ranges::move(made, std::back_inserter(bins));
    return true;
  }

  void give_back(const PackBin& bin, int sign) {
    for (const auto& [g, count] : bin.pods) {
      left_[g] = sign > 0 ? left_[g] + count : left_[g] - count;
    }
  }

  const PackProblem& problem_;
  std::int64_t& steps_;
  std::int64_t few_steps_;  // With fewer than that left, only the likeliest machines are looked at.
  std::vector<std::uint32_t> left_;  // Pods without a machine, by group.
  std::vector<std::vector<std::uint32_t>> of_lane_;
  std::vector<Worth> worth_;
  std::vector<double> group_worth_;
  std::vector<double> first_worth_;  // Of the whole problem.
  // Of the fill under way.
  std::vector<double> room_;
  std::vector<double> weight_;
  std::vector<std::int64_t> counted_;
  std::vector<std::int64_t> most_;
  std::vector<Open> open_;
  std::vector<std::uint32_t> guests_;
};

}  // namespace

std::vector<PackBin> pack(const PackProblem& problem, std::int64_t& steps) {
  return Packer(problem, steps).run();
}

std::vector<PackMachine> without_dominated(std::vector<PackMachine> machines) {
  std::ranges::stable_sort(machines, {}, &PackMachine::price);
  std::vector<PackMachine> kept;
  std::vector<std::size_t> likely;  // What has beaten others lately is looked at first.
  for (PackMachine& machine : machines) {
    const auto winner = std::ranges::find_if(likely, [&](std::size_t other) {
      return std::ranges::equal(machine.supply, kept[other].supply, std::less_equal{});
    });
    if (winner != likely.end()) {
      std::rotate(likely.begin(), winner, winner + 1);
    } else {
      likely.push_back(kept.size());
      kept.push_back(std::move(machine));
    }
  }
  return kept;
}

}  // namespace plan

#include "plan/packing_worth.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "plan/packing_linear.h"

namespace plan {
namespace {

constexpr std::size_t kMostRuleRows = 6;

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// The share of a machine that a pod takes under the rule.
double places(const PackGroup& group, std::uint32_t rule) {
  for (const HostRule& one : group.rules) {
    if (one.rule == rule && one.is_counted && one.most > 0) {
      return 1.0 / static_cast<double>(one.most);
    }
  }
  return 0;
}

// Rules that ask for the most machines; the others rarely matter for prices.
std::vector<std::uint32_t> scarce_rules(const PackProblem& problem,
                                        std::span<const std::uint32_t> groups,
                                        std::span<const std::uint32_t> left) {
  std::vector<double> machines(problem.rules);
  for (const std::uint32_t g : groups) {
    for (const HostRule& rule : problem.groups[g].rules) {
      machines[rule.rule] += places(problem.groups[g], rule.rule) * left[g];
    }
  }
  std::vector<std::uint32_t> rules(problem.rules);
  std::iota(rules.begin(), rules.end(), 0U);
  std::erase_if(rules, [&](std::uint32_t rule) { return machines[rule] <= 1; });
  std::ranges::stable_sort(rules, std::greater{}, [&](auto rule) { return machines[rule]; });
  rules.resize(std::min(rules.size(), kMostRuleRows));
  return rules;
}

// The largest supply of each resource, so that all columns of the program are of one size.
std::vector<double> units_of(const std::vector<PackMachine>& machines, std::size_t dimensions) {
  std::vector<double> unit(dimensions, 1);
  for (const PackMachine& machine : machines) {
    for (std::size_t d = 0; d < dimensions; ++d) {
      unit[d] = std::max(unit[d], machine.supply[d]);
    }
  }
  return unit;
}

}  // namespace

double Worth::of(const PackGroup& group) const {
  double sum = dot(resource, group.demand);
  for (const HostRule& one : group.rules) {
    sum += rule[one.rule] * places(group, one.rule);
  }
  return sum;
}

double Worth::of(const PackMachine& machine) const {
  return dot(resource, machine.supply) + std::reduce(rule.begin(), rule.end());
}

Worth find_worth(const PackProblem& problem,
                 std::uint32_t lane,
                 std::span<const std::uint32_t> groups,
                 std::span<const std::uint32_t> left) {
  const auto& machines = problem.lanes[lane].machines;
  const std::size_t dimensions = machines.empty() ? 0 : machines.front().supply.size();
  const std::vector<std::uint32_t> rules = scarce_rules(problem, groups, left);
  const std::vector<double> unit = units_of(machines, dimensions);
  std::vector<double> total(dimensions + rules.size());
  for (const std::uint32_t g : groups) {
    const PackGroup& group = problem.groups[g];
    for (std::size_t d = 0; d < dimensions; ++d) {
      total[d] += group.demand[d] * left[g] / unit[d];
    }
    for (std::size_t i = 0; i < rules.size(); ++i) {
      total[dimensions + i] += places(group, rules[i]) * left[g];
    }
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
  Worth worth{.resource = std::vector<double>(dimensions),
              .rule = std::vector<double>(problem.rules)};
  for (std::size_t d = 0; d < dimensions; ++d) {
    worth.resource[d] = answer.x[d] / unit[d];
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    worth.rule[rules[i]] = answer.x[dimensions + i];
  }
  return worth;
}

}  // namespace plan

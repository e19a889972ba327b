#include "plan/lower_bound.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include <coin/ClpSimplex.hpp>
#include <coin/CoinPackedMatrix.hpp>

#include "plan/lower_bound_model.h"
#include "plan/plan_memory.h"

namespace plan {
namespace {

constexpr int kMostRounds = 40;
constexpr double kTolerance = 1e-7;

// A matrix in the making, column by column.
struct Columnwise {
  std::vector<int> row_of;
  std::vector<double> value;
  std::vector<CoinBigIndex> start{0};
  std::vector<double> cost;

  void put(std::size_t row, double number) {
    row_of.push_back(static_cast<int>(row));
    value.push_back(number);
  }

  void end_column(double price) {
    start.push_back(static_cast<CoinBigIndex>(row_of.size()));
    cost.push_back(price);
  }
};

// What the pods are worth according to a program over some of the machines.
struct Dual {
  std::vector<double> kind;  // Dollars per pod.
  std::vector<double> cap;   // Dollars per place in a zone; 0 or more.
};

class Bound {
 public:
  explicit Bound(const BoundModel& model) : model_(model), is_chosen_(model.machines.size()) {}

  LowerBound run() {
    LowerBound best;
    choose_first();
    while (best.rounds < kMostRounds) {
      ++best.rounds;
      const Dual dual = solve();
      const double excess = add_underpriced(dual);
      best.price = std::max(best.price, value_of(dual) / std::max(excess, 1.0));
      if (excess <= 1 + kTolerance) {
        break;
      }
    }
    return best;
  }

 private:
  // For every kind the machines that would carry it alone for the least: the program always has a
  // solution.
  void choose_first() {
    for (std::uint32_t kind = 0; kind < model_.kinds.size(); ++kind) {
      std::vector<std::pair<double, std::size_t>> found;  // By zone, when zones have caps.
      for (std::size_t m = 0; m < model_.machines.size(); ++m) {
        const BoundMachine& machine = model_.machines[m];
        const auto& admitted = model_.access[machine.access];
        if (std::ranges::binary_search(admitted, kind) && carries(machine, model_.kinds[kind])) {
          found.emplace_back(alone_price(machine, model_.kinds[kind]), m);
        }
      }
      std::ranges::sort(found);
      std::vector<model::Symbol> zones;
      for (const auto& [price, m] : found) {
        const model::Symbol zone = model_.machines[m].zone;
        if (std::ranges::find(zones, zone) == zones.end()) {
          zones.push_back(zone);
          choose(m);
        }
      }
    }
  }

  static double alone_price(const BoundMachine& machine, const BoundKind& kind) {
    double share = 0;
    for (std::size_t d = 0; d < kind.demand.size(); ++d) {
      share = machine.supply[d] > 0 ? std::max(share, kind.demand[d] / machine.supply[d]) : share;
    }
    return machine.price * share;
  }

  void choose(std::size_t machine) {
    if (!is_chosen_[machine]) {
      is_chosen_[machine] = true;
      chosen_.push_back(machine);
    }
  }

  // Rows: the kinds, the caps, then resources and rules of each chosen machine.
  Dual solve() const {
    const std::size_t kinds = model_.kinds.size();
    const std::size_t dimensions = kinds == 0 ? 0 : model_.kinds.front().demand.size();
    const std::size_t per_machine = dimensions + model_.rules.size();
    const std::size_t rows = kinds + model_.caps.size() + per_machine * chosen_.size();
    Columnwise columns;
    std::size_t first = kinds + model_.caps.size();
    for (const std::size_t m : chosen_) {
      add_columns(model_.machines[m], first, columns);
      first += per_machine;
    }
    std::vector<double> low(rows, -COIN_DBL_MAX);
    std::vector<double> high(rows, 0);
    for (std::size_t kind = 0; kind < kinds; ++kind) {
      low[kind] = model_.kinds[kind].count;
      high[kind] = COIN_DBL_MAX;
    }
    for (std::size_t cap = 0; cap < model_.caps.size(); ++cap) {
      high[kinds + cap] = model_.caps[cap].most;
    }
    return solve(columns, low, high);
  }

  void add_columns(const BoundMachine& machine, std::size_t first, Columnwise& columns) const {
    const std::size_t dimensions = machine.supply.size();
    for (std::size_t d = 0; d < dimensions; ++d) {  // The machine, in shares of itself.
      columns.put(first + d, machine.supply[d] > 0 ? -1 : 0);
    }
    for (std::size_t rule = 0; rule < model_.rules.size(); ++rule) {
      columns.put(first + dimensions + rule, -1);
    }
    columns.end_column(machine.price);
    for (const std::uint32_t number : model_.access[machine.access]) {
      const BoundKind& kind = model_.kinds[number];
      if (!carries(machine, kind)) {
        continue;
      }
      columns.put(number, 1);
      for (const std::uint32_t cap : kind.caps) {
        if (model_.caps[cap].zone == machine.zone) {
          columns.put(model_.kinds.size() + cap, 1);
        }
      }
      for (std::size_t d = 0; d < dimensions; ++d) {
        if (kind.demand[d] > 0) {
          columns.put(first + d, kind.demand[d] / machine.supply[d]);
        }
      }
      for (const std::uint32_t rule : kind.rules) {
        columns.put(first + dimensions + rule, 1 / model_.rules[rule].most);
      }
      columns.end_column(0);
    }
  }

  Dual solve(const Columnwise& columns,
             const std::vector<double>& low,
             const std::vector<double>& high) const {
    const int width = static_cast<int>(columns.cost.size());
    const std::vector<double> least(columns.cost.size(), 0);
    const std::vector<double> most(columns.cost.size(), COIN_DBL_MAX);
    ClpSimplex program;
    program.setLogLevel(0);
    program.loadProblem(width,
                        static_cast<int>(low.size()),
                        columns.start.data(),
                        columns.row_of.data(),
                        columns.value.data(),
                        least.data(),
                        most.data(),
                        columns.cost.data(),
                        low.data(),
                        high.data());
    program.dual();
    const double* prices = program.getRowPrice();
    Dual dual;
    for (std::size_t kind = 0; kind < model_.kinds.size(); ++kind) {
      dual.kind.push_back(std::max(prices[kind], 0.0));
    }
    for (std::size_t cap = 0; cap < model_.caps.size(); ++cap) {
      dual.cap.push_back(std::max(-prices[model_.kinds.size() + cap], 0.0));
    }
    return dual;
  }

  double value_of(const Dual& dual) const {
    double value = 0;
    for (std::size_t kind = 0; kind < model_.kinds.size(); ++kind) {
      value += model_.kinds[kind].count * dual.kind[kind];
    }
    for (std::size_t cap = 0; cap < model_.caps.size(); ++cap) {
      value -= model_.caps[cap].most * dual.cap[cap];
    }
    return value;
  }

  // How many times its price the most underpriced of all machines could carry. The best few of
  // each zone take part from now on.
  double add_underpriced(const Dual& dual) {
    std::vector<std::pair<double, std::size_t>> found;
    double excess = 0;
    for (std::size_t m = 0; m < model_.machines.size(); ++m) {
      const BoundMachine& machine = model_.machines[m];
      const double carried = most_worth(model_, machine, worth_in(machine.zone, dual));
      const double ratio = machine.price > 0 ? carried / machine.price
                           : carried > 0     ? std::numeric_limits<double>::max()
                                             : 0;
      excess = std::max(excess, ratio);
      if (ratio > 1 + kTolerance && !is_chosen_[m]) {
        found.emplace_back(-ratio, m);
      }
    }
    std::ranges::sort(found);
    constexpr int kPerZone = 3;
    std::vector<std::pair<model::Symbol, int>> taken;
    for (const auto& [ratio, m] : found) {
      const model::Symbol zone = model_.machines[m].zone;
      auto known = std::ranges::find(taken, zone, &std::pair<model::Symbol, int>::first);
      if (known == taken.end()) {
        known = taken.insert(taken.end(), {zone, 0});
      }
      if (known->second++ < kPerZone) {
        choose(m);
      }
    }
    return excess;
  }

  std::vector<double> worth_in(model::Symbol zone, const Dual& dual) const {
    std::vector<double> worth = dual.kind;
    for (std::size_t kind = 0; kind < worth.size(); ++kind) {
      for (const std::uint32_t cap : model_.kinds[kind].caps) {
        worth[kind] -= model_.caps[cap].zone == zone ? dual.cap[cap] : 0;
      }
    }
    return worth;
  }

  const BoundModel& model_;
  std::vector<bool> is_chosen_;
  std::vector<std::size_t> chosen_;
};

}  // namespace

LowerBound lower_bound(const Problem& problem, const Plan& plan) {
  Problem classic = problem;
  classic.options.packing = Packing::kClassic;
  PlanMemory memory;
  Round round(classic, memory);
  const BoundModel model = bound_model(round, plan);
  return model.kinds.empty() ? LowerBound() : Bound(model).run();
}

}  // namespace plan

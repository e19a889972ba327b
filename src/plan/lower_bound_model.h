// The price bound's view of a problem: kinds of pods, and machines by pool, zone and capacity type.
// Everything that is left out makes plans dearer, never cheaper
// (docs/decisions/0012-price-bound.md).
//
// Units: those of plan/amounts.h as doubles. Thread rule: values.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "plan/round.h"

namespace plan {

// At most `most` pods of these kinds on one machine.
struct BoundRule {
  double most = 1;
  double machines = 0;  // That the pods need for it.
};

// At most `most` pods of a kind's spread group in one zone.
struct BoundCap {
  model::Symbol zone;
  double most = 0;
};

struct BoundKind {
  std::vector<double> demand;
  double count = 0;
  std::vector<std::uint32_t> rules;  // Positions in BoundModel::rules.
  std::vector<std::uint32_t> caps;   // Positions in BoundModel::caps, one per zone.
};

// A row of a catalogue in one zone under one capacity type.
struct BoundMachine {
  std::vector<double> supply;
  double price = 0;
  model::Symbol zone;
  std::uint32_t access = 0;  // Position in BoundModel::access.
};

struct BoundModel {
  std::vector<BoundKind> kinds;
  std::vector<BoundMachine> machines;
  std::vector<std::vector<std::uint32_t>> access;  // Kinds that labels and taints admit, ascending.
  std::vector<BoundRule> rules;
  std::vector<BoundCap> caps;
};

BoundModel bound_model(Round& round, const Plan& plan);

// A pod of the kind fits the machine by itself.
bool carries(const BoundMachine& machine, const BoundKind& kind);

// What the machine can carry at most, when a pod of each kind is worth `worth` (with caps taken
// off): never too little, whatever rounding does.
double most_worth(const BoundModel& model,
                  const BoundMachine& machine,
                  std::span<const double> worth);

}  // namespace plan

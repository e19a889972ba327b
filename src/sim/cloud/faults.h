// Which faults a simulated run has, and how likely each is. One plan is shared by the embedded
// cloud, the kubelet and the API decorator of a run; each draws from its own seeded Rng, so a seed
// replays. `stop()` ends the chaos phase: from then on nothing is drawn.
//
//   FaultPlan plan = *FaultPlan::parse("insufficient-capacity,slow-join=0.5");
//   if (plan.strikes(Fault::kSlowJoin, rng)) { ... }
//
// Thread rule: loop thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "runtime/rng.h"

namespace sim {

enum class Fault : std::uint8_t {
  kInsufficientCapacity,  // An offering is sold out, for three minutes.
  kSlowJoin,              // A machine takes minutes to boot.
  kNeverJoin,             // A machine runs, but its kubelet never registers.
  kApiConflict,           // A write is refused as if somebody else had been first.
  kWatchDrop,             // Events are withheld for a while, then only the latest state is told.
  kThrottle,              // The cloud answers "try later".
  kLostResponse,          // The launch happens, its answer gets lost.
  kSpotInterruption,      // A spot instance is reclaimed.
  kRestart,               // The controller is restarted (drawn by the harness, between effects).
  kLostAnswer,            // A write of the API is done, its answer gets lost.
  kCount,
};

std::string_view to_string(Fault fault);

class FaultPlan {
 public:
  static constexpr std::size_t kFaults = static_cast<std::size_t>(Fault::kCount);

  // A comma-separated list of names, each with an optional "=probability" in [0, 1]; "all" is
  // every fault; empty is none. Errors: kInvalid, naming the item and what is allowed.
  static base::Result<FaultPlan> parse(std::string_view list);
  // Swarm testing: the seed decides which faults exist at all and how often each strikes, so that
  // rare combinations are not drowned by all faults being on at once.
  static FaultPlan swarm(std::uint64_t seed);

  double probability(Fault fault) const { return probabilities_[static_cast<std::size_t>(fault)]; }

  bool has(Fault fault) const { return probability(fault) > 0; }

  // Draws; does not touch the Rng when the fault is off, so that adding a fault to a plan does not
  // shift the others' dice of runs without it.
  bool strikes(Fault fault, runtime::Rng& rng) const;

  void stop() { probabilities_.fill(0); }

  // The list that parse() takes; "" when there are no faults.
  std::string text() const;

 private:
  void set(Fault fault, double probability) {
    probabilities_[static_cast<std::size_t>(fault)] = probability;
  }

  std::array<double, kFaults> probabilities_{};
};

}  // namespace sim

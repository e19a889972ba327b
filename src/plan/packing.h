// Packing by cost (--packing=cost): claims of a finished round are taken apart and their pods put
// together anew, so that the fleet costs less.
//
// The documented order fills a claim until the largest instance type is full, whatever that type
// costs. Here pods are grouped by what they may run on (packing_collect.h), groups are filled into
// priced machines (packing_fill.h), and the solver replays the round with each pod sent to its
// machine: every placement passes the same trial and commit as before, against the same start. The
// new outcome is taken only if it is cheaper and places every pod that the classic plan places.
//
// What stays as it was: which pods share existing nodes, the pool of each pod, the zone of pods
// that a topology rule has sent there, how much each pod had to give up of its wishes, and claims
// with pods that have volumes, host ports or hostname affinity. Rounds with devices are left alone.
//
// Work is counted in steps, proportional to the pods of the round. Pure and deterministic.
#pragma once

#include <memory>
#include <vector>

#include "plan/existing_nodes.h"
#include "plan/solver.h"
#include "plan/topology.h"

namespace plan {

struct Round;

// A round that is solved, whoever owns its parts. Borrows them.
struct SolvedRound {
  PlanBase& base;
  const Topology& topology;
  const PodClasses& classes;
  const std::vector<std::uint32_t>& class_of_pod;  // By pod id.
  const Solver& solver;
};

// Where packing wants the pods of a solved round; a claim that stays as it is opens as what it came
// to be.
struct PackWish {
  std::vector<Solver::Placement> placements;
  std::vector<Solver::Opening> openings;
  double classic_price = 0;  // Of the round's claims; dollars per hour.
  bool is_cheaper = false;   // Than that; else there is nothing to wish for.
};

// REQUIRES: the pools' limits leave what they left before the round's first claim.
PackWish pack_claims(const SolvedRound& round);

// Dollars per hour, each claim at its cheapest.
double total_price(PlanBase& base, const std::vector<OpenClaim>& claims);

// Claims that can be converted (SCH-230); only minValues can be in the way.
bool all_convert(PlanBase& base, const std::vector<OpenClaim>& claims);

// A round before its first pod was placed.
struct RoundStart {
  Topology topology;
  ExistingNodes nodes;
  std::vector<k8s::Quantity> budgets;
};

// The round with its pods placed in another way.
struct Repacked {
  Repacked(Round& round, const RoundStart& start);
  Repacked(const Repacked&) = delete;
  Repacked& operator=(const Repacked&) = delete;

  Topology topology;
  ExistingNodes nodes;
  Solver solver;
  double saving = 0;  // Dollars per hour.
};

// nullptr: nothing cheaper was found. `start` is the round's, before solve().
std::unique_ptr<Repacked> repack(Round& round, const RoundStart& start);

}  // namespace plan

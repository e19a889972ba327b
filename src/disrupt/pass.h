// One look at the cluster with the eyes of disruption: every machine judged once, and one
// simulation shared by all probes of all methods (spec 03 s2, s3).
//
//   plan::PlanMemory memory;                    // kept from pass to pass
//   Pass pass(snapshot, settings, memory);
//   const Findings empty = find_empty(pass);
//
// Thread rule: one owner; borrows snapshot, settings and memory for its lifetime.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "disrupt/budget.h"
#include "disrupt/candidate.h"
#include "disrupt/command.h"
#include "disrupt/score.h"
#include "plan/what_if.h"

namespace disrupt {

// A command of extended consolidation that was carried out.
struct PastMove {
  k8s::TimeNs at = 0;
  ClaimNames into = {};                           // Machines that were launched or got pods.
  std::set<std::string, std::less<>> types = {};  // Instance types that were removed.
};

struct Settings {
  plan::Options plan = {};    // As for provisioning.
  bool spot_to_spot = false;  // The gate SpotToSpotConsolidation.
  ClaimNames busy = {};       // Held by commands under way (DIS-20).
  ClaimNames buffered = {};   // Their machines hold room for capacity buffers (DIS-72).
  // What pools cost, as tracked over time; a pool that is not here costs what its machines' prices
  // say now (DIS-120).
  std::map<std::string, double, std::less<>> costs = {};
  bool extended = false;            // --consolidation=extended.
  std::vector<PastMove> past = {};  // Of the last hour.
  // Pools whose drift rests, until when: replacements failed (DIS-141, improved).
  std::map<std::string, k8s::TimeNs, std::less<>> resting = {};
};

using Candidates = std::vector<const Candidate*>;

class Refusals;

// What the budgets leave of each pool for one reason.
struct Allowances {
  std::string_view reason;
  std::map<std::string, PoolAllowance, std::less<>> pools;
};

class Pass {
 public:
  // `refusals`: of earlier passes with the same memory and gates; none: nothing is remembered.
  Pass(const world::Snapshot& snapshot,
       const Settings& settings,
       plan::PlanMemory& memory,
       Refusals* refusals = nullptr);

  const world::Snapshot& snapshot() const { return snapshot_; }

  const Settings& settings() const { return settings_; }

  const std::vector<Judgement>& judgements() const { return judgements_; }

  // By node name.
  Candidates candidates(Grace grace) const;

  plan::WhatIf& what_if();

  plan::PlanMemory& memory() { return memory_; }

  Refusals* refusals() { return refusals_; }

  std::uint64_t probes() const { return what_if_ ? what_if_->questions() : 0; }

  const PoolTotalsByName& totals();

 private:
  const world::Snapshot& snapshot_;
  const Settings& settings_;
  plan::PlanMemory& memory_;
  Refusals* const refusals_;
  std::vector<Judgement> judgements_;  // By node name.
  std::unique_ptr<plan::WhatIf> what_if_;
  std::optional<PoolTotalsByName> totals_;
};

// DIS-79: by savings ratio, best first; ties by name.
void sort_by_savings(Candidates& candidates);

// What the reason's budgets leave, and the pools that may lose nothing (DIS-60), noted.
Allowances allowances_of(const Pass& pass, std::string_view reason, Findings& findings);

// DIS-61. False, noted in the findings: the pool has none left.
bool is_allowed(const Allowances& allowances, const Candidate& candidate, Findings& findings);
// The same, and takes one.
bool spend(Allowances& allowances, const Candidate& candidate, Findings& findings);

}  // namespace disrupt

#include "disrupt/pass.h"

#include <algorithm>

#include "base/text.h"

namespace disrupt {

Pass::Pass(const world::Snapshot& snapshot,
           const Settings& settings,
           plan::PlanMemory& memory,
           Refusals* refusals)
    : snapshot_(snapshot), settings_(settings), memory_(memory), refusals_(refusals) {
  const PodGuards guards(snapshot);
  std::vector<std::pair<std::string_view, world::NodeId>> nodes;
  snapshot.nodes.for_each(
      [&](world::NodeId id, const world::NodeRow& row) { nodes.emplace_back(row.name(), id); });
  std::ranges::sort(nodes);
  judgements_.reserve(nodes.size());
  for (const auto& [name, id] : nodes) {
    judgements_.push_back(judge(snapshot, guards, settings.busy, id));
  }
}

Candidates Pass::candidates(Grace grace) const {
  Candidates out;
  for (const Judgement& judgement : judgements_) {
    if (judgement.stands(grace)) {
      out.push_back(&*judgement.candidate);
    }
  }
  return out;
}

plan::WhatIf& Pass::what_if() {
  if (what_if_ == nullptr) {
    what_if_ = std::make_unique<plan::WhatIf>(snapshot_, settings_.plan, memory_);
  }
  return *what_if_;
}

const PoolTotalsByName& Pass::totals() {
  if (!totals_) {
    const bool is_wanted = std::ranges::any_of(snapshot_.pools, [](const auto& row) {
      return row->pool->disruption.consolidation_policy == kBalanced;
    });
    totals_ = is_wanted ? pool_totals(snapshot_, judgements_, Grace::kGraceful, settings_.costs)
                        : PoolTotalsByName{};
  }
  return *totals_;
}

void sort_by_savings(Candidates& candidates) {
  std::ranges::stable_sort(candidates, std::ranges::greater{}, &Candidate::savings_ratio);
}

Allowances allowances_of(const Pass& pass, std::string_view reason, Findings& findings) {
  Allowances allowed{.reason = reason, .pools = allowances(pass.snapshot(), reason)};
  for (const auto& [pool, allowance] : allowed.pools) {
    if (allowance.nodes > 0 && allowance.allowed == 0) {
      findings.exhausted_pools.push_back(pool);
    }
  }
  return allowed;
}

bool is_allowed(const Allowances& allowances, const Candidate& candidate, Findings& findings) {
  if (allowances.pools.at(candidate.pool_name()).remaining() > 0) {
    return true;
  }
  findings.is_budget_bound = true;
  findings.notes.push_back({.node = candidate.node,
                            .text = base::concat("No allowed disruptions for disruption reason ",
                                                 allowances.reason,
                                                 " due to blocking budget"),
                            .is_silent = true});
  return false;
}

bool spend(Allowances& allowances, const Candidate& candidate, Findings& findings) {
  if (!is_allowed(allowances, candidate, findings)) {
    return false;
  }
  ++allowances.pools.at(candidate.pool_name()).disrupting;
  return true;
}

}  // namespace disrupt

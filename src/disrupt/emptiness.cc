#include "disrupt/emptiness.h"

#include <algorithm>

#include "base/text.h"
#include "disrupt/budget.h"

namespace disrupt {

namespace {

// DIS-72; the text of the event, or nothing where the refusal is silent.
bool is_eligible(const world::Snapshot& snapshot, const Candidate& candidate, Blocked& why) {
  const k8s::NodePool& pool = *candidate.pool->pool;
  why.is_silent = true;
  if (pool.replicas) {
    return false;  // DIS-70
  }
  if (!pool.disruption.consolidate_after) {
    why = {.text = base::concat("NodePool \"", pool.meta.name, "\" has consolidation disabled")};
    return false;
  }
  const world::NodeRow& row = snapshot.nodes[candidate.node];
  return candidate.is_empty() && k8s::is_true(row.claim->status.conditions, "Consolidatable");
}

}  // namespace

EmptinessReport find_empty_nodes(const world::Snapshot& snapshot,
                                 const std::set<std::string, std::less<>>& busy) {
  EmptinessReport report;
  report.command.reason = kEmpty;
  std::vector<Candidate> found;
  snapshot.nodes.for_each([&](world::NodeId id, const world::NodeRow& row) {
    if (row.claim != nullptr && busy.contains(row.claim->meta.name)) {
      return;
    }
    Judgement judgement = judge(snapshot, id);
    if (!judgement.candidate) {
      if (!judgement.blocked.is_silent) {
        report.notes.push_back({id, std::move(judgement.blocked), false});
      }
      return;
    }
    Blocked why;
    if (is_eligible(snapshot, *judgement.candidate, why)) {
      found.push_back(std::move(*judgement.candidate));
    } else if (!why.is_silent) {
      report.notes.push_back({id, std::move(why), true});
    }
  });
  if (found.empty()) {
    return report;
  }
  // DIS-79; ties by name, so that the choice is stable.
  std::ranges::sort(found, [](const Candidate& a, const Candidate& b) {
    const double left = a.savings_ratio();
    const double right = b.savings_ratio();
    return left != right ? left > right : a.claim < b.claim;
  });
  auto allowed = allowances(snapshot, kEmpty);
  for (const auto& [pool, allowance] : allowed) {
    if (allowance.nodes > 0 && allowance.allowed == 0) {
      report.exhausted_pools.push_back(pool);
    }
  }
  for (Candidate& candidate : found) {
    PoolAllowance& allowance = allowed[candidate.pool->pool->meta.name];
    if (allowance.remaining() > 0) {
      ++allowance.disrupting;
      report.command.candidates.push_back(std::move(candidate));
    }
  }
  return report;
}

Command validate(const world::Snapshot& snapshot,
                 const Command& command,
                 const std::set<std::string, std::less<>>& busy) {
  Command fresh = find_empty_nodes(snapshot, busy).command;
  std::erase_if(fresh.candidates, [&](const Candidate& candidate) {
    return std::ranges::none_of(command.candidates, [&](const Candidate& before) {
      return before.claim == candidate.claim;
    });
  });
  return fresh;
}

}  // namespace disrupt

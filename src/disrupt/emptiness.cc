// Emptiness: machines without pods that would need another place go together, within budgets and
// without simulation (spec 03 s6.1).
#include "base/text.h"
#include "disrupt/methods.h"

namespace disrupt {

namespace {

bool is_consolidatable(const Candidate& candidate) {
  return k8s::is_true(candidate.row->claim->status.conditions, "Consolidatable");
}

// DIS-72
bool is_eligible(const Pass& pass, const Candidate& candidate, Findings& findings) {
  const k8s::NodePool& pool = *candidate.pool->pool;
  const auto note = [&](std::string text) {
    findings.notes.push_back(
        {.node = candidate.node, .text = std::move(text), .is_unconsolidatable = true});
    return false;
  };
  if (pool.replicas) {
    return false;  // DIS-70
  }
  if (!pool.disruption.consolidate_after) {
    return note(base::concat("NodePool \"", pool.meta.name, "\" has consolidation disabled"));
  }
  if (pass.settings().buffered.contains(candidate.claim_name())) {
    return note(base::concat("Node \"", candidate.node_name(), "\" has buffer pods"));
  }
  if (!candidate.is_empty()) {
    return false;
  }
  if (!is_consolidatable(candidate)) {
    findings.notes.push_back(
        {.node = candidate.node, .text = "nodeclaim is not consolidatable", .is_silent = true});
    return false;
  }
  return true;
}

}  // namespace

Candidates empty_nodes(Pass& pass, Findings& findings) {
  Candidates found;
  for (const Candidate* candidate : pass.candidates(Grace::kGraceful)) {
    if (is_eligible(pass, *candidate, findings)) {
      found.push_back(candidate);
    }
  }
  findings.eligible = found.size();
  sort_by_savings(found);
  return found;
}

Findings find_empty(Pass& pass) {
  Findings findings;
  note_blocked(pass, Grace::kGraceful, findings);
  const Candidates found = empty_nodes(pass, findings);
  if (found.empty()) {
    return findings;
  }
  Allowances allowed = allowances_of(pass, kEmpty, findings);
  Command command{.method = Method::kEmptiness};
  for (const Candidate* candidate : found) {
    if (spend(allowed, *candidate, findings)) {
      command.savings += candidate->price;
      command.candidates.push_back(*candidate);
    }
  }
  if (!command.is_empty()) {
    findings.commands.push_back(std::move(command));
  }
  return findings;
}

}  // namespace disrupt

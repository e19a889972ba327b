// Drift of machines whose pool decides how many there are (spec 03 s8.1).
#include <algorithm>

#include "disrupt/methods.h"
#include "disrupt/move.h"
#include "k8s/time.h"

namespace disrupt {

namespace {

k8s::TimeNs drifted_since(const Candidate& candidate) {
  return k8s::find_condition(candidate.row->claim->status.conditions, "Drifted")->last_transition;
}

// DIS-135, DIS-136
Candidates drifted(const Pass& pass) {
  Candidates out = pass.candidates(Grace::kEventual);
  std::erase_if(out, [](const Candidate* candidate) {
    return candidate->pool->pool->replicas.has_value() ||
           !k8s::is_true(candidate->row->claim->status.conditions, "Drifted");
  });
  std::ranges::stable_sort(out, {}, [](const Candidate* candidate) {
    return std::pair(!candidate->reschedulable.empty(), drifted_since(*candidate));
  });
  return out;
}

}  // namespace

Findings find_drift(Pass& pass) {
  Findings findings;
  note_blocked(pass, Grace::kEventual, findings);
  const Candidates found = drifted(pass);
  findings.eligible = found.size();
  if (found.empty()) {
    return findings;
  }
  const Allowances allowed = allowances_of(pass, kDrifted, findings);
  for (const Candidate* candidate : found) {
    if (const auto rest = pass.settings().resting.find(candidate->pool_name());
        rest != pass.settings().resting.end()) {
      findings.notes.push_back({.node = candidate->node,
                                .text = "a replacement of its NodePool failed, drift rests until " +
                                        k8s::format_time(rest->second),
                                .is_silent = true});
      continue;
    }
    if (!is_allowed(allowed, *candidate, findings)) {
      continue;
    }
    auto move = relocate(pass, {candidate}, false);  // DIS-137: nodes that settle may be used.
    if (move) {
      findings.commands.push_back(to_command(pass, Method::kDrift, *move));
      break;
    }
    findings.notes.push_back({.node = candidate->node, .text = std::move(move).error()});
  }
  return findings;
}

}  // namespace disrupt

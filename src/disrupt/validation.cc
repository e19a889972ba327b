#include "disrupt/validation.h"

#include <algorithm>
#include <set>

#include "disrupt/extended.h"
#include "disrupt/methods.h"
#include "disrupt/move.h"

namespace disrupt {

using std::unexpected;

Candidates refreshed(const Candidates& eligible, const Command& command) {
  Candidates out;
  for (const Candidate& before : command.candidates) {
    const auto now = std::ranges::find_if(eligible, [&](const Candidate* candidate) {
      return candidate->node_name() == before.node_name();
    });
    if (now != eligible.end()) {
      out.push_back(*now);
    }
  }
  return out;
}

namespace {

bool is_nominated(const world::Snapshot& snapshot, const Command& command) {
  bool found = false;
  snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    found |= row.claim != nullptr && row.nominated_until > snapshot.now &&
             std::ranges::any_of(command.candidates, [&](const Candidate& candidate) {
               return candidate.claim_name() == row.claim->meta.name;
             });
  });
  return found;
}

Validated validate_empty(Pass& fresh, const Command& command) {
  Findings findings;
  const Candidates still = refreshed(empty_nodes(fresh, findings), command);
  if (still.empty()) {
    return unexpected(is_nominated(fresh.snapshot(), command) ? Refusal::kBudget : Refusal::kChurn);
  }
  Allowances allowed = allowances_of(fresh, kEmpty, findings);
  Command out{.method = command.method};
  for (const Candidate* candidate : still) {
    if (spend(allowed, *candidate, findings)) {
      out.savings += candidate->price;
      out.candidates.push_back(*candidate);
    }
  }
  if (out.is_empty()) {
    return unexpected(Refusal::kBudget);
  }
  return out;
}

// DIS-113
bool is_same_result(Pass& pass, const Move& move, const Command& command) {
  if (move.launches.size() != command.replacements.size()) {
    return false;
  }
  if (move.launches.empty()) {
    return true;
  }
  const Launch& launch = move.launches.front();
  const plan::Columns& columns = *pass.what_if().base().templates()[launch.claim.tmpl].columns;
  std::set<std::string_view> names;
  for (const plan::PricedType& type : launch.types) {
    names.insert(columns.type_of_row(type.row).name);
  }
  return std::ranges::all_of(command.replacements.front().instance_types(),
                             [&](const std::string& name) { return names.contains(name); });
}

Validated validate_consolidation(Pass& fresh, const Command& command) {
  Findings findings;
  Candidates now = refreshed(consolidatable(fresh, findings), command);
  if (now.size() != command.candidates.size()) {
    return unexpected(is_nominated(fresh.snapshot(), command) ? Refusal::kBudget : Refusal::kChurn);
  }
  Allowances allowed = allowances_of(fresh, kUnderutilized, findings);
  for (const Candidate* candidate : now) {
    if (!spend(allowed, *candidate, findings)) {
      return unexpected(Refusal::kBudget);
    }
  }
  const auto move = relocate(fresh, std::move(now), true);
  if (!move || !is_same_result(fresh, *move, command)) {
    return unexpected(Refusal::kScheduling);
  }
  return command;
}

}  // namespace

std::string_view text_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::kBudget:
      return "budget";
    case Refusal::kScheduling:
      return "scheduling";
    case Refusal::kChurn:
      return "churn";
  }
  return {};
}

std::vector<Validated> validate(Pass& fresh, const std::vector<Command>& commands) {
  if (!commands.empty() && commands.front().method == Method::kExtended) {
    return validate_extended(fresh, commands);
  }
  std::vector<Validated> out;
  for (const Command& command : commands) {
    out.push_back(command.method == Method::kEmptiness ? validate_empty(fresh, command)
                                                       : validate_consolidation(fresh, command));
  }
  return out;
}

std::vector<bool> still_stand(const world::Snapshot& snapshot,
                              const ClaimNames& busy,
                              const std::vector<Command>& commands) {
  std::vector<bool> out;
  if (commands.empty()) {
    return out;
  }
  const std::string_view reason = commands.front().reason();
  const Grace grace = reason == kDrifted ? Grace::kEventual : Grace::kGraceful;
  const PodGuards guards(snapshot);
  ClaimNames taken = busy;
  auto allowed = allowances(snapshot, reason);
  for (const Command& command : commands) {
    auto left = allowed;
    out.push_back(std::ranges::all_of(command.candidates, [&](const Candidate& before) {
      const world::NodeRow* row = snapshot.nodes.find(before.node);
      if (row == nullptr || row->claim == nullptr ||
          row->claim->meta.uid != before.row->claim->meta.uid) {
        return false;
      }
      const Judgement now = judge(snapshot, guards, taken, before.node);
      PoolAllowance& allowance = left[before.pool_name()];
      return now.stands(grace) &&
             (command.method != Method::kEmptiness || now.candidate->is_empty()) &&
             allowance.disrupting++ < allowance.allowed;
    }));
    if (out.back()) {
      allowed = std::move(left);
      for (const Candidate& candidate : command.candidates) {
        taken.insert(candidate.claim_name());
      }
    }
  }
  return out;
}

}  // namespace disrupt

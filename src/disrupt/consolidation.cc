// Multi-node and single-node consolidation (spec 03 s5, s6.2, s6.3).
#include <algorithm>
#include <map>

#include "base/text.h"
#include "disrupt/methods.h"
#include "disrupt/move.h"
#include "disrupt/refusals.h"
#include "world/names.h"

namespace disrupt {

namespace {

constexpr std::size_t kMaxBatch = 100;  // DIS-95

// DIS-71: the first condition that fails; nullopt: none does. Silent ones are for reports.
std::optional<Note> ineligible(const Candidate& candidate) {
  const k8s::NodePool& pool = *candidate.pool->pool;
  const auto loud = [&](std::string text) {
    return Note{.node = candidate.node, .text = std::move(text), .is_unconsolidatable = true};
  };
  const auto silent = [&](std::string text) {
    return Note{.node = candidate.node, .text = std::move(text), .is_silent = true};
  };
  if (pool.replicas) {  // DIS-70
    return silent(base::concat("NodePool \"", pool.meta.name, "\" has a fixed number of nodes"));
  }
  if (candidate.type == nullptr) {
    return loud(base::concat(
        "Instance Type \"", candidate.label(world::kInstanceTypeLabel), "\" not found"));
  }
  const world::MachineLabels& labels = candidate.row->machine_labels();
  if (labels.capacity_type == nullptr || labels.zone == nullptr) {
    return loud(base::concat(
        "Node does not have label \"",
        labels.capacity_type == nullptr ? world::kCapacityTypeLabel : world::kZoneLabel,
        "\""));
  }
  if (!pool.disruption.consolidate_after) {
    return loud(base::concat("NodePool \"", pool.meta.name, "\" has consolidation disabled"));
  }
  if (candidate.is_empty()) {
    return silent("");  // Emptiness has its own say.
  }
  if (pool.disruption.consolidation_policy == "WhenEmpty") {
    return loud(base::concat("NodePool \"",
                             pool.meta.name,
                             "\" has consolidation policy WhenEmpty, but node is not empty"));
  }
  if (!k8s::is_true(candidate.row->claim->status.conditions, "Consolidatable")) {
    return silent("nodeclaim is not consolidatable");
  }
  return std::nullopt;
}

struct Weighed {
  Move move;
  std::vector<Scoring> scorings;
};

// DIS-99. nullopt: not valid; when only the score says so, it is kept in `rejected`.
std::optional<Weighed> try_batch(Pass& pass, Candidates batch, std::vector<Scoring>& rejected) {
  auto move = consolidate(pass, std::move(batch));
  if (!move) {
    return std::nullopt;
  }
  if (!move->launches.empty()) {
    auto launch = without_same_types(pass, move->candidates, std::move(move->launches.front()));
    if (!launch) {
      return std::nullopt;
    }
    move->launches.front() = std::move(*launch);
  }
  auto scorings = weigh(move->candidates, move->savings(), pass.totals());
  if (!is_approved(scorings)) {
    rejected = std::move(scorings);
    return std::nullopt;
  }
  return Weighed{.move = std::move(*move), .scorings = std::move(scorings)};
}

// The machine alone; what was refused before and would be again is not asked.
std::expected<Move, std::string> consolidate_one(Pass& pass, const Candidate& candidate) {
  Refusals* refusals = pass.refusals();
  const auto fingerprint = refusals == nullptr ? std::nullopt : fingerprint_of(pass, candidate);
  if (fingerprint) {
    if (const std::string* why = refusals->find(candidate, *fingerprint)) {
      return std::unexpected(*why);
    }
  }
  auto move = consolidate(pass, {&candidate});
  if (!move && fingerprint) {
    refusals->keep(candidate, *fingerprint, move.error());
  }
  return move;
}

// DIS-80: each pool's best, then each pool's second best, and so on.
Candidates interleaved(const Candidates& sorted) {
  std::map<std::string, Candidates> by_pool;
  std::size_t rounds = 0;
  for (const Candidate* candidate : sorted) {
    Candidates& own = by_pool[candidate->pool_name()];
    own.push_back(candidate);
    rounds = std::max(rounds, own.size());
  }
  Candidates out;
  for (std::size_t i = 0; i < rounds; ++i) {
    for (const auto& [pool, own] : by_pool) {
      if (i < own.size()) {
        out.push_back(own[i]);
      }
    }
  }
  return out;
}

}  // namespace

Candidates consolidatable(Pass& pass, Findings& findings) {
  Candidates out;
  for (const Candidate* candidate : pass.candidates(Grace::kGraceful)) {
    auto why = ineligible(*candidate);
    if (!why) {
      out.push_back(candidate);
    } else if (!why->text.empty()) {
      findings.notes.push_back(std::move(*why));
    }
  }
  findings.eligible = out.size();
  sort_by_savings(out);
  return out;
}

Findings find_multi_node(Pass& pass) {
  Findings findings;
  note_blocked(pass, Grace::kGraceful, findings);
  const Candidates eligible = consolidatable(pass, findings);
  if (eligible.empty()) {
    return findings;
  }
  Allowances allowed = allowances_of(pass, kUnderutilized, findings);
  Candidates found;
  for (const Candidate* candidate : eligible) {
    if (spend(allowed, *candidate, findings)) {
      found.push_back(candidate);
    }
  }
  if (found.size() < 2) {
    return findings;
  }
  std::optional<Weighed> best;
  std::vector<Scoring> rejected;
  std::size_t low = 1;
  std::size_t high = found.size() > kMaxBatch ? kMaxBatch : found.size() - 1;
  while (low <= high) {
    const std::size_t middle = (low + high) / 2;
    const Candidates batch(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(middle) + 1);
    if (auto weighed = try_batch(pass, batch, rejected)) {
      best = std::move(weighed);
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  if (best) {
    findings.commands.push_back(to_command(pass, Method::kMultiNode, best->move));
    findings.scorings = std::move(best->scorings);
  } else {
    findings.scorings = std::move(rejected);
  }
  return findings;
}

Findings find_single_node(Pass& pass) {
  Findings findings;
  note_blocked(pass, Grace::kGraceful, findings);
  const Candidates found = interleaved(consolidatable(pass, findings));
  if (found.empty()) {
    return findings;
  }
  const Allowances allowed = allowances_of(pass, kUnderutilized, findings);
  for (const Candidate* candidate : found) {
    if (!is_allowed(allowed, *candidate, findings)) {
      continue;
    }
    const auto refuse_score = [&] {
      findings.notes.push_back({.node = candidate->node,
                                .text = "what it saves is not worth the disruption",
                                .is_silent = true});
    };
    if (is_hopeless(*candidate, pass.totals())) {
      refuse_score();
      continue;
    }
    auto move = consolidate_one(pass, *candidate);
    if (!move) {
      findings.notes.push_back(
          {.node = candidate->node, .text = std::move(move).error(), .is_unconsolidatable = true});
      continue;
    }
    auto scorings = weigh(move->candidates, move->savings(), pass.totals());
    const bool is_worth_it = is_approved(scorings);
    std::ranges::move(scorings, std::back_inserter(findings.scorings));
    if (is_worth_it) {
      findings.commands.push_back(to_command(pass, Method::kSingleNode, *move));
      break;
    }
    refuse_score();
  }
  return findings;
}

}  // namespace disrupt

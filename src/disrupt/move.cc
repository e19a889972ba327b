#include "disrupt/move.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "base/text.h"

namespace disrupt {

namespace {

using std::unexpected;

constexpr std::size_t kExplainedPods = 5;

std::string pod_text(const world::Snapshot& snapshot, world::PodId pod, std::string_view why) {
  const k8s::ObjectMeta& meta = snapshot.pods[pod].pod->meta;
  return base::concat(meta.namespace_, "/", meta.name, " => ", why);
}

// DIS-86
std::string stranded_text(const world::Snapshot& snapshot,
                          const std::vector<plan::WhatIf::Stranded>& stranded) {
  std::string text = "not all pods would schedule,";
  for (std::size_t i = 0; i < std::min(stranded.size(), kExplainedPods); ++i) {
    text += " " + pod_text(snapshot, stranded[i].pod, stranded[i].reason);
  }
  if (stranded.size() > kExplainedPods) {
    text += base::concat(" and ", stranded.size() - kExplainedPods, " other(s)");
  }
  return text;
}

}  // namespace

void ask(Pass& pass, const Candidates& candidates, plan::WhatIf::Question question) {
  std::vector<world::NodeId> nodes;
  std::vector<world::PodId> pods;
  for (const Candidate* candidate : candidates) {
    nodes.push_back(candidate->node);
    // DIS-87, improved: pods that a budget holds back or that must not be disturbed will have to
    // move all the same once the machine is drained, so that there is room for them.
    pods.insert(pods.end(), candidate->reschedulable.begin(), candidate->reschedulable.end());
  }
  question.removed = nodes;
  question.moved = pods;
  pass.what_if().ask(question);
}

std::optional<std::uint64_t> fingerprint_of(Pass& pass, const Candidate& candidate) {
  return pass.what_if().fingerprint({.removed = std::span(&candidate.node, 1),
                                     .moved = candidate.reschedulable,
                                     .keeps_settling = true});
}

double price_of(const Candidates& candidates) {
  return std::accumulate(
      candidates.begin(), candidates.end(), 0.0, [](double sum, const Candidate* candidate) {
        return sum + candidate->price;
      });
}

double Move::savings() const {
  double savings = price_of(candidates);
  for (const Launch& launch : launches) {
    savings -= launch.price();
  }
  return savings;
}

std::expected<Move, std::string> relocate(Pass& pass, Candidates candidates, bool keeps_settling) {
  ask(pass, candidates, {.keeps_settling = keeps_settling});
  plan::WhatIf& what_if = pass.what_if();
  if (const auto stranded = what_if.stranded(kExplainedPods); !stranded.empty()) {
    return unexpected(stranded_text(pass.snapshot(), stranded));
  }
  Move move{.candidates = std::move(candidates), .launches = {}};
  for (const plan::OpenClaim& claim : what_if.claims()) {
    if (!what_if.is_wanted_by_moved(claim)) {
      continue;
    }
    auto launch = launch_of(what_if, claim);
    if (!launch) {
      return unexpected(
          base::concat("not all pods would schedule, ",
                       pod_text(pass.snapshot(), claim.pods.front(), launch.error())));
    }
    move.launches.push_back(std::move(*launch));
  }
  return move;
}

std::expected<Move, std::string> consolidate(Pass& pass, Candidates candidates) {
  auto move = relocate(pass, std::move(candidates), true);
  if (!move || move->launches.empty()) {
    return move;
  }
  if (move->launches.size() > 1) {
    return unexpected(
        base::concat("Can't remove without creating ", move->launches.size(), " candidates"));
  }
  auto cheaper = cheaper_launch(pass, move->candidates, std::move(move->launches.front()));
  if (!cheaper) {
    return unexpected(std::move(cheaper).error());
  }
  move->launches.front() = std::move(*cheaper);
  return move;
}

Command to_command(Pass& pass, Method method, const Move& move) {
  Command command{.method = method, .savings = move.savings()};
  for (const Candidate* candidate : move.candidates) {
    command.candidates.push_back(*candidate);
  }
  for (const Launch& launch : move.launches) {
    if (auto planned = pass.what_if().planned(launch.claim)) {
      command.replacements.push_back(std::move(*planned));
    }
  }
  // The probe is repeated: others may have been made since, and the answers are theirs.
  ask(pass, move.candidates, {.keeps_settling = method != Method::kDrift});
  for (const plan::ExistingPlacement& placement : pass.what_if().placements()) {
    if (const auto& claim = pass.snapshot().nodes[placement.node].claim) {
      command.destinations.push_back(claim->meta.name);
    }
  }
  return command;
}

}  // namespace disrupt

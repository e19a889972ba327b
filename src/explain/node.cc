#include "explain/node.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "disrupt/methods.h"
#include "disrupt/move.h"
#include "world/names.h"

namespace explain {

namespace {

using disrupt::Candidate;
using disrupt::Candidates;
using disrupt::Findings;
using disrupt::Method;

const disrupt::Judgement* find_judgement(const disrupt::Pass& pass, std::string_view name) {
  for (const disrupt::Judgement& judgement : pass.judgements()) {
    const world::NodeRow& row = pass.snapshot().nodes[judgement.node];
    if ((row.node != nullptr && row.node->meta.name == name) ||
        (row.claim != nullptr && row.claim->meta.name == name)) {
      return &judgement;
    }
  }
  return nullptr;
}

bool is_among(const Candidates& candidates, const Candidate& one) {
  return std::ranges::any_of(candidates, [&](const auto* other) { return other == &one; });
}

// The last thing that was said about the node; the most particular comes last.
std::string last_note(const Findings& findings, world::NodeId node) {
  std::string text;
  for (const disrupt::Note& note : findings.notes) {
    if (note.node == node && !note.text.empty()) {
      text = note.text;
    }
  }
  return text;
}

void add_budgets(const disrupt::Pass& pass, NodeVerdict& verdict) {
  for (const std::string_view reason :
       {disrupt::kEmpty, disrupt::kDrifted, disrupt::kUnderutilized}) {
    const auto pools = disrupt::allowances(pass.snapshot(), reason);
    if (const auto found = pools.find(verdict.pool); found != pools.end()) {
      verdict.budgets.push_back({.reason = std::string(reason),
                                 .nodes = found->second.nodes,
                                 .allowed = found->second.allowed,
                                 .disrupting = found->second.disrupting});
    }
  }
}

// True: a method names the node.
bool is_chosen(disrupt::Pass& pass, world::NodeId node, NodeVerdict& verdict, std::string& note) {
  for (const Method method : disrupt::methods_of(pass.settings())) {
    const Findings findings = disrupt::find(method, pass);
    for (const disrupt::Command& command : findings.commands) {
      if (std::ranges::any_of(command.candidates,
                              [&](const auto& one) { return one.node == node; })) {
        verdict.savings = command.savings;
        verdict.reason = fmt::format("{}: {} {}, saves ${:.4f} per hour",
                                     disrupt::reason_of(method),
                                     command.decision(),
                                     command.candidates.size() == 1
                                         ? "it"
                                         : fmt::format("{} nodes", command.candidates.size()),
                                     command.savings);
        return true;
      }
    }
    note = last_note(findings, node);  // The last method looks at every machine by itself.
  }
  return false;
}

// What the pods could run on instead, at whatever price. Errors: they could not.
std::expected<void, std::string> find_alternative(disrupt::Pass& pass,
                                                  const Candidate& candidate,
                                                  NodeVerdict& verdict) {
  auto move = disrupt::relocate(pass, {&candidate}, true);
  if (!move) {
    return std::unexpected(std::move(move).error());
  }
  if (move->launches.empty()) {
    return {};
  }
  Alternative out{.launches = move->launches.size()};
  for (const disrupt::Launch& launch : move->launches) {
    out.price += launch.price();
  }
  const disrupt::Launch& first = move->launches.front();
  out.cheaper_types = static_cast<std::size_t>(std::ranges::count_if(
      first.types, [&](const auto& type) { return type.price < candidate.price; }));
  if (const auto planned = pass.what_if().planned(first.claim)) {
    out.instance_type = planned->cheapest().instance_type;
    out.zone = planned->cheapest().zone;
    out.capacity_type = planned->cheapest().capacity_type;
  }
  verdict.alternative = std::move(out);
  return {};
}

// Why no price or rule lets it go, once pool and budget would. `note` is what the search said.
void weigh(disrupt::Pass& pass,
           const Candidate& candidate,
           const std::string& note,
           NodeVerdict& verdict) {
  if (auto room = find_alternative(pass, candidate, verdict); !room) {
    verdict.fate = NodeFate::kNoRoom;
    verdict.reason = std::move(room).error();
    return;
  }
  if (auto move = disrupt::consolidate(pass, {&candidate}); !move) {
    const bool is_cheaper = verdict.alternative && verdict.alternative->launches == 1 &&
                            verdict.alternative->cheaper_types > 0;
    verdict.fate = is_cheaper ? NodeFate::kNotFlexible : NodeFate::kNoCheaperFit;
    verdict.reason = std::move(move).error();
    return;
  }
  verdict.fate = note.empty() ? NodeFate::kNext : NodeFate::kNotWorthIt;
  verdict.reason = note.empty() ? "it could go; another node goes first" : note;
}

void judge_candidate(disrupt::Pass& pass, const Candidate& candidate, NodeVerdict& verdict) {
  std::string note;
  if (is_chosen(pass, candidate.node, verdict, note)) {
    verdict.fate = NodeFate::kDisrupted;
    return;
  }
  Findings said;
  const bool is_empty = is_among(disrupt::empty_nodes(pass, said), candidate);
  if (!is_empty && !is_among(disrupt::consolidatable(pass, said), candidate)) {
    verdict.fate = NodeFate::kPolicy;
    verdict.reason = last_note(said, candidate.node);
    return;
  }
  const std::string_view reason = is_empty ? disrupt::kEmpty : disrupt::kUnderutilized;
  const disrupt::Allowances allowed = disrupt::allowances_of(pass, reason, said);
  if (!disrupt::is_allowed(allowed, candidate, said)) {
    verdict.fate = NodeFate::kBudget;
    verdict.reason = last_note(said, candidate.node);
    return;
  }
  weigh(pass, candidate, note, verdict);
}

}  // namespace

std::string_view name_of(NodeFate fate) {
  switch (fate) {
    case NodeFate::kDisrupted:
      return "disrupted";
    case NodeFate::kBlocked:
      return "blocked";
    case NodeFate::kBlockedByPod:
      return "blocked-by-pod";
    case NodeFate::kPolicy:
      return "policy";
    case NodeFate::kBudget:
      return "budget";
    case NodeFate::kNoRoom:
      return "no-room";
    case NodeFate::kNoCheaperFit:
      return "no-cheaper-fit";
    case NodeFate::kNotFlexible:
      return "not-flexible";
    case NodeFate::kNotWorthIt:
      return "not-worth-it";
    case NodeFate::kNext:
      return "next";
  }
  return {};
}

base::Result<NodeVerdict> explain_node(disrupt::Pass& pass, std::string_view name) {
  const disrupt::Judgement* judgement = find_judgement(pass, name);
  if (judgement == nullptr) {
    return base::fail(base::ErrorCode::kNotFound,
                      fmt::format("the input has no node and no nodeclaim named \"{}\"", name));
  }
  NodeVerdict verdict{.node = pass.snapshot().nodes[judgement->node].name()};
  if (judgement->candidate) {
    const Candidate& candidate = *judgement->candidate;
    verdict.pool = candidate.pool_name();
    verdict.instance_type = candidate.label(world::kInstanceTypeLabel);
    verdict.zone = candidate.label(world::kZoneLabel);
    verdict.capacity_type = candidate.label(world::kCapacityTypeLabel);
    verdict.price = candidate.price;
    verdict.pods = candidate.reschedulable.size();
    verdict.disruption_cost = candidate.disruption_cost;
    add_budgets(pass, verdict);
  }
  if (!judgement->stands(disrupt::Grace::kGraceful)) {
    verdict.fate = judgement->blocked.is_pod_block ? NodeFate::kBlockedByPod : NodeFate::kBlocked;
    verdict.reason = judgement->blocked.text;
    return verdict;
  }
  judge_candidate(pass, *judgement->candidate, verdict);
  return verdict;
}

std::string to_text(const NodeVerdict& verdict) {
  std::string out = fmt::format("node {}", verdict.node);
  if (!verdict.pool.empty()) {
    out += fmt::format(" of NodePool {}: {} {} {}, ${:.4f} per hour; {} pods would move",
                       verdict.pool,
                       verdict.instance_type,
                       verdict.zone,
                       verdict.capacity_type,
                       verdict.price,
                       verdict.pods);
  }
  out += fmt::format("\n  {}: {}\n", name_of(verdict.fate), verdict.reason);
  if (verdict.alternative) {
    const Alternative& one = *verdict.alternative;
    out += fmt::format(
        "  cheapest alternative: {} {} {}{}, ${:.4f} per hour ({}${:.4f}); {} types cost less\n",
        one.instance_type,
        one.zone,
        one.capacity_type,
        one.launches > 1 ? fmt::format(" and {} more nodes", one.launches - 1) : "",
        one.price,
        one.price >= verdict.price ? "+" : "-",
        one.price >= verdict.price ? one.price - verdict.price : verdict.price - one.price,
        one.cheaper_types);
  }
  for (const BudgetState& budget : verdict.budgets) {
    out += fmt::format(
        "  budget {}: {} of {} nodes, {} going\n",
        budget.reason,
        budget.allowed == disrupt::kUnlimited ? std::string("all") : std::to_string(budget.allowed),
        budget.nodes,
        budget.disrupting);
  }
  return out;
}

}  // namespace explain

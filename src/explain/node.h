// Why a node is not disrupted, as data with the numbers: what `karpenter explain node` shows. Asks
// the same methods as the controller, on the same picture. Pure but for what the planner's tables
// remember.
//
//   disrupt::Pass pass(snapshot, settings, memory);
//   const auto verdict = explain::explain_node(pass, "ip-10-0-0-6.ec2.internal");
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "disrupt/pass.h"

namespace explain {

// In the order in which they are asked; the first that applies.
enum class NodeFate : std::uint8_t {
  kDisrupted,     // A method names it now.
  kBlocked,       // By what it is or what happens to it.
  kBlockedByPod,  // do-not-disrupt, a PodDisruptionBudget.
  kPolicy,        // The pool does not want it, or not yet.
  kBudget,        // The pool may lose nothing more now.
  kNoRoom,        // Its pods would find no place.
  kNoCheaperFit,  // They would, but nowhere for less.
  kNotFlexible,   // For less, but not by the rules of spot and minValues.
  kNotWorthIt,    // The saving is too small for the disruption (Balanced).
  kNext,          // It could go; another one goes first.
};

std::string_view name_of(NodeFate fate);  // "no-cheaper-fit"

// The cheapest that could take its pods; several launches are summed.
struct Alternative {
  std::string instance_type;  // Of the first launch.
  std::string zone;
  std::string capacity_type;
  double price = 0;  // Dollars per hour.
  std::size_t launches = 0;
  std::size_t cheaper_types = 0;  // Of the first launch, that cost less than the node.
};

struct BudgetState {
  std::string reason;  // "Empty", "Drifted", "Underutilized".
  std::int64_t nodes = 0;
  std::int64_t allowed = 0;
  std::int64_t disrupting = 0;
};

struct NodeVerdict {
  std::string node;
  std::string pool;
  std::string instance_type;
  std::string zone;
  std::string capacity_type;
  double price = 0;      // Dollars per hour.
  std::size_t pods = 0;  // That would have to move.
  double disruption_cost = 0;
  NodeFate fate = NodeFate::kNext;
  std::string reason;  // A sentence, as the events say it.
  double savings = 0;  // When it is disrupted.
  std::optional<Alternative> alternative = {};
  std::vector<BudgetState> budgets = {};
};

// `name` of a Node or a NodeClaim. Errors: kNotFound.
base::Result<NodeVerdict> explain_node(disrupt::Pass& pass, std::string_view name);

std::string to_text(const NodeVerdict& verdict);

}  // namespace explain

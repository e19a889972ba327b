// Machines as the planner sees them, computed once per row of the snapshot: rows are immutable, so
// a machine that has not changed since the last round costs one comparison of pointers.
//
//   memory.follow(snapshot);            // notices what is new
//   memory.ask(base, keys);             // computes it, for the labels that this round asks for
//   for (const world::NodeId id : memory.order()) { use(memory.node(id)); }
//
// Thread rule: one owner at a time.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "model/requirement_set.h"
#include "plan/amounts.h"
#include "plan/taint_table.h"
#include "world/snapshot.h"

namespace plan {

class PlanBase;

struct KnownNode {
  std::shared_ptr<const world::NodeRow> row;  // Null: no such machine.
  bool has_anti_affinity = false;             // Some pod that is bound here requires it.
  bool is_deleting = false;
  std::string_view pool;  // Of the row.
  k8s::Resources capacity;
  // Known after ask():
  bool is_computed = false;
  bool is_overcommitted = false;  // SCH-601.
  model::SetId set;               // Labels that anybody has asked for.
  model::Symbol host;
  TaintsId taints;
  Amounts remaining;  // After bound pods and missing daemons (SCH-136).
};

class NodeMemory {
 public:
  void follow(const world::Snapshot& snapshot);
  // `keys` are label keys without the hostname. REQUIRES: follow(), with the round's snapshot.
  void ask(PlanBase& base, std::span<const model::Symbol> keys);

  const KnownNode& node(world::NodeId id) const { return nodes_[id]; }

  // All machines: initialised ones first, then by name (SCH-134).
  const std::vector<world::NodeId>& order() const { return order_; }

 private:
  bool learn_questions(const PlanBase& base, std::span<const model::Symbol> keys);

  std::vector<KnownNode> nodes_;  // By id.
  std::vector<world::NodeId> order_;
  // What the computed parts depend on besides the rows.
  std::vector<model::Symbol> keys_;  // Sorted; grows.
  std::size_t resource_count_ = 0;
  std::vector<std::shared_ptr<const k8s::Pod>> daemons_;
};

}  // namespace plan

// What a planning round needs to know besides its pods: vocabulary, catalogue columns, pool
// templates with their daemon overhead, pool budgets (architecture: "per epoch" part of the
// planner).
//
// Built from one snapshot upon a PlanMemory, which owns every table that ids of the round refer to.
// Thread rule: one owner at a time, because the tables remember answers.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plan/node_constraint.h"
#include "plan/plan.h"
#include "plan/plan_memory.h"
#include "plan/template.h"

namespace plan {

// A daemon set's pod as the planner sees it (SCH-210..212).
struct Daemon {
  std::shared_ptr<const k8s::Pod> pod;
  model::PodShape shape;
  std::vector<NodeConstraint> terms;  // ORed; each with the node selector in it.
  TolerationsId tolerations;          // With PreferNoSchedule tolerated.
  TolerationsId own_tolerations;
};

class DeviceAllocator;

class PlanBase {
 public:
  // Both are borrowed for the lifetime.
  PlanBase(const Problem& problem, PlanMemory& memory);
  ~PlanBase();
  PlanBase(const PlanBase&) = delete;
  PlanBase& operator=(const PlanBase&) = delete;

  const world::Snapshot& snapshot() const { return problem_.snapshot; }

  const Options& options() const { return problem_.options; }

  const Problem& problem() const { return problem_; }

  const cloud::LabelSchema& schema() const { return memory_.schema(); }

  model::Vocabulary& words() { return memory_.words(); }

  model::SetTable& sets() { return memory_.sets(); }

  const ResourceNames& names() const { return memory_.names(); }

  TaintTable& taints() { return memory_.taints(); }

  // By weight, heaviest first; equal weights by name, last first (SCH-115).
  std::vector<Template>& templates() { return templates_; }

  PoolBudget& budget(const std::string& pool) { return budgets_[pool]; }

  // What the limits of all pools leave at this point of the round; and back to such a point.
  std::vector<k8s::Quantity> budgets_left() const;
  void set_budgets_left(const std::vector<k8s::Quantity>& left);

  const std::vector<Daemon>& daemons() const { return daemons_; }

  // Does a daemon set ask for the label?
  bool is_daemon_key(model::Symbol key);

  // Pools that take no part, with the reason.
  const std::vector<std::string>& warnings() const { return warnings_; }

  const PoolTexts& filtered_pools() const { return filtered_pools_; }

  bool has_prefer_no_schedule() const { return has_prefer_no_schedule_; }

  bool is_removed(world::NodeId node) const { return removed_.size() > node && removed_[node]; }

  std::uint64_t edition() const { return memory_.edition(); }

  NodeMemory& nodes() { return memory_.nodes(); }

  model::Symbol hostname_key() const { return hostname_key_; }

  bool has_pools() const { return has_pools_; }

  // Null unless a pod of the problem has claims that count (SCH-400).
  DeviceAllocator* devices() { return devices_.get(); }

 private:
  void collect_names();
  void make_devices();
  void compile_daemons();
  void compile_budgets();
  void compile_templates();
  void add_template(const std::shared_ptr<const world::PoolRow>& pool);
  std::vector<DaemonGroup> daemon_groups(const Template& tmpl);

  const Problem& problem_;
  PlanMemory& memory_;
  std::vector<Daemon> daemons_;
  std::vector<Template> templates_;
  std::map<std::string, PoolBudget, std::less<>> budgets_;
  std::vector<std::string> warnings_;
  PoolTexts filtered_pools_;
  std::vector<bool> removed_;
  model::Symbol hostname_key_;
  bool has_prefer_no_schedule_ = false;
  bool has_pools_ = false;
  bool uses_devices_ = false;
  std::unique_ptr<DeviceAllocator> devices_;
};

// SCH-181, SCH-71: distinct values per key with minValues over the rows; empty when all are met.
struct Shortfall {
  model::Symbol key;
  std::int64_t available = 0;
};

std::vector<Shortfall> min_values_shortfall(model::SetTable& sets,
                                            const Columns& columns,
                                            model::SetId set,
                                            const base::Bitset& rows);
// The set with minValues lowered to what is available (SCH-221).
model::SetId relax_min_values(model::SetTable& sets,
                              model::SetId set,
                              const std::vector<Shortfall>& shortfall);
// `minValues requirement is not met for label(s) (label(s)=[...])`.
std::string shortfall_text(const model::SetTable& sets, const std::vector<Shortfall>& shortfall);

}  // namespace plan

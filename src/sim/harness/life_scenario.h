// What a simulated life is made of, drawn from its seed: pools with disruption budgets (amounts,
// reasons, windows that open and close), policies, grace periods and expiration; workloads whose
// pods object to disruption for ever or for a while; PodDisruptionBudgets, overlapping and closed
// ones too; and what somebody does to them meanwhile.
//
//   LifeScenario scenario(rng.split("scenario"));
//   for (const std::string& json : scenario.manifests()) { apply(json); }
//
// Value; equal streams of chance give equal lives.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/rng.h"

namespace sim {

class LifeScenario {
 public:
  static constexpr std::int64_t kCpuLimit = 128;  // Of each pool.
  static constexpr std::size_t kWorkloads = 3;

  explicit LifeScenario(runtime::Rng rng);

  // Everything, in order.
  std::vector<std::string> manifests() const;

  static std::string workload_name(std::size_t index);

  std::size_t pools() const { return pools_.size(); }

  const std::string& pool_name(std::size_t pool) const { return pools_[pool].name; }

  std::string pool_manifest(std::size_t pool) const;

  // Its machines are no longer as the template wants them (DIS-190).
  void drift(std::size_t pool) { ++pools_[pool].release; }

  void change_budgets(std::size_t pool);
  // What would never let a cluster come to rest ends.
  void settle();
  // Names of PodDisruptionBudgets that never let a pod go, or let nobody judge, now or once
  // workloads are small.
  std::vector<std::string> immovable_budgets() const;

  bool is_extended() const { return is_extended_; }

  bool is_spot_to_spot() const { return is_spot_to_spot_; }

  // Whether somebody does these things: change templates, guard nodes, change budgets; and whether
  // the controller has replicas that take over from each other.
  bool drifts() const { return drifts_; }

  bool guards_nodes() const { return guards_nodes_; }

  bool changes_budgets() const { return changes_budgets_; }

  bool has_replicas() const { return has_replicas_; }

  // What is special about this life, for coverage.
  std::vector<std::string> features() const;

 private:
  struct Pool {
    std::string name;
    std::string policy;
    std::string consolidate_after;
    std::string capacity_types;
    std::string budgets;  // JSON.
    int cpus_below = 9;   // Of a machine.
    bool has_grace_period = false;
    bool expires = false;
    int release = 1;
  };

  struct Workload {
    std::int64_t milli_cpu = 0;
    std::string guard;  // Empty: no annotation.
    std::string pool;   // Empty: any.
  };

  enum class PodBudgets : std::uint8_t { kNone, kOne, kShare, kAll, kOverlapping, kClosed };

  void draw_pools();
  std::string draw_budgets();
  std::string workload_manifest(std::size_t index) const;
  std::vector<std::string> pod_budget_manifests() const;

  runtime::Rng rng_;
  std::vector<Pool> pools_;
  std::vector<Workload> workloads_;
  PodBudgets pod_budgets_ = PodBudgets::kNone;
  bool is_extended_ = false;
  bool is_spot_to_spot_ = false;
  bool drifts_ = false;
  bool guards_nodes_ = false;
  bool changes_budgets_ = false;
  bool has_replicas_ = false;
};

}  // namespace sim

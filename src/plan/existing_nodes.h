// Machines that exist or are on their way, as places for pods (spec 02 s6.2, s6.6), and what the
// pods that are bound there mean for topology (SCH-303, SCH-315).
//
// Thread rule: one owner.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "plan/pod_class.h"

namespace plan {

struct ExistingNode {
  world::NodeId id = 0;
  const world::NodeRow* row = nullptr;
  Placing place;
  Amounts remaining;
  bool is_closed = false;  // Takes no pod: overcommitted (SCH-601), or not ready.
  std::vector<model::HostPort> ports;
  DriverClaims volumes;
  std::vector<std::pair<std::string, std::int32_t>> volume_limits;  // By driver.
  std::vector<world::PodId> pods;                                   // Placed in this round.
};

class ExistingNodes {
 public:
  // `in_round`: pods that are to be placed, and so count nowhere. Also interns the inverse groups
  // of bound pods. Call before PodClasses::link().
  ExistingNodes(PlanBase& base,
                PodClasses& classes,
                Topology& topology,
                std::span<const world::PodId> in_round);

  // Domains and counts from the cluster. Call after PodClasses::link().
  void count_topology(PodClasses& classes, Topology& topology);

  std::vector<ExistingNode>& nodes() { return nodes_; }

  const std::vector<ExistingNode>& nodes() const { return nodes_; }

 private:
  void collect_keys(const PodClasses& classes, const Topology& topology);
  void collect_keys(model::SetId set);
  void add_node(world::NodeId id, const KnownNode& known);
  void add_bound_ports_and_volumes();
  void set_volume_limits();
  void add_domains(Topology& topology);
  bool is_counted(world::PodId id) const;

  PlanBase& base_;
  std::vector<ExistingNode> nodes_;
  std::vector<model::Symbol> keys_;  // Labels that anybody asks for.
  std::vector<bool> in_round_;       // By pod id.
  VolumeIndex volumes_;
};

}  // namespace plan

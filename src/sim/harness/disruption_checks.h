// What must hold whenever the controller disrupts nodes, whatever strikes and however often it is
// restarted: watched from outside, over the store and the commands that begin.
//
//   DisruptionChecks checks(sandbox, [&](std::string text) { problem(std::move(text)); });
//   controllers.on_command = [&](const disrupt::Command& command) {
//     checks.on_command(command, *controllers.world().snapshot(now));
//   };
//   checks.look(now);   // Often.
//
// Thread rule: loop thread. Borrows the sandbox.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "disrupt/command.h"
#include "sim/harness/sandbox.h"

namespace sim {

class DisruptionChecks {
 public:
  using Problem = std::function<void(std::string text)>;

  // `most_share`: the share of the nodes that the pools' budgets allow at once; 0: none at all.
  DisruptionChecks(Sandbox& sandbox, double most_share, Problem problem)
      : sandbox_(sandbox), most_share_(most_share), problem_(std::move(problem)) {}

  // Decided on this picture: it is complete (DIS-2), and every pod that has to move has room.
  void on_command(const disrupt::Command& command, const world::Snapshot& snapshot);
  // Budgets over all lives of the controller (DIS-57), pods that object (DIS-24).
  void look(k8s::TimeNs now);
  // A line of the effect log: pods under a budget are evicted, never deleted (DIS-37).
  void on_effect(std::string_view line);

  // Nodes that still carry the taint of a disruption and are not going (DIS-4, DIS-157).
  std::vector<std::string> left_taints() const;

 private:
  bool holds_guarded_pod(const std::string& node, k8s::TimeNs since) const;

  Sandbox& sandbox_;
  double most_share_;
  Problem problem_;
  std::set<std::string> marked_;  // Claims that were ever marked for disruption.
  std::size_t most_nodes_ = 0;
};

}  // namespace sim

// What must hold whenever the controller disrupts nodes, whatever strikes and however often it is
// restarted: watched from outside, over what the API server holds, after every change of it.
//
//   DisruptionChecks checks(sandbox, {.lag = seconds(2), .clock = clock}, observer);
//   controllers.on_command = [&](const disrupt::Command& command) {
//     checks.on_command(command, *controllers.world().snapshot(now));
//   };
//   kube.on_arrival = [&](const auto& request) { checks.on_arrival(request); };
//
// Budgets: BudgetWatch. Pods and nodes that object: GuardWatch. Marks, replacements, deletions:
// MarkWatch. Room for pods that move: room_check.h. Here: the picture was complete (DIS-2).
//
// Thread rule: loop thread. Borrows the sandbox and the clock.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "disrupt/command.h"
#include "runtime/clock.h"
#include "sim/harness/budget_watch.h"
#include "sim/harness/guard_watch.h"
#include "sim/harness/mark_watch.h"
#include "sim/harness/room_check.h"
#include "sim/harness/sandbox.h"

namespace sim {

class DisruptionChecks {
 public:
  struct Options {
    // How long news may take to the controller; 0: they do not.
    k8s::DurationNs lag = 0;
    const runtime::Clock& clock;
  };

  DisruptionChecks(Sandbox& sandbox, const Options& options, Observer observer);
  ~DisruptionChecks();
  DisruptionChecks(const DisruptionChecks&) = delete;
  DisruptionChecks& operator=(const DisruptionChecks&) = delete;

  // A disruption begins; the picture is the controller's.
  void on_command(const disrupt::Command& command, const world::Snapshot& picture);

  // A line of the effect log.
  void on_effect(std::string_view line) { marks_.on_effect(line); }

  // A write of the controller that the server is about to perform.
  void on_arrival(const k8s::WriteRequest& request);
  // A new life of the controller begins.
  void on_restart();
  // From time to time: windows open and close by themselves.
  void look();

  // Nodes that still carry the taint of a disruption (DIS-4, DIS-157).
  std::vector<std::string> left_taints() const;

 private:
  k8s::TimeNs now() const;
  void check_picture(const world::Snapshot& picture);
  void check_room(const Decision& decision, const world::Snapshot& picture);
  Decision decision_of(const disrupt::Command& command) const;

  Sandbox& sandbox_;
  const runtime::Clock& clock_;
  const k8s::DurationNs lag_;
  Observer observer_;
  BudgetWatch budgets_;
  GuardWatch guards_;
  MarkWatch marks_;
  // Replacements of decisions of this very moment: nobody has seen them yet.
  std::vector<NewMachine> ordered_;
  k8s::TimeNs ordered_at_ = 0;
  std::vector<api::Store::ListenerId> listeners_;
};

}  // namespace sim

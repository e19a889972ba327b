// Watches from outside what becomes of disruptions that have begun: nobody's marks outlive their
// command (DIS-4, DIS-157), no claim is deleted voluntarily without a decision, and no machine goes
// before as many replacements have come up as all decisions so far have promised: none of them
// stands for two (DIS-154).
//
// Thread rule: loop thread. Borrows the store.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/kube_api.h"
#include "sim/harness/observation.h"
#include "sim/harness/scene.h"

namespace sim {

class MarkWatch {
 public:
  MarkWatch(const api::Store& store, Observer observer)
      : store_(store), observer_(std::move(observer)) {}

  void on_decision(const Decision& decision, k8s::TimeNs now);
  // A line of the controller's effect log: what was created on whose behalf.
  void on_effect(std::string_view line);
  // A write of the controller that the server is about to perform.
  void on_arrival(const k8s::WriteRequest& request, k8s::TimeNs now);
  // After every change of a claim or node, and from time to time.
  void look(const std::vector<SeenMachine>& machines, k8s::TimeNs now);
  void on_restart(k8s::TimeNs now);

  // Claims of decisions of this life that were not taken back.
  const std::vector<std::string>& going() const { return going_; }

 private:
  struct Command {
    std::vector<std::string> claims;
    std::size_t replacements = 0;
    bool is_through = false;  // A candidate was deleted.
  };

  void look_at(const SeenMachine& machine, k8s::TimeNs now);
  void check_delivery(const std::string& claim);
  void take_back(const std::string& claim, k8s::TimeNs now);
  bool is_of_this_life(const std::string& claim) const;

  const api::Store& store_;
  Observer observer_;
  std::vector<Command> commands_;  // Of this life.
  std::vector<std::string> going_;
  std::set<std::string> created_;              // Replacements of this life.
  std::set<std::string> came_up_;              // Claims that were ever initialised.
  std::size_t promised_ = 0;                   // Replacements, by all commands of this life.
  std::set<std::string> queued_;               // Claims that a command has deleted.
  std::map<std::string, k8s::TimeNs> marked_;  // Claims and since when.
  k8s::TimeNs born_ = 0;                       // This life.
  std::set<std::string> reported_;
};

}  // namespace sim

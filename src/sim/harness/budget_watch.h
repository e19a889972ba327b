// Watches from outside that disruption budgets are never exceeded, over all lives of the controller
// (DIS-51..57): at every decision, and whenever a machine is marked. It reads pools, claims and
// nodes from the API server, and evaluates budgets in its own plain way.
//
// A controller knows the API server's state of some moments ago, so what it cannot know is given
// the benefit of the last `lag`: how many nodes a pool has, which of them are down, which window is
// open. What it does itself it must always know.
//
// Thread rule: loop thread. Borrows the store.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/harness/observation.h"
#include "sim/harness/scene.h"

namespace sim {

// What one budget allows of `nodes` at a moment; schedules of the forms "M H * * *" where each of M
// and H is a number, "*" or "*/N".
std::int64_t budget_allows(const k8s::Budget& budget, std::int64_t nodes, k8s::TimeNs now);
bool window_is_open(const k8s::Budget& budget, k8s::TimeNs now);

class BudgetWatch {
 public:
  BudgetWatch(const api::Store& store, k8s::DurationNs lag, Observer observer)
      : store_(store), lag_(lag), observer_(std::move(observer)) {}

  void on_decision(const Decision& decision, k8s::TimeNs now);
  // After every change of a pool, claim or node, and from time to time.
  void look(const std::vector<SeenMachine>& machines, k8s::TimeNs now);

  // What the former controller had decided and not yet written is forgotten.
  void on_restart() { decided_.clear(); }

 private:
  // By reason.
  using Allowed = std::map<std::string, std::int64_t>;

  struct PoolState {
    std::int64_t nodes = 0;   // That count (DIS-56).
    std::int64_t others = 0;  // Down or going without our doing.
    std::set<std::string> marked;
    Allowed allowed;
  };

  struct Moment {
    k8s::TimeNs until = 0;  // It has lasted at least until then.
    std::map<std::string, PoolState> pools;
  };

  std::map<std::string, PoolState> pools_now(const std::vector<SeenMachine>& machines,
                                             k8s::TimeNs now) const;
  std::int64_t most_allowed(const std::string& pool, const std::string& reason) const;
  std::int64_t fewest_others(const std::string& pool) const;
  void check_marks(const Moment& before, const Moment& after);
  void note_budgets(const std::string& pool, const std::string& reason, k8s::TimeNs now);

  const api::Store& store_;
  const k8s::DurationNs lag_;
  Observer observer_;
  std::deque<Moment> past_;                     // The last one is now.
  std::map<std::string, std::string> decided_;  // Claims to their reason, until they are marked.
  std::map<std::string, std::string> reasons_;  // Of all that were ever decided.
};

}  // namespace sim

// Keeps the books of a simulated day: watches the cluster and the cloud, and adds up what it costs,
// how long pods wait, who is evicted and why. It only listens.
//
// What happens before the calendar's start is seen but not counted. Thread rule: loop thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "disrupt/command.h"
#include "sim/cloud/env.h"
#include "sim/days/calendar.h"
#include "sim/days/report.h"
#include "sim/harness/sandbox.h"

namespace sim::days {

class Ledger {
 public:
  Ledger(runtime::Executor& executor, Sandbox& sandbox, const Calendar& calendar);

  void start();

  void on_command(const disrupt::Command& command);
  void on_interruption(const std::string& claim);
  void on_news(const std::string& text);

  // A claim that takes the place of another.
  void on_replacement(const std::string& claim) { replacements_.insert(claim); }

  // The rest of the report is the caller's. REQUIRES: the clock stands at the calendar's end.
  Report finish();

 private:
  struct PodState {
    k8s::TimeNs created = 0;
    std::string node;  // Empty: waits for one.
    bool is_leaving = false;
  };

  struct Running {
    std::string type;
    std::string capacity_type;
    double price = 0;
    k8s::TimeNs since = 0;
  };

  bool is_counting() const;
  void on_pod(const k8s::ObjectEvent& event);
  void on_claim(const k8s::ObjectEvent& event);
  void on_machine(const Machine& machine);
  void count_eviction(const std::string& node);
  void stop_paying(const Running& machine);
  void decide(Decision decision);
  // Adds the time since the last change to the samples.
  void advance();
  void place(PodState& state, const std::string& node);
  void forget(const PodState& state);

  Env env_;
  Sandbox& sandbox_;
  Calendar calendar_;
  Report report_;
  k8s::TimeNs seen_ = 0;                    // Until then the samples are complete.
  std::map<std::string, Running> running_;  // By provider id.
  double price_ = 0;
  std::size_t bound_ = 0;
  std::size_t pending_ = 0;
  std::map<std::string, PodState> pods_;               // By uid; not those of DaemonSets.
  std::map<std::string, std::string> leaving_;         // Node -> cause.
  std::set<std::string> interrupted_;                  // Claims.
  std::set<std::string> replacements_;                 // Claims.
  std::map<std::string, std::int64_t> pods_of_claim_;  // As planned.
  std::vector<k8s::DurationNs> waits_;
};

}  // namespace sim::days

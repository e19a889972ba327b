// What the cloud does to a simulated cluster by a scenario: reclaims spot machines, sells offerings
// out, publishes new images. It also plays the interruption queue: on the notice the machine's
// NodeClaim is deleted, as the interruption controller does, so that its pods leave in time.
//
// Thread rule: loop thread. Borrows the sandbox and the scenario for its lifetime.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "sim/cloud/env.h"
#include "sim/days/calendar.h"
#include "sim/days/scenario.h"
#include "sim/harness/sandbox.h"

namespace sim::days {

class Weather {
 public:
  struct Listener {
    std::function<void(const std::string& claim)> on_interruption;
    std::function<void(const std::string& text)> on_news;  // Shortages and images.
  };

  Weather(runtime::Executor& executor,
          Sandbox& sandbox,
          const Scenario& scenario,
          std::uint64_t seed,
          Listener listener);

  void start(const Calendar& calendar);

 private:
  void on_machine(const Machine& machine);
  void on_notice(const std::string& provider_id);
  void reclaim(const Reclaim& reclaim);
  void sell_out(const Shortage& shortage, k8s::TimeNs until);
  void release_images();

  Env env_;
  Sandbox& sandbox_;
  const Scenario& scenario_;
  Listener listener_;
  std::map<std::string, Machine> spot_;  // That run, by provider id.
};

}  // namespace sim::days

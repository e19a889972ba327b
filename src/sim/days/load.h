// The users of a simulated cluster: creates the Deployments and Jobs of a scenario, follows their
// curves, rolls releases out, and tidies finished Jobs away. Everything goes through the API.
//
// Thread rule: loop thread. Borrows the sandbox and the scenario for its lifetime.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "sim/cloud/env.h"
#include "sim/days/calendar.h"
#include "sim/days/scenario.h"
#include "sim/harness/sandbox.h"

namespace sim::days {

class Load {
 public:
  Load(runtime::Executor& executor, Sandbox& sandbox, const Scenario& scenario, std::uint64_t seed);

  // Creates what is there from the beginning and starts the clockwork. Errors: what the API server
  // refuses, with the workload's name.
  base::Result<void> start(const Calendar& calendar);

 private:
  // One Deployment of the cluster.
  struct Follower {
    const DeploymentPlan* plan = nullptr;
    std::string name;
    double size = 1;             // Of this copy, beside the curve.
    std::int64_t replicas = -1;  // As last asked for.
    int releases = 0;
  };

  base::Result<void> create(Follower& follower);
  base::Result<void> create_budget(const Follower& follower);
  base::Result<void> check(const JobPlan& plan);
  std::int64_t wanted(const Follower& follower);
  void follow();
  void release(std::size_t follower);
  void schedule_arrival(const JobPlan& plan);
  void arrive(const JobPlan& plan);
  void on_job(const k8s::ObjectEvent& event);

  Env env_;
  Sandbox& sandbox_;
  const Scenario& scenario_;
  std::optional<Calendar> calendar_;
  std::vector<Follower> followers_;
  std::int64_t jobs_ = 0;
};

}  // namespace sim::days

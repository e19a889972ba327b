// One run of the demo: the sandbox, the controllers and the script, on an executor that the caller
// runs. Says what happens; ends by calling `finished`.
//
// Thread rule: loop thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/cluster_input.h"
#include "app/narrator.h"
#include "base/error.h"
#include "control/controllers.h"
#include "sim/harness/sandbox.h"

namespace app {

class Demo {
 public:
  struct Options {
    ClusterInput input;
    std::string region;
    std::uint64_t seed = 1;
    sim::FaultPlan faults;
    plan::Packing packing = plan::Packing::kClassic;
    bool plays_example = false;  // Scale the input's first Deployment 0 -> 5 -> 0.
    bool serves = false;         // Never finish by itself.
  };

  using Finished = std::function<void(bool is_success)>;

  static base::Result<std::unique_ptr<Demo>> create(runtime::Executor& executor,
                                                    runtime::LogSink& log,
                                                    Options options,
                                                    Narrator::Say say,
                                                    Finished finished);

  // Applies the input and starts the controllers. Errors: a refusal of the embedded API server.
  base::Result<void> start();

  sim::Sandbox& sandbox() { return *sandbox_; }

  const Narrator& narrator() const { return narrator_; }

  // Where the run stands, in a few words.
  std::string_view phase_text() const;

 private:
  enum class Phase : std::uint8_t { kStarting, kGrowing, kHolding, kShrinking, kDone };

  Demo(runtime::Executor& executor,
       runtime::LogSink& log,
       Options options,
       std::unique_ptr<sim::Sandbox> sandbox,
       Narrator::Say say,
       Finished finished);

  void start_controllers();
  void tick();
  void advance();
  bool is_settled() const;
  void scale(std::int64_t replicas);
  void finish(bool is_success);
  k8s::TimeNs now() const;

  runtime::Executor& executor_;
  runtime::LogSink& log_;
  Options options_;
  std::unique_ptr<sim::Sandbox> sandbox_;
  std::unique_ptr<sim::api::SimKube> kube_;
  std::unique_ptr<control::Controllers> controllers_;
  Narrator narrator_;
  Finished finished_;
  Phase phase_ = Phase::kStarting;
  k8s::ObjectKey workload_;
  k8s::TimeNs phase_began_ = 0;
  int quiet_ticks_ = 0;  // Since anything changed.
  int phase_ticks_ = 0;
};

}  // namespace app

// provisioner: from pods that nobody can place to NodeClaims (spec 02 s4, s5, s12).
//
// Triggers open a batch; when it closes, a snapshot is planned on the planner thread; what the
// world has overtaken meanwhile is dropped; the rest becomes claims, with an intent each, so that
// the next plan waits for them. Stateful, but everything in it may be lost: pods trigger again.
// Thread rule: the loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "control/batcher.h"
#include "control/engine.h"
#include "control/expected_machines.h"
#include "control/plan_reports.h"
#include "runtime/rng.h"

namespace control {

class Provisioner {
 public:
  Provisioner(runtime::Executor& executor,
              act::Actor& actor,
              world::World& world,
              Engine& engine,
              const Config& config,
              runtime::Rng rng,
              runtime::Logger log);
  ~Provisioner();
  Provisioner(const Provisioner&) = delete;
  Provisioner& operator=(const Provisioner&) = delete;

  // provisioner.trigger.pod and provisioner.trigger.node, for the engine (SCH-100, SCH-101).
  Controller pod_trigger();
  Controller node_trigger();
  // A buffer was resolved, or is gone: by its namespace/name (LIF-184).
  Controller buffer_trigger();

  // Sees every plan before it is carried out: progress, tests.
  std::function<void(const world::Snapshot&, const plan::Plan&)> on_plan;

 private:
  void trigger(const std::string& id);
  void expect(const k8s::Pod& pod, const std::string& claim);
  void arm();
  void set_timer(runtime::Duration delay);
  void start();
  void finish(const world::SnapshotPtr& planned, plan::Plan plan);
  bool is_overtaken(const world::Snapshot& planned, world::PodId pod) const;
  bool must_pause(const std::string& pool, k8s::DurationNs pause) const;
  void create_claim(const world::Snapshot& planned, const plan::PlannedClaim& planned_claim);
  void nominate(const world::Snapshot& planned, const plan::ExistingPlacement& placement);

  runtime::Executor& executor_;
  act::Actor& actor_;
  world::World& world_;
  Engine& engine_;
  const Config& config_;
  runtime::Rng rng_;
  PlanReports reports_;
  Batcher batcher_;
  ExpectedMachines expected_;
  std::map<std::string, k8s::TimeNs, std::less<>> purchases_;  // The last of each pool.
  // Shared with the plan under way, which may outlive this.
  std::shared_ptr<plan::PlanMemory> memory_;
  runtime::TimerId timer_ = runtime::TimerId::kNone;
  bool is_planning_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace control

#include "sim/harness/seeded_run.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "control/controllers.h"
#include "k8s/codec.h"
#include "runtime/log_sinks.h"
#include "runtime/virtual_executor.h"
#include "sim/harness/disruption_checks.h"
#include "sim/harness/life_scenario.h"
#include "sim/harness/sandbox.h"

namespace sim {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr int kChaosMinutes = 24;
constexpr int kConvergenceMinutes = 120;
// Longer than any budget window lets one wait, or than extended consolidation looks back.
constexpr int kRestMinutes = 21;
constexpr int kExtendedRestMinutes = 65;
// Moves of extended consolidation that did not pay before may follow, each after hours of quiet.
constexpr int kMostLateHours = 8;
constexpr std::size_t kWorkloads = LifeScenario::kWorkloads;

class Run {
 public:
  Run(std::uint64_t seed, Trace trace)
      : executor_({.seed = seed}),
        trace_(std::move(trace)),
        rng_(runtime::Rng(seed).split("run")),
        scenario_(rng_.split("scenario")) {
    result_.seed = seed;
    const FaultPlan faults = FaultPlan::swarm(seed);
    result_.faults = faults.text();
    sandbox_ = *Sandbox::create(executor_, {.seed = seed, .faults = faults});
    checks_ = std::make_unique<DisruptionChecks>(
        *sandbox_,
        DisruptionChecks::Options{
            .lag = faults.has(Fault::kWatchDrop) ? k8s::kMinute : k8s::kSecond,
            .clock = executor_.clock()},
        Observer{.problem = [this](std::string text) { problem(std::move(text)); },
                 .met = [this](std::string_view what) { meet(what); }});
    for (std::size_t i = 0; i < FaultPlan::kFaults; ++i) {
      if (faults.has(static_cast<Fault>(i))) {
        meet(base::concat("fault: ", to_string(static_cast<Fault>(i))));
      }
    }
  }

  RunResult run() {
    for (const std::string& json : scenario_.manifests()) {
      apply(json);
    }
    for (const std::string& feature : scenario_.features()) {
      meet(feature);
    }
    sandbox_->cloud().watch_machines(
        [this](const Machine& machine) { launched_.insert(machine.provider_id); });
    restart();
    chaos();
    sandbox_->faults().stop();
    settle();
    converge();
    stay_quiet();
    result_.launched = launched_.size();
    return std::move(result_);
  }

 private:
  void apply(std::string_view json) {
    const auto applied = sandbox_->apply(json);
    if (!applied) {
      problem("refused: " + applied.error().detail);
    }
  }

  void trace(std::string_view line) const {
    if (trace_) {
      trace_(base::concat(executor_.now().time_since_epoch() / seconds(1), " s: ", line));
    }
  }

  void meet(std::string_view what) { ++result_.met[std::string(what)]; }

  void problem(std::string text) {
    constexpr std::size_t kMost = 10;
    trace("PROBLEM: " + text);
    if (result_.problems.size() < kMost) {
      result_.problems.push_back(
          base::concat("after ", executor_.now().time_since_epoch() / seconds(1), " s: ", text));
    }
  }

  // A crash loses everything in memory; what counts is in the API.
  void restart() {
    trace("a controller starts");
    controllers_.reset();
    kube_ = sandbox_->controller_kube();
    kube_->on_arrival = [this](const auto& request) { checks_->on_arrival(request); };
    checks_->on_restart();
    controllers_ = std::make_unique<control::Controllers>(
        control::Dependencies{
            .executor = executor_,
            .api = *kube_,
            .cloud = sandbox_->cloud(),
            .resolver = &sandbox_->cloud(),
            .catalogue = sandbox_->catalogue_source(),
            .log = *log_,
            .rng = rng_.split(base::concat("life ", result_.restarts)),
            .effect_log = [this](k8s::TimeNs time, std::string_view line) { record(time, line); },
            .extended_consolidation = scenario_.is_extended()},
        control::Config{.plan = {.schema = sandbox_->schema()},
                        .spot_to_spot = scenario_.is_spot_to_spot()});
    controllers_->on_command = [this](const disrupt::Command& command) {
      ++result_.commands;
      extended_moves_ += command.method == disrupt::Method::kExtended ? 1 : 0;
      trace(base::concat("decided: ",
                         disrupt::name_of(command.method),
                         " of ",
                         command.candidates.size(),
                         " nodes, first ",
                         command.candidates.front().claim_name(),
                         ", ",
                         command.replacements.size(),
                         " replacements"));
      checks_->on_command(command, *controllers_->world().snapshot(now()));
    };
    controllers_->start();
    executor_.after(seconds(3), [this] {
      if (controllers_ != nullptr && !controllers_->world().snapshot(now())->is_synced) {
        meet("unsynced for a while");
      }
    });
  }

  k8s::TimeNs now() const { return base::to_unix_ns(executor_.clock().wall()); }

  // The crash comes between this effect and whatever was to follow it.
  void record(k8s::TimeNs time, std::string_view line) {
    result_.effects += line.contains(": event ") ? 0U : 1U;  // News are no deeds.
    trace(line);
    checks_->on_effect(line);
    result_.digest = base::hash64(base::concat(result_.digest, " ", time, " ", line));
    if (sandbox_->faults().strikes(Fault::kRestart, rng_) && !restart_is_due_) {
      restart_is_due_ = true;
      executor_.post([this] {
        restart_is_due_ = false;
        ++result_.restarts;
        restart();
      });
    }
  }

  // Another replica takes over, at once or when the lease has run out: what the former one has sent
  // still arrives.
  void change_leader() {
    meet("leader change");
    controllers_.reset();
    kube_->hang_up();
    retired_.push_back(std::move(kube_));
    executor_.after(rng_.chance(0.5) ? seconds(0) : rng_.between(seconds(1), seconds(20)), [this] {
      ++result_.restarts;
      restart();
    });
  }

  void patch(k8s::Kind kind, std::string name, std::string body) {
    k8s::WriteRequest request{};
    request.verb = k8s::Verb::kMergePatch;
    request.key = {kind, kind == k8s::Kind::kDeployment ? "default" : "", std::move(name)};
    request.body = std::move(body);
    sandbox_->kube().write(std::move(request), [](const base::Result<k8s::ObjectPtr>&) {});
  }

  void remove(k8s::Kind kind, std::string name) {
    sandbox_->kube().write({.verb = k8s::Verb::kDelete, .key = {kind, "default", std::move(name)}},
                           [](const base::Result<k8s::ObjectPtr>&) {});
  }

  void scale(std::size_t index, std::int64_t replicas) {
    wanted_[index] = replicas;
    patch(k8s::Kind::kDeployment,
          LifeScenario::workload_name(index),
          base::concat(R"({"spec":{"replicas":)", replicas, "}}"));
  }

  // Guards some node, and lets another go.
  void guard_nodes() {
    for (const auto& node : all_of<k8s::Node>(sandbox_->store(), k8s::Kind::kNode)) {
      if (rng_.chance(0.3)) {
        guard(*node, rng_.chance(0.5));
      }
    }
  }

  void guard(const k8s::Node& node, bool is_guarded) {
    patch(k8s::Kind::kNode,
          node.meta.name,
          base::concat(R"({"metadata":{"annotations":{")",
                       kDoNotDisruptAnnotation,
                       "\":",
                       is_guarded ? R"("true")" : "null",
                       "}}}"));
  }

  // What somebody does to the cluster, once a minute.
  void act(int minute) {
    if (minute % 4 == 0) {
      scale(rng_.below(kWorkloads), rng_.between(std::int64_t{0}, std::int64_t{12}));
    }
    if (minute % 10 == 9) {  // The night falls: nodes are half empty side by side.
      for (std::size_t i = 0; i < kWorkloads; ++i) {
        scale(i, wanted_[i] / 3);
      }
    }
    const std::size_t pool = rng_.below(scenario_.pools());
    if (scenario_.drifts() && minute >= 6 && rng_.chance(0.1)) {
      scenario_.drift(pool);
      apply(scenario_.pool_manifest(pool));
    }
    if (scenario_.changes_budgets() && rng_.chance(0.1)) {
      scenario_.change_budgets(pool);
      apply(scenario_.pool_manifest(pool));
    }
    if (scenario_.guards_nodes() && minute % 5 == 2) {
      guard_nodes();
    }
    if (scenario_.has_replicas() && controllers_ != nullptr && rng_.chance(0.08)) {
      change_leader();
    }
  }

  // What would stand in the way of rest for ever ends.
  void settle() {
    scenario_.settle();
    for (std::size_t i = 0; i < scenario_.pools(); ++i) {
      apply(scenario_.pool_manifest(i));
    }
    for (const std::string& name : scenario_.immovable_budgets()) {
      remove(k8s::Kind::kPodDisruptionBudget, name);
    }
    for (const auto& node : all_of<k8s::Node>(sandbox_->store(), k8s::Kind::kNode)) {
      guard(*node, false);
    }
  }

  // Without a grace period nobody but its owner takes away a pod that objects.
  void help_drains() {
    for (const SeenMachine& machine : machines_of(sandbox_->store())) {
      for (const auto& pod : machine.pods) {
        if (machine.is_leaving() && forbids_disruption(*pod, now())) {
          remove(k8s::Kind::kPod, pod->meta.name);
        }
      }
    }
  }

  void chaos() {
    for (int minute = 0; minute < kChaosMinutes; ++minute) {
      act(minute);
      for (int i = 0; i < 12; ++i) {
        executor_.run_for(seconds(5));
        check_limit();
        checks_->look();
      }
    }
  }

  void converge() {
    int quiet_minutes = 0;
    const int rest = scenario_.is_extended() ? kExtendedRestMinutes : kRestMinutes;
    for (int minute = 0; minute < kConvergenceMinutes + 2 * rest; ++minute) {
      const std::uint64_t before = result_.effects;
      help_drains();
      executor_.run_for(minutes(1));
      check_limit();
      checks_->look();
      quiet_minutes = result_.effects == before ? quiet_minutes + 1 : 0;
      // Nodes need their time to be found, replaced and drained, so look for rest, not for a moment
      // of order.
      if (minute >= 20 && quiet_minutes >= rest && disorder().empty()) {
        return;
      }
    }
    for (std::string& text : disorder()) {
      problem("never came right: " + std::move(text));
    }
  }

  // What a move entails comes minutes after it.
  void let_moves_end() {
    for (int i = 0; i < kMostLateHours; ++i) {
      const std::uint64_t moves = extended_moves_;
      executor_.run_for(minutes(10));
      if (extended_moves_ == moves) {
        return;
      }
    }
  }

  void stay_quiet() {
    std::uint64_t effects = 0;
    std::uint64_t moves = 0;
    for (int hour = 0; hour == 0 || (hour < kMostLateHours && moves > 0); ++hour) {
      let_moves_end();
      effects = result_.effects;
      moves = extended_moves_;
      executor_.run_for(minutes(60));
      effects = result_.effects - effects;
      moves = extended_moves_ - moves;
    }
    if (effects > 0) {
      problem(base::concat(effects, " effects in an hour without reason"));
    }
    for (std::string& text : disorder()) {
      problem("did not last: " + std::move(text));
    }
  }

  void check_limit() {
    std::int64_t cpus = 0;
    for (const cloud::Instance& instance : sandbox_->cloud().running()) {
      const cloud::InstanceType* type = sandbox_->catalogue()->find(instance.instance_type);
      cpus += type ? type->capacity.get("cpu").value() : 0;
    }
    const std::int64_t limit =
        LifeScenario::kCpuLimit * static_cast<std::int64_t>(scenario_.pools());
    if (cpus > limit) {
      problem(base::concat("the limit of ", limit, " cpu is exceeded: ", cpus));
    }
  }

  // What is not as it should be when nothing goes wrong any more.
  std::vector<std::string> disorder() const {
    std::vector<std::string> found;
    std::int64_t bound = 0;
    for (const auto& [name, document] :
         sandbox_->store().collection(api::type_of(k8s::Kind::kPod))) {
      const auto& pod = k8s::as<k8s::Pod>(*document->typed());
      if (pod.spec.node_name.empty()) {
        found.push_back("pod " + name + " is not bound");
      }
      ++bound;
    }
    std::int64_t wanted = 0;
    for (const std::int64_t replicas : wanted_) {
      wanted += replicas;
    }
    if (bound != wanted) {
      found.push_back(base::concat(bound, " pods instead of ", wanted));
    }
    std::set<std::string> owned;
    for (const auto& [name, document] :
         sandbox_->store().collection(api::type_of(k8s::Kind::kNodeClaim))) {
      const auto& claim = k8s::as<k8s::NodeClaim>(*document->typed());
      owned.insert(claim.status.provider_id);
      if (!k8s::is_true(claim.status.conditions, "Initialized")) {
        found.push_back("nodeclaim " + name + " is not initialized");
      }
    }
    std::ranges::move(checks_->left_taints(), std::back_inserter(found));
    for (const cloud::Instance& instance : sandbox_->cloud().running()) {
      if (owned.erase(instance.provider_id) == 0) {
        found.push_back("instance " + instance.provider_id + " has no nodeclaim");
      }
    }
    for (const std::string& provider_id : owned) {
      found.push_back("the instance " + provider_id + " of a nodeclaim does not run");
    }
    return found;
  }

  runtime::VirtualExecutor executor_;
  Trace trace_;
  runtime::Rng rng_;
  LifeScenario scenario_;
  RunResult result_;
  std::uint64_t extended_moves_ = 0;
  std::unique_ptr<runtime::LogSink> log_ = std::make_unique<runtime::NullLogSink>();
  std::unique_ptr<Sandbox> sandbox_;
  std::unique_ptr<api::SimKube> kube_;
  std::vector<std::unique_ptr<api::SimKube>> retired_;  // Of former leaders.
  std::unique_ptr<control::Controllers> controllers_;
  std::int64_t wanted_[kWorkloads] = {};
  std::set<std::string> launched_;
  std::unique_ptr<DisruptionChecks> checks_;
  bool restart_is_due_ = false;
};

}  // namespace

std::string RunResult::report() const {
  return base::concat("seed ",
                      seed,
                      " (faults: ",
                      faults,
                      ")\n  ",
                      base::join(problems, "\n  "),
                      "\nreplay: KARPENTER_SEED=",
                      seed,
                      " build/release/bin/test_sim --gtest_filter='*SeededRuns*'\n");
}

RunResult run_seed(std::uint64_t seed, Trace trace) {
  return Run(seed, std::move(trace)).run();
}

}  // namespace sim

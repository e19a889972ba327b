#include "sim/harness/seeded_run.h"

#include <algorithm>
#include <array>
#include <cmath>
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
#include "sim/harness/sandbox.h"
#include "world/names.h"

namespace sim {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kCpuLimit = 64;
constexpr int kChaosMinutes = 20;
constexpr int kConvergenceMinutes = 90;
constexpr std::size_t kWorkloads = 3;

constexpr std::string_view kNodeClass = R"({
  "apiVersion": "karpenter.k8s.aws/v1", "kind": "EC2NodeClass", "metadata": {"name": "default"},
  "spec": {"role": "node", "amiSelectorTerms": [{"alias": "al2023@latest"}],
    "subnetSelectorTerms": [{"tags": {"karpenter.sh/discovery": "demo"}}],
    "securityGroupSelectorTerms": [{"tags": {"karpenter.sh/discovery": "demo"}}]}})";

// The share of the nodes that may be disrupted at once.
double budget_of(std::uint64_t seed) {
  constexpr std::array kShares{0.1, 0.5, 1.0, 0.1, 0.0};
  return kShares[seed % kShares.size()];
}

// What is consolidated, and how: by seed, so that runs differ.
std::string node_pool(std::uint64_t seed) {
  return base::concat(
      R"({
  "apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": "default"},
  "spec": {"limits": {"cpu": ")",
      kCpuLimit,
      R"("}, "disruption": {"budgets": [{"nodes": ")",
      std::llround(100 * budget_of(seed)),
      R"(%"}], "consolidateAfter": "30s", "consolidationPolicy": ")",
      seed % 3 == 0 ? "WhenEmpty" : "WhenEmptyOrUnderutilized",
      R"("},
    "template": {"spec": {
      "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"},
      "requirements": [
        {"key": "karpenter.k8s.aws/instance-category", "operator": "In", "values": ["c", "m", "r"]},
        {"key": "karpenter.k8s.aws/instance-cpu", "operator": "Lt", "values": ["9"]},
        {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["spot", "on-demand"]}]}}}})");
}

constexpr std::string_view kPodBudget = R"({
  "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "work-1"},
  "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "work-1"}}}})";

std::string workload_name(std::size_t index) {
  return base::concat("work-", index);
}

bool is_guarded(std::uint64_t seed, std::size_t index) {
  return index == 0 && seed % 4 == 1;
}

std::string deployment(std::size_t index, int milli_cpu, bool has_guard) {
  const std::string name = workload_name(index);
  return base::concat(
      R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": ")",
      name,
      R"("}, "spec": {"replicas": 0, "selector": {"matchLabels": {"app": ")",
      name,
      R"("}}, "template": {"metadata": {"annotations": {"karpenter.sh/do-not-disrupt": ")",
      has_guard ? "true" : "false",
      R"("}, "labels": {"app": ")",
      name,
      R"("}}, "spec": {"containers": [{"name": "main", "image": "pause",
                        "resources": {"requests": {"cpu": ")",
      milli_cpu,
      R"(m", "memory": "256Mi"}}}]}}}})");
}

class Run {
 public:
  explicit Run(std::uint64_t seed)
      : executor_({.seed = seed}), rng_(runtime::Rng(seed).split("run")) {
    result_.seed = seed;
    const FaultPlan faults = FaultPlan::swarm(seed);
    result_.faults = faults.text();
    sandbox_ = *Sandbox::create(executor_, {.seed = seed, .faults = faults});
    checks_ = std::make_unique<DisruptionChecks>(
        *sandbox_, budget_of(seed), [this](std::string text) { problem(std::move(text)); });
  }

  RunResult run() {
    apply(kNodeClass);
    apply(node_pool(result_.seed));
    for (std::size_t i = 0; i < kWorkloads; ++i) {
      apply(deployment(i,
                       static_cast<int>(rng_.between(std::int64_t{1}, std::int64_t{12})) * 100,
                       is_guarded(result_.seed, i)));
    }
    if (result_.seed % 2 == 1) {
      apply(kPodBudget);
    }
    sandbox_->cloud().watch_machines(
        [this](const Machine& machine) { launched_.insert(machine.provider_id); });
    restart();
    chaos();
    sandbox_->faults().stop();
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

  void problem(std::string text) {
    constexpr std::size_t kMost = 10;
    if (result_.problems.size() < kMost) {
      result_.problems.push_back(
          base::concat("after ", executor_.now().time_since_epoch() / seconds(1), " s: ", text));
    }
  }

  // A crash loses everything in memory; what counts is in the API.
  void restart() {
    controllers_.reset();
    kube_ = sandbox_->controller_kube();
    controllers_ = std::make_unique<control::Controllers>(
        control::Dependencies{
            .executor = executor_,
            .api = *kube_,
            .cloud = sandbox_->cloud(),
            .resolver = &sandbox_->cloud(),
            .catalogue = sandbox_->catalogue_source(),
            .log = *log_,
            .rng = rng_.split(base::concat("life ", result_.restarts)),
            .effect_log = [this](k8s::TimeNs time, std::string_view line) { record(time, line); }},
        control::Config{.plan = {.schema = sandbox_->schema()}});
    controllers_->on_command = [this](const disrupt::Command& command) {
      ++result_.commands;
      checks_->on_command(command, *controllers_->world().snapshot(now()));
    };
    controllers_->start();
  }

  k8s::TimeNs now() const { return base::to_unix_ns(executor_.clock().wall()); }

  // The crash comes between this effect and whatever was to follow it.
  void record(k8s::TimeNs time, std::string_view line) {
    result_.effects += line.contains(": event ") ? 0U : 1U;  // News are no deeds.
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

  void scale(std::size_t index, std::int64_t replicas) {
    wanted_[index] = replicas;
    k8s::WriteRequest request{};
    request.verb = k8s::Verb::kMergePatch;
    request.key = {k8s::Kind::kDeployment, "default", workload_name(index)};
    request.body = base::concat(R"({"spec":{"replicas":)", replicas, "}}");
    sandbox_->kube().write(std::move(request), [](const base::Result<k8s::ObjectPtr>&) {});
  }

  void chaos() {
    for (int minute = 0; minute < kChaosMinutes; ++minute) {
      if (minute % 4 == 0) {
        scale(rng_.below(kWorkloads), rng_.between(std::int64_t{0}, std::int64_t{12}));
      }
      for (int i = 0; i < 12; ++i) {
        executor_.run_for(seconds(5));
        check_limit();
        checks_->look(now());
      }
    }
  }

  void converge() {
    int quiet_minutes = 0;
    for (int minute = 0; minute < kConvergenceMinutes; ++minute) {
      const std::uint64_t before = result_.effects;
      executor_.run_for(minutes(1));
      check_limit();
      checks_->look(now());
      quiet_minutes = result_.effects == before ? quiet_minutes + 1 : 0;
      // Nodes need their time to be found, replaced and drained, so look for rest, not for a moment
      // of order.
      if (minute >= 20 && quiet_minutes >= 5 && disorder().empty()) {
        return;
      }
    }
    for (std::string& text : disorder()) {
      problem("never came right: " + std::move(text));
    }
  }

  void stay_quiet() {
    executor_.run_for(minutes(10));
    const std::uint64_t before = result_.effects;
    executor_.run_for(minutes(60));
    if (result_.effects != before) {
      problem(base::concat(result_.effects - before, " effects in an hour without reason"));
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
    if (cpus > kCpuLimit) {
      problem(base::concat("the limit of ", kCpuLimit, " cpu is exceeded: ", cpus));
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
  runtime::Rng rng_;
  RunResult result_;
  std::unique_ptr<runtime::LogSink> log_ = std::make_unique<runtime::NullLogSink>();
  std::unique_ptr<Sandbox> sandbox_;
  std::unique_ptr<api::SimKube> kube_;
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

RunResult run_seed(std::uint64_t seed) {
  return Run(seed).run();
}

}  // namespace sim

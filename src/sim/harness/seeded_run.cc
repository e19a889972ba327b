#include "sim/harness/seeded_run.h"

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
#include "sim/harness/sandbox.h"

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

std::string node_pool() {
  return base::concat(
      R"({
  "apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": "default"},
  "spec": {"limits": {"cpu": ")",
      kCpuLimit,
      R"("}, "disruption": {"consolidationPolicy": "WhenEmpty", "consolidateAfter": "30s"},
    "template": {"spec": {
      "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"},
      "requirements": [
        {"key": "karpenter.k8s.aws/instance-category", "operator": "In", "values": ["c", "m", "r"]},
        {"key": "karpenter.k8s.aws/instance-cpu", "operator": "Lt", "values": ["9"]},
        {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["spot", "on-demand"]}]}}}})");
}

std::string workload_name(std::size_t index) {
  return base::concat("work-", index);
}

std::string deployment(std::size_t index, int milli_cpu) {
  const std::string name = workload_name(index);
  return base::concat(R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": ")",
                      name,
                      R"("}, "spec": {"replicas": 0, "selector": {"matchLabels": {"app": ")",
                      name,
                      R"("}}, "template": {"metadata": {"labels": {"app": ")",
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
  }

  RunResult run() {
    apply(kNodeClass);
    apply(node_pool());
    for (std::size_t i = 0; i < kWorkloads; ++i) {
      apply(deployment(i, static_cast<int>(rng_.between(std::int64_t{1}, std::int64_t{12})) * 100));
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
    controllers_->start();
  }

  // The crash comes between this effect and whatever was to follow it.
  void record(k8s::TimeNs time, std::string_view line) {
    ++result_.effects;
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
    request.key.kind = k8s::Kind::kDeployment;
    request.key.namespace_ = "default";
    request.key.name = workload_name(index);
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
      }
    }
  }

  void converge() {
    for (int minute = 0; minute < kConvergenceMinutes; ++minute) {
      executor_.run_for(minutes(1));
      check_limit();
      // Empty nodes need their time to be found and drained, so look for rest, not for a moment of
      // order.
      if (minute >= 20 && disorder().empty()) {
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

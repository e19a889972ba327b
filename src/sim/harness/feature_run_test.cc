// Static pools, standalone claims, node repair, capacity buffers and evictions that a budget
// refuses, in one cluster, while the controller is killed between its effects (spec 04 s6, s7, s9,
// s10): in the end everything must be as it was asked for, and stay so.
#include <array>
#include <iostream>
#include <set>

#include <gtest/gtest.h>

#include "base/text.h"
#include "k8s/conditions.h"
#include "k8s/time.h"
#include "runtime/environment.h"
#include "sim/harness/rig.h"
#include "world/names.h"

namespace sim {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kNodesLimit = 6;
constexpr std::int64_t kReplicas = 4;
constexpr int kChaosMinutes = 25;
constexpr int kConvergenceMinutes = 120;

constexpr std::string_view kNodeClass = R"({
  "apiVersion": "karpenter.k8s.aws/v1", "kind": "EC2NodeClass", "metadata": {"name": "default"},
  "spec": {"role": "node", "amiSelectorTerms": [{"alias": "al2023@latest"}],
    "subnetSelectorTerms": [{"tags": {"karpenter.sh/discovery": "demo"}}],
    "securityGroupSelectorTerms": [{"tags": {"karpenter.sh/discovery": "demo"}}]}})";

constexpr std::string_view kSpec = R"("template": {"spec": {
      "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"},
      "requirements": [
        {"key": "karpenter.k8s.aws/instance-category", "operator": "In", "values": ["c", "m"]},
        {"key": "karpenter.k8s.aws/instance-cpu", "operator": "Lt", "values": ["9"]},
        {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["on-demand"]}])";

constexpr std::string_view kClaim = R"({
  "apiVersion": "karpenter.sh/v1", "kind": "NodeClaim", "metadata": {"name": "alone"},
  "spec": {
    "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"},
    "requirements": [
      {"key": "node.kubernetes.io/instance-type", "operator": "In",
       "values": ["m5.large", "m5.xlarge", "c5.large", "c5.xlarge"]}],
    "resources": {"requests": {"cpu": "1"}}}})";

constexpr std::string_view kTemplate = R"({
  "apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "spare", "namespace": "default"},
  "template": {"spec": {"containers": [{"name": "main", "image": "pause",
    "resources": {"requests": {"cpu": "1", "memory": "512Mi"}}}]}}})";

constexpr std::string_view kBuffer = R"({
  "apiVersion": "autoscaling.x-k8s.io/v1beta1", "kind": "CapacityBuffer",
  "metadata": {"name": "spare", "namespace": "default"},
  "spec": {"podTemplateRef": {"name": "spare"}, "replicas": 2}})";

constexpr std::string_view kBudget = R"({
  "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"},
  "spec": {"minAvailable": 4, "selector": {"matchLabels": {"app": "web"}}}})";

std::string dynamic_pool() {
  return base::concat(
      R"({"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": "default"},
  "spec": {"disruption": {"consolidationPolicy": "WhenEmpty", "consolidateAfter": "30s"}, )",
      kSpec,
      "}}}}");
}

// Nobody is scheduled there: what runs is only its own.
std::string static_pool(std::int64_t replicas) {
  return base::concat(
      R"({"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": "fixed"},
  "spec": {"replicas": )",
      replicas,
      R"(, "limits": {"nodes": ")",
      kNodesLimit,
      R"("}, )",
      kSpec,
      R"(, "taints": [{"key": "fixed", "effect": "NoSchedule"}]}}}})");
}

std::string web() {
  return R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
  "spec": {"replicas": 4, "selector": {"matchLabels": {"app": "web"}},
    "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [
      {"name": "main", "image": "pause",
       "resources": {"requests": {"cpu": "1500m", "memory": "512Mi"}}}]}}}})";
}

class FeatureRun {
 public:
  explicit FeatureRun(std::uint64_t seed)
      : rig_({.seed = seed,
              .faults = FaultPlan::swarm(seed),
              .restarts = seed % 4 == 0 ? 0 : 0.02,
              .config = config()}) {}

  const Rig& run() {
    for (const std::string& json : {std::string(kNodeClass),
                                    dynamic_pool(),
                                    static_pool(3),
                                    std::string(kTemplate),
                                    std::string(kBuffer),
                                    std::string(kClaim),
                                    std::string(kBudget),
                                    web()}) {
      rig_.apply(json);
    }
    for (int minute = 0; minute < kChaosMinutes; ++minute) {
      if (minute >= 4) {
        act();
      }
      for (int i = 0; i < 12; ++i) {
        rig_.run(seconds(5));
        check_limit();
      }
    }
    rig_.stop_faults();
    rig_.run(minutes(20));
    heal();
    rig_.apply(static_pool(kReplicas));
    rig_.apply(kBuffer);
    rig_.remove({k8s::Kind::kPodDisruptionBudget, "default", "web"});
    converge();
    stay_quiet();
    return rig_;
  }

 private:
  static control::Config config() {
    control::Config config;
    config.static_capacity = true;
    config.node_repair = true;
    config.plan.capacity_buffers = true;
    return config;
  }

  // Something that an operator, or fate, does.
  void act() {
    switch (rig_.rng().below(6)) {
      case 0:
        return rig_.apply(static_pool(rig_.rng().between(std::int64_t{0}, kNodesLimit + 2)));
      case 1:
        return with_any_node(
            [&](const k8s::Node& node) { rig_.remove({k8s::Kind::kNode, "", node.meta.name}); });
      case 2:
        return with_any_node([&](const k8s::Node& node) { fall_sick(node); });
      case 3:
        return rig_.remove({k8s::Kind::kCapacityBuffer, "default", "spare"});
      case 4:
        return rig_.apply(kBuffer);
      default:
        return;
    }
  }

  template <typename Fn>
  void with_any_node(Fn fn) {
    const auto nodes = rig_.all<k8s::Node>(k8s::Kind::kNode);
    if (!nodes.empty()) {
      fn(*nodes[rig_.rng().below(nodes.size())]);
    }
  }

  // Too many sick ones are left alone, whatever time passes (LIF-155): those must recover.
  void heal() {
    for (const auto& node : rig_.all<k8s::Node>(k8s::Kind::kNode)) {
      if (k8s::find_condition(node->status.conditions, "KernelReady") != nullptr) {
        set_kernel(*node, "True");
      }
    }
  }

  void fall_sick(const k8s::Node& node) { set_kernel(node, "False"); }

  void set_kernel(const k8s::Node& node, std::string_view status) {
    std::string conditions;
    for (const k8s::Condition& condition : node.status.conditions) {
      if (condition.type != "KernelReady") {
        conditions += base::concat(R"({"type":")",
                                   condition.type,
                                   R"(","status":")",
                                   condition.status,
                                   R"(","reason":")",
                                   condition.reason,
                                   R"(","lastTransitionTime":")",
                                   k8s::format_time(condition.last_transition),
                                   R"("},)");
      }
    }
    conditions += base::concat(R"({"type":"KernelReady","status":")",
                               status,
                               R"(","reason":"Kernel","lastTransitionTime":")",
                               k8s::format_time(rig_.now() - 25 * k8s::kMinute),
                               R"("})");
    rig_.patch({k8s::Kind::kNode, "", node.meta.name},
               base::concat(R"({"status":{"conditions":[)", conditions, "]}}"),
               "status");
  }

  static bool is_fixed(const k8s::NodeClaim& claim) {
    const std::string* pool = claim.meta.label(world::kPoolLabel);
    return pool != nullptr && *pool == "fixed";
  }

  void check_limit() {
    std::int64_t claims = 0;
    for (const auto& claim : rig_.all<k8s::NodeClaim>(k8s::Kind::kNodeClaim)) {
      claims += is_fixed(*claim) ? 1 : 0;
    }
    if (claims > kNodesLimit) {
      rig_.problem(base::concat(claims, " static claims where ", kNodesLimit, " are allowed"));
    }
  }

  void converge() {
    for (int minute = 0; minute < kConvergenceMinutes; ++minute) {
      rig_.run(minutes(1));
      if (minute >= 45 && disorder().empty()) {
        return;
      }
    }
    for (std::string& text : disorder()) {
      rig_.problem("never came right: " + std::move(text));
    }
  }

  void stay_quiet() {
    rig_.run(minutes(10));
    const std::uint64_t before = rig_.effects();
    rig_.run(minutes(60));
    if (rig_.effects() != before) {
      rig_.problem(base::concat(rig_.effects() - before,
                                " effects in an hour without reason, the last: ",
                                rig_.last_effect()));
    }
    for (std::string& text : disorder()) {
      rig_.problem("did not last: " + std::move(text));
    }
  }

  std::vector<std::string> disorder() const {
    std::vector<std::string> found;
    std::set<std::string> owned;
    std::int64_t fixed = 0;
    for (const auto& claim : rig_.all<k8s::NodeClaim>(k8s::Kind::kNodeClaim)) {
      fixed += is_fixed(*claim) ? 1 : 0;
      owned.insert(claim->status.provider_id);
      if (claim->meta.is_deleting() || !k8s::is_true(claim->status.conditions, "Initialized")) {
        found.push_back("nodeclaim " + claim->meta.name + " is not in order");
      }
    }
    if (fixed != kReplicas) {
      found.push_back(base::concat(fixed, " static claims instead of ", kReplicas));
    }
    for (const auto& node : rig_.all<k8s::Node>(k8s::Kind::kNode)) {
      const auto* sick = k8s::find_condition(node->status.conditions, "KernelReady");
      if (node->meta.is_deleting() || (sick != nullptr && sick->status == "False")) {
        found.push_back("node " + node->meta.name + " is not in order");
      }
    }
    for (const auto& pod : rig_.all<k8s::Pod>(k8s::Kind::kPod)) {
      if (pod->spec.node_name.empty() || pod->meta.is_deleting()) {
        found.push_back("pod " + pod->meta.name + " does not run");
      }
    }
    for (const cloud::Instance& instance : rig_.sandbox().cloud().running()) {
      if (!owned.contains(instance.provider_id)) {
        found.push_back("instance " + instance.provider_id + " has no nodeclaim");
      }
    }
    for (const auto& buffer : rig_.all<k8s::CapacityBuffer>(k8s::Kind::kCapacityBuffer)) {
      for (const char* type : {"ReadyForProvisioning", "Provisioning"}) {
        if (!k8s::is_true(buffer->conditions, type)) {
          found.push_back(base::concat("the buffer is not ", type));
        }
      }
    }
    return found;
  }

  mutable Rig rig_;
};

// In shards, so that they run side by side.
constexpr std::uint64_t kShards = 4;
constexpr std::uint64_t kSeedsPerShard = 8;

class SeededRunsOfFeatures : public testing::TestWithParam<std::uint64_t> {};

// LIF-137, LIF-157, LIF-171, LIF-173, LIF-184: whatever strikes, what was asked for is there in the
// end.
TEST_P(SeededRunsOfFeatures, EverythingComesRightAfterFaults) {
  const auto replay = runtime::Environment::of_process().get("KARPENTER_SEED");
  const std::uint64_t first = replay
                                  ? static_cast<std::uint64_t>(base::parse_int(*replay).value_or(0))
                                  : GetParam() * kSeedsPerShard + 1;
  std::uint64_t effects = 0;
  std::uint64_t lives = 0;
  for (std::uint64_t seed = first; seed < first + (replay ? 1 : kSeedsPerShard); ++seed) {
    FeatureRun run(seed);
    const Rig& rig = run.run();
    EXPECT_TRUE(rig.problems().empty())
        << "seed " << seed << "\n  " << base::join(rig.problems(), "\n  ");
    effects += rig.effects();
    lives += rig.restarts();
  }
  std::cout << base::concat(effects, " effects, ", lives, " lives of the controller\n");
}

INSTANTIATE_TEST_SUITE_P(Shard, SeededRunsOfFeatures, testing::Range(std::uint64_t{0}, kShards));

}  // namespace
}  // namespace sim

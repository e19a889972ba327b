#include "sim/harness/life_scenario.h"

#include <array>
#include <span>

#include "base/text.h"

namespace sim {
namespace {

constexpr std::string_view kNodeClass = R"({
  "apiVersion": "karpenter.k8s.aws/v1", "kind": "EC2NodeClass", "metadata": {"name": "default"},
  "spec": {"role": "node", "amiSelectorTerms": [{"alias": "al2023@latest"}],
    "subnetSelectorTerms": [{"tags": {"karpenter.sh/discovery": "demo"}}],
    "securityGroupSelectorTerms": [{"tags": {"karpenter.sh/discovery": "demo"}}]}})";

constexpr std::array<std::string_view, 3> kReasonNames{"Empty", "Drifted", "Underutilized"};

template <std::size_t N>
std::string one_of(runtime::Rng& rng, const std::array<std::string_view, N>& values) {
  return std::string(values[rng.below(N)]);
}

std::string pod_budget(std::string_view name, std::string_view spec) {
  return base::concat(
      R"({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": ")",
      name,
      R"("}, "spec": {)",
      spec,
      "}}");
}

// Of the pods of the second workload.
std::string selecting(std::string_view amount) {
  return base::concat(amount, R"(, "selector": {"matchLabels": {"app": "work-1"}})");
}

}  // namespace

LifeScenario::LifeScenario(runtime::Rng rng) : rng_(rng) {
  is_extended_ = rng_.chance(0.3);
  is_spot_to_spot_ = rng_.chance(0.3);
  drifts_ = rng_.chance(0.5);
  guards_nodes_ = rng_.chance(0.3);
  changes_budgets_ = rng_.chance(0.3);
  has_replicas_ = rng_.chance(0.4);
  draw_pools();
  for (std::size_t i = 0; i < kWorkloads; ++i) {
    Workload workload{.milli_cpu = 100 * rng_.between(std::int64_t{1}, std::int64_t{20}),
                      .guard = {},
                      .pool = {}};
    if (i == 0) {
      workload.guard = one_of<8>(rng_, {"", "", "true", "5m", "10m", "90s", "false", "0s"});
    }
    // The scheduler may give the room that was meant for these to pods that could go anywhere;
    // extended consolidation then makes the same move for ever (docs/status.md).
    if (i == 2 && pools_.size() > 1 && !is_extended_) {
      workload.pool = pools_.back().name;
    }
    workloads_.push_back(std::move(workload));
  }
  pod_budgets_ = static_cast<PodBudgets>(rng_.below(6));
}

void LifeScenario::draw_pools() {
  const std::size_t count = rng_.chance(0.4) ? 2 : 1;
  for (std::size_t i = 0; i < count; ++i) {
    Pool pool;
    pool.name = i == 0 ? "default" : "other";
    pool.policy = one_of<5>(rng_,
                            {"WhenEmpty",
                             "WhenEmptyOrUnderutilized",
                             "WhenEmptyOrUnderutilized",
                             "WhenEmptyOrUnderutilized",
                             "Balanced"});
    pool.consolidate_after = one_of<6>(rng_, {"0s", "0s", "30s", "30s", "2m", "Never"});
    pool.capacity_types =
        one_of<3>(rng_, {R"("spot", "on-demand")", R"("spot", "on-demand")", R"("on-demand")"});
    pool.cpus_below = rng_.chance(0.5) ? 5 : 9;
    pool.budgets = draw_budgets();
    pool.expires = rng_.chance(0.2);
    pool.has_grace_period = pool.expires || rng_.chance(0.3);
    pools_.push_back(std::move(pool));
  }
}

std::string LifeScenario::draw_budgets() {
  std::string budgets;
  const std::size_t count = 1 + rng_.below(3);
  for (std::size_t i = 0; i < count; ++i) {
    budgets += base::concat(i == 0 ? "" : ", ",
                            R"({"nodes": ")",
                            one_of<9>(rng_, {"0", "1", "2", "2", "4", "10%", "34%", "50%", "100%"}),
                            "\"");
    if (rng_.chance(0.3)) {
      const std::size_t first = rng_.below(kReasonNames.size());
      budgets += base::concat(R"(, "reasons": [")", kReasonNames[first], "\"");
      if (rng_.chance(0.4)) {
        budgets += base::concat(", \"", kReasonNames[(first + 1) % kReasonNames.size()], "\"");
      }
      budgets += "]";
    }
    if (rng_.chance(0.35)) {
      budgets += one_of<4>(rng_,
                           {R"(, "schedule": "*/5 * * * *", "duration": "2m")",
                            R"(, "schedule": "*/10 * * * *", "duration": "6m")",
                            R"(, "schedule": "*/15 */1 * * *", "duration": "5m")",
                            R"(, "schedule": "*/20 * * * *", "duration": "12m")"});
    }
    budgets += "}";
  }
  return budgets;
}

void LifeScenario::change_budgets(std::size_t pool) {
  pools_[pool].budgets = draw_budgets();
}

void LifeScenario::settle() {
  for (Pool& pool : pools_) {
    pool.expires = false;
  }
}

std::vector<std::string> LifeScenario::manifests() const {
  std::vector<std::string> all{std::string(kNodeClass)};
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    all.push_back(pool_manifest(i));
  }
  for (std::size_t i = 0; i < kWorkloads; ++i) {
    all.push_back(workload_manifest(i));
  }
  for (std::string& one : pod_budget_manifests()) {
    all.push_back(std::move(one));
  }
  return all;
}

std::string LifeScenario::pool_manifest(std::size_t index) const {
  const Pool& pool = pools_[index];
  return base::concat(
      R"({"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": ")",
      pool.name,
      R"("}, "spec": {"limits": {"cpu": ")",
      kCpuLimit,
      R"("}, "disruption": {"budgets": [)",
      pool.budgets,
      R"(], "consolidateAfter": ")",
      pool.consolidate_after,
      R"(", "consolidationPolicy": ")",
      pool.policy,
      R"("}, "template": {"metadata": {"labels": {"release": "r)",
      pool.release,
      R"("}}, "spec": {)",
      pool.has_grace_period ? R"("terminationGracePeriod": "3m", )" : "",
      pool.expires ? R"("expireAfter": "12m", )" : R"("expireAfter": "Never", )",
      R"("nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"},
      "requirements": [
        {"key": "karpenter.k8s.aws/instance-category", "operator": "In", "values": ["c", "m", "r"]},
        {"key": "karpenter.k8s.aws/instance-cpu", "operator": "Lt", "values": [")",
      pool.cpus_below,
      R"("]},
        {"key": "karpenter.sh/capacity-type", "operator": "In", "values": [)",
      pool.capacity_types,
      "]}]}}}}");
}

std::string LifeScenario::workload_name(std::size_t index) {
  return base::concat("work-", index);
}

std::string LifeScenario::workload_manifest(std::size_t index) const {
  const Workload& workload = workloads_[index];
  const std::string name = workload_name(index);
  return base::concat(
      R"({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": ")",
      name,
      R"("}, "spec": {"replicas": 0, "selector": {"matchLabels": {"app": ")",
      name,
      R"("}}, "template": {"metadata": {)",
      workload.guard.empty()
          ? std::string{}
          : base::concat(
                R"("annotations": {"karpenter.sh/do-not-disrupt": ")", workload.guard, "\"}, "),
      R"("labels": {"app": ")",
      name,
      R"("}}, "spec": {)",
      workload.pool.empty()
          ? std::string{}
          : base::concat(R"("nodeSelector": {"karpenter.sh/nodepool": ")", workload.pool, "\"}, "),
      R"("containers": [{"name": "main", "image": "pause",
                        "resources": {"requests": {"cpu": ")",
      workload.milli_cpu,
      R"(m", "memory": "256Mi"}}}]}}}})");
}

std::vector<std::string> LifeScenario::pod_budget_manifests() const {
  switch (pod_budgets_) {
    case PodBudgets::kNone:
      return {};
    case PodBudgets::kOne:
      return {pod_budget("one", selecting(R"("maxUnavailable": 1)"))};
    case PodBudgets::kShare:
      return {pod_budget("share", selecting(R"("minAvailable": "50%")"))};
    case PodBudgets::kAll:
      return {pod_budget("all", R"("minAvailable": 1, "selector": {})")};
    case PodBudgets::kOverlapping:
      return {pod_budget("one", selecting(R"("maxUnavailable": 1)")),
              pod_budget("another", selecting(R"("maxUnavailable": 3)"))};
    case PodBudgets::kClosed:
      return {pod_budget("closed", selecting(R"("maxUnavailable": 0)"))};
  }
  return {};
}

std::vector<std::string> LifeScenario::immovable_budgets() const {
  switch (pod_budgets_) {
    case PodBudgets::kNone:
    case PodBudgets::kOne:
      return {};
    case PodBudgets::kShare:
      return {"share"};  // Half of one pod is that pod.
    case PodBudgets::kAll:
      return {"all"};  // The last pod of them all.
    case PodBudgets::kOverlapping:
      return {"another"};
    case PodBudgets::kClosed:
      return {"closed"};
  }
  return {};
}

std::vector<std::string> LifeScenario::features() const {
  std::vector<std::string> all;
  const auto add = [&](bool has, std::string_view name) {
    if (has) {
      all.emplace_back("life: " + std::string(name));
    }
  };
  add(is_extended_, "consolidation extended");
  add(is_spot_to_spot_, "spot to spot");
  add(drifts_, "templates change");
  add(guards_nodes_, "nodes guarded");
  add(changes_budgets_, "budgets change");
  add(has_replicas_, "replicas of the controller");
  add(pools_.size() > 1, "two pools");
  add(pod_budgets_ == PodBudgets::kOverlapping, "pdbs overlap");
  add(pod_budgets_ == PodBudgets::kClosed, "pdb closed");
  add(pod_budgets_ == PodBudgets::kAll, "pdb selects everything");
  for (const Pool& pool : pools_) {
    add(true, "policy " + pool.policy);
    add(pool.expires, "machines expire");
    add(pool.has_grace_period, "grace period");
    add(pool.budgets.contains("schedule"), "budget windows");
    add(pool.budgets.contains(R"("0")"), "budget of none");
  }
  add(!workloads_.front().guard.empty(), "pods guarded, " + workloads_.front().guard);
  return all;
}

}  // namespace sim

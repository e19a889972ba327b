#include "control/static_pools.h"

#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "control/changes.h"
#include "k8s/codec.h"
#include "plan/claim_parts.h"
#include "world/names.h"
#include "world/pods.h"

namespace control {

namespace {

constexpr std::string_view kProvisioning = "static.provisioning";
constexpr std::string_view kDeprovisioning = "static.deprovisioning";
constexpr k8s::DurationNs kUnsyncedRetry = 1 * k8s::kSecond;

std::shared_ptr<const k8s::NodePool> find_static(const View& view, std::string_view name) {
  const auto found = view.world.pools().find(name);
  const bool is_static = found != view.world.pools().end() && found->second->replicas &&
                         !found->second->meta.is_deleting();
  return is_static ? found->second : nullptr;
}

// LIF-168: counting an incomplete list would make machines twice.
bool has_lists(const View& view) {
  return view.world.has_list(k8s::Kind::kNodePool) && view.world.has_list(k8s::Kind::kNodeClaim) &&
         view.world.has_list(k8s::Kind::kNode) && view.world.has_list(k8s::Kind::kPod);
}

bool belongs_to(const world::NodeRow& row, std::string_view pool) {
  const std::string* label =
      row.claim == nullptr ? nullptr : row.claim->meta.label(world::kPoolLabel);
  return label != nullptr && *label == pool;
}

// What taking a machine away would cost, cheapest first.
struct Victim {
  world::NodeId node = 0;
  int rank =
      0;  // 0: not launched; 1: empty; 2: has pods; 3: and one of them is not to be disrupted.
  double cost = 0;
  std::string name = {};

  auto key() const { return std::tie(rank, cost, name); }
};

// DIS-42: the part of its life that a machine still has before it.
double lifetime_remaining(const k8s::NodeClaim& claim, k8s::TimeNs now) {
  if (!claim.spec.expire_after) {
    return 1;
  }
  if (*claim.spec.expire_after <= 0) {
    return 0;
  }
  const auto life = static_cast<double>(*claim.spec.expire_after);
  return std::clamp((life - static_cast<double>(now - claim.meta.creation_time)) / life, 0.0, 1.0);
}

Victim assess(const View& view, world::NodeId id, const world::NodeRow& row) {
  Victim victim{.node = id, .name = row.claim->meta.name};
  if (row.claim->status.provider_id.empty()) {
    return victim;
  }
  bool is_empty = true;
  bool is_held = false;
  for (const world::PodId pod_id : row.pods) {
    const k8s::Pod& pod = *view.snapshot.pods[pod_id].pod;
    is_empty &= world::is_daemon_pod(pod);
    is_held |= world::do_not_disrupt(pod, view.now).is_active;
    victim.cost += world::eviction_cost(pod);
  }
  victim.cost *= lifetime_remaining(*row.claim, view.now);
  victim.rank = is_empty && !is_held ? 1 : is_held ? 3 : 2;
  victim.cost = victim.rank == 1 ? 0 : victim.cost;
  return victim;
}

// Events that change what a static pool should have; its status changes all the time.
std::string relevant_state(const k8s::NodePool& pool) {
  return base::concat(pool.meta.uid,
                      "/",
                      pool.replicas.value_or(-1),
                      "/",
                      pool.meta.generation,
                      k8s::is_true(pool.conditions, "Ready") ? "/ready" : "/",
                      pool.meta.is_deleting() ? "/deleting" : "/");
}

// LIF-166, LIF-172: news of the pool itself, and claims for which `is_news`.
template <typename IsNews>
auto pools_and_claims(IsNews is_news) {
  const auto seen = std::make_shared<std::map<std::string, std::string>>();
  return [seen, is_news](const k8s::ObjectEvent& event, const world::World& world, auto& keys) {
    if (event.kind == k8s::Kind::kNodePool) {
      const auto& pool = k8s::as<k8s::NodePool>(*event.object);
      std::string state = relevant_state(pool);
      std::string& known = (*seen)[pool.meta.name];
      if (known != state) {
        known = std::move(state);
        keys.push_back(pool.meta.name);
      }
    } else if (event.kind == k8s::Kind::kNodeClaim && is_news(event)) {
      const std::string* name = event.object->meta.label(world::kPoolLabel);
      const auto pool = name == nullptr ? world.pools().end() : world.pools().find(*name);
      if (pool != world.pools().end() && pool->second->replicas) {
        keys.push_back(*name);
      }
    }
  };
}

Step deprovision(const View& view, const std::string& pool_name) {
  Step step;
  const auto pool = find_static(view, pool_name);
  if (pool == nullptr) {
    return step;
  }
  step.wake(view.now + view.config.static_period);
  if (!has_lists(view)) {
    step.wake(view.now + kUnsyncedRetry);
    return step;
  }
  const std::int64_t excess = count_claims(view, pool_name).active - *pool->replicas;
  const auto victims = choose_excess(view, pool_name, excess);
  if (victims.empty()) {
    return step;
  }
  step.log(runtime::LogLevel::kInfo,
           "deprovisioning nodeclaims to satisfy replica count",
           {{"NodePool", runtime::object_reference(pool_name)},
            {"count", static_cast<std::int64_t>(victims.size())}});
  for (const world::NodeId id : victims) {
    delete_object(step, kDeprovisioning, *view.snapshot.nodes[id].claim);
  }
  return step;
}

}  // namespace

PoolCount count_claims(const View& view, std::string_view pool) {
  PoolCount count{.active = view.world.created_claims(pool)};
  view.snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (!belongs_to(row, pool)) {
      return;
    }
    if (row.is_deleting()) {
      ++count.deleting;
    } else if (view.memory.pending_disruption.contains(row.claim->meta.name)) {
      ++count.pending;
    } else {
      ++count.active;
    }
  });
  count.reserved = std::ranges::count_if(view.memory.reserved, [&](const auto& replacement) {
    return replacement.second == pool && !view.world.find_claim(replacement.first);
  });
  return count;
}

std::int64_t grant_nodes(const k8s::NodePool& pool, const PoolCount& count, std::int64_t wanted) {
  const k8s::Quantity* limit = pool.limits.find("nodes");
  if (limit == nullptr) {
    return std::max<std::int64_t>(wanted, 0);
  }
  return std::clamp<std::int64_t>(
      wanted, 0, std::max<std::int64_t>(limit->value() - count.all(), 0));
}

std::vector<world::NodeId> choose_excess(const View& view,
                                         std::string_view pool,
                                         std::int64_t excess) {
  std::vector<world::NodeId> chosen;
  if (excess <= 0) {
    return chosen;
  }
  std::vector<Victim> victims;
  view.snapshot.nodes.for_each([&](world::NodeId id, const world::NodeRow& row) {
    if (belongs_to(row, pool) && !row.is_deleting() &&
        !view.memory.pending_disruption.contains(row.claim->meta.name)) {
      victims.push_back(assess(view, id, row));
    }
  });
  std::ranges::sort(victims, [](const Victim& a, const Victim& b) { return a.key() < b.key(); });
  for (const Victim& victim : victims) {
    if (static_cast<std::int64_t>(chosen.size()) == excess) {
      break;
    }
    chosen.push_back(victim.node);
  }
  return chosen;
}

Controller StaticPools::provisioning() {
  Controller controller;
  controller.name = std::string(kProvisioning);
  controller.keys = pools_and_claims([](const k8s::ObjectEvent& event) {
    return event.op == k8s::EventOp::kDeleted || event.object->meta.is_deleting();
  });
  controller.reconcile = [this](const View& view, const std::string& pool) {
    return provision(view, pool);
  };
  return controller;
}

Controller StaticPools::deprovisioning() {
  Controller controller;
  controller.name = std::string(kDeprovisioning);
  controller.keys = pools_and_claims(
      [](const k8s::ObjectEvent& event) { return event.op == k8s::EventOp::kAdded; });
  controller.reconcile = deprovision;
  return controller;
}

// LIF-169, LIF-170. Those that are about to be replaced run until their replacements do.
Step StaticPools::provision(const View& view, const std::string& pool_name) {
  Step step;
  const auto pool = find_static(view, pool_name);
  if (pool == nullptr || !k8s::is_true(pool->conditions, "Ready")) {
    return step;
  }
  if (!has_lists(view)) {
    step.wake(view.now + kUnsyncedRetry);
    return step;
  }
  step.wake(view.now + view.config.static_period);
  const PoolCount count = count_claims(view, pool_name);
  const std::int64_t missing = *pool->replicas - count.active - count.pending;
  if (missing <= 0) {
    return step;
  }
  const std::int64_t granted = grant_nodes(*pool, count, missing);
  if (granted <= 0) {
    step.log(runtime::LogLevel::kInfo,
             "nodepool node limit reached",
             {{"NodePool", runtime::object_reference(pool_name)}});
    step.wake(view.now + view.config.static_limit_retry);
    return step;
  }
  for (std::int64_t i = 0; i < granted; ++i) {
    create(view, *pool, step);
  }
  return step;
}

// LIF-171
void StaticPools::create(const View& view, const k8s::NodePool& pool, Step& step) {
  k8s::NodeClaim claim = plan::static_claim(pool, schema_.get());
  claim.meta.name = base::concat(pool.meta.name, "-", runtime::make_name_suffix(rng_));
  claim.meta.generate_name.clear();
  step.intents.push_back({.kind = world::IntentKind::kCreatedClaim,
                          .claim = claim.meta.name,
                          .until = view.now + world::kEchoTimeout,
                          .pool = pool.meta.name});
  k8s::WriteRequest request{};
  request.verb = k8s::Verb::kCreate;
  request.key.kind = k8s::Kind::kNodeClaim;
  request.key.name = claim.meta.name;
  request.body = k8s::encode_object(claim);
  step.effects.push_back({act::WriteObject{std::move(request)}, std::string(kProvisioning)});
  step.log(runtime::LogLevel::kInfo,
           "created nodeclaim",
           {{"NodePool", runtime::object_reference(pool.meta.name)},
            {"NodeClaim", runtime::object_reference(claim.meta.name)}});
}

}  // namespace control

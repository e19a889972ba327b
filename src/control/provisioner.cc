#include "control/provisioner.h"

#include <algorithm>

#include "base/text.h"
#include "control/buffers.h"
#include "control/metrics.h"
#include "control/scheduling_metrics.h"
#include "control/shunned.h"
#include "k8s/codec.h"
#include "plan/buffers.h"
#include "plan/plan_memory.h"
#include "plan/provisionable.h"
#include "world/names.h"
#include "world/pods.h"

namespace control {

namespace {

constexpr runtime::Duration kSyncPoll = std::chrono::milliseconds(50);

struct Round {
  plan::Plan plan;
  std::size_t refused = 0;  // Of plan.unplaced: pods that were not even tried.
};

std::string key_of(const k8s::Object& object) {
  return object.meta.namespace_ + "/" + object.meta.name;
}

}  // namespace

Provisioner::Provisioner(runtime::Executor& executor,
                         act::Actor& actor,
                         world::World& world,
                         Engine& engine,
                         const Config& config,
                         runtime::Rng rng,
                         runtime::Logger log)
    : executor_(executor),
      actor_(actor),
      world_(world),
      engine_(engine),
      config_(config),
      rng_(rng),
      reports_(actor, config, std::move(log)),
      batcher_(config.batch_idle, config.batch_max),
      memory_(std::make_shared<plan::PlanMemory>()) {}

Provisioner::~Provisioner() {
  *alive_ = false;
  executor_.cancel(timer_);
}

Controller Provisioner::pod_trigger() {
  Controller controller;
  controller.name = "provisioner.trigger.pod";
  controller.keys = [](const k8s::ObjectEvent& event, const world::World&, auto& keys) {
    if (event.kind == k8s::Kind::kPod && event.op != k8s::EventOp::kDeleted &&
        plan::is_provisionable(k8s::as<k8s::Pod>(*event.object))) {
      keys.push_back(key_of(*event.object));
    }
  };
  controller.reconcile = [this](const View& view, const std::string& key) {
    Step step;
    const auto parts = base::split_once(key, '/');
    const auto id = view.world.find_pod(parts.before, parts.after.value_or(""));
    if (!id) {
      return step;
    }
    const k8s::Pod& pod = *view.snapshot.pods[*id].pod;
    if (plan::is_provisionable(pod) && world::is_active(pod)) {
      if (const auto until = expected_.find(view, *id)) {
        step.wake(*until);
        return step;
      }
      trigger(pod.meta.uid);
      step.wake(view.now + config_.pod_retry);
    }
    return step;
  };
  return controller;
}

Controller Provisioner::node_trigger() {
  Controller controller;
  controller.name = "provisioner.trigger.node";
  controller.keys = [](const k8s::ObjectEvent& event, const world::World&, auto& keys) {
    if (event.kind == k8s::Kind::kNode && event.op != k8s::EventOp::kDeleted &&
        world::is_disrupted(k8s::as<k8s::Node>(*event.object))) {
      keys.push_back(event.object->meta.name);
    }
  };
  controller.reconcile = [this](const View& view, const std::string& key) {
    Step step;
    const auto id = view.world.find_node(key);
    if (id && world::is_disrupted(*view.snapshot.nodes[*id].node)) {
      trigger(view.snapshot.nodes[*id].node->meta.uid);
      step.wake(view.now + config_.pod_retry);
    }
    return step;
  };
  return controller;
}

Controller Provisioner::buffer_trigger() {
  Controller controller;
  controller.name = std::string(kBufferTrigger);
  controller.reconcile = [this](const View&, const std::string& key) {
    trigger("buffer " + key);
    return Step{};
  };
  return controller;
}

void Provisioner::expect(const k8s::Pod& pod, const std::string& claim) {
  expected_.expect(pod, claim, engine_.now() + config_.pod_retry);
}

void Provisioner::trigger(const std::string& id) {
  if (batcher_.trigger(id, engine_.now())) {
    arm();
  }
}

void Provisioner::arm() {
  if (is_planning_ || !batcher_.due()) {
    return;
  }
  set_timer(runtime::Duration(*batcher_.due() - engine_.now()));
}

void Provisioner::set_timer(runtime::Duration delay) {
  executor_.cancel(timer_);
  timer_ = executor_.after(delay, [this, alive = alive_] {
    if (*alive) {
      timer_ = runtime::TimerId::kNone;
      start();
    }
  });
}

// SCH-110: nothing is planned on an unsynced picture (a launch under way). The batch waits for it,
// rather than for its pods to come back.
void Provisioner::start() {
  world::SnapshotPtr snapshot = world_.snapshot(engine_.now());
  if (!snapshot->is_synced) {
    set_timer(kSyncPoll);
    return;
  }
  batcher_.clear();
  if (config_.plan.capacity_buffers) {
    snapshot = plan::add_virtual_pods(snapshot).snapshot;  // SCH-90
  }
  is_planning_ = true;
  runtime::run_compute<Round>(
      executor_,
      [snapshot, memory = memory_, options = config_.plan] {
        plan::Candidates candidates = plan::find_candidates(*snapshot, options);
        plan::Plan plan;
        if (!candidates.pods.empty()) {
          plan = plan::compute_plan(
              {.snapshot = *snapshot, .pods = candidates.pods, .removed = {}, .options = options},
              *memory);
        }
        plan.unplaced.insert(
            plan.unplaced.end(), candidates.refused.begin(), candidates.refused.end());
        return Round{std::move(plan), candidates.refused.size()};
      },
      [this, alive = alive_, snapshot, started = executor_.clock().now()](Round round) {
        if (*alive) {
          is_planning_ = false;
          count_plan(engine_.metrics(),
                     round.plan,
                     {.controller = kProvisionerCause,
                      .refused = round.refused,
                      .took = executor_.clock().now() - started});
          finish(snapshot, std::move(round.plan));
          arm();
        }
      });
}

void Provisioner::finish(const world::SnapshotPtr& planned, plan::Plan plan) {
  if (on_plan) {
    on_plan(*planned, plan);
  }
  reports_.announce(*planned, plan, engine_.now());
  expected_.forget(engine_.now());
  for (const auto& placement : plan.existing) {
    nominate(*planned, placement);
  }
  engine_.memory().buffered_claims.clear();
  std::map<std::string, k8s::DurationNs, std::less<>> pauses;  // Counted once for each pool.
  const auto pause_of = [&](const std::string& pool) {
    const auto [at, is_new] = pauses.try_emplace(pool, 0);
    if (is_new) {
      at->second = purchase_pause(count_shunned(*planned, pool));
    }
    return at->second;
  };
  for (const auto& claim : plan.claims) {
    const bool is_wanted = std::ranges::any_of(
        claim.pods, [&](world::PodId id) { return !is_overtaken(*planned, id); });
    const std::string& pool = claim.pool()->meta.name;
    if (is_wanted && !must_pause(pool, pause_of(pool))) {
      create_claim(*planned, claim);
    }
  }
  for (const auto& unplaced : plan.unplaced) {
    const k8s::Pod& pod = *planned->pods[unplaced.pod].pod;
    if (!unplaced.is_silent && !plan::is_virtual(pod) && !is_overtaken(*planned, unplaced.pod)) {
      reports_.failed(pod, unplaced.reason);
    }
  }
  if (config_.plan.capacity_buffers) {
    engine_.memory().buffered = plan::buffered_machines(*planned, plan);
    reports_.buffers(*planned, plan, engine_.now());
  }
}

// Gone, replaced, or bound elsewhere since the snapshot was taken.
bool Provisioner::is_overtaken(const world::Snapshot& planned, world::PodId pod) const {
  const k8s::Pod& then = *planned.pods[pod].pod;
  if (plan::is_virtual(then)) {
    return false;  // There is nothing to bind.
  }
  const auto id = world_.find_pod(then.meta.namespace_, then.meta.name);
  if (!id) {
    return true;
  }
  const k8s::Pod& current = *world_.pods()[*id].pod;
  return current.meta.uid != then.meta.uid || !world::is_active(current) ||
         current.spec.node_name != then.spec.node_name;
}

// The pods come back with their retry.
bool Provisioner::must_pause(const std::string& pool, k8s::DurationNs pause) const {
  const auto last = purchases_.find(pool);
  return pause > 0 && last != purchases_.end() && engine_.now() - last->second < pause;
}

void Provisioner::create_claim(const world::Snapshot& planned,
                               const plan::PlannedClaim& planned_claim) {
  const std::string& pool = planned_claim.pool()->meta.name;
  if (world::is_over_limits(*world_.snapshot(engine_.now()), pool)) {
    reports_.over_limits(pool);
    return;
  }
  // We choose the name as the server would: a repeated create is then recognised as the same.
  k8s::NodeClaim claim = planned_claim.claim();
  claim.meta.name = base::concat(pool, "-", runtime::make_name_suffix(rng_));
  claim.meta.generate_name.clear();
  world_.add_intent({.kind = world::IntentKind::kCreatedClaim,
                     .claim = claim.meta.name,
                     .until = engine_.now() + world::kEchoTimeout,
                     .pool = pool});
  purchases_[pool] = engine_.now();
  std::vector<std::shared_ptr<const k8s::Pod>> pods;
  for (const world::PodId id : planned_claim.pods) {
    if (!plan::is_virtual(*planned.pods[id].pod)) {
      pods.push_back(planned.pods[id].pod);
    }
  }
  for (const auto& pod : pods) {
    expect(*pod, claim.meta.name);
  }
  if (pods.size() < planned_claim.pods.size()) {
    engine_.memory().buffered_claims.insert(claim.meta.name);
  }
  k8s::WriteRequest request{};
  request.verb = k8s::Verb::kCreate;
  request.key.kind = k8s::Kind::kNodeClaim;
  request.key.name = claim.meta.name;
  request.body = k8s::encode_object(claim);
  reports_.created(claim, planned_claim);
  const std::string* annotation = claim.meta.annotation(world::kMinValuesRelaxedAnnotation);
  const std::string relaxed = annotation != nullptr ? *annotation : "false";
  actor_.perform({act::WriteObject{std::move(request)},
                  base::concat(kProvisionerCause, " for ", pods.size(), " pod(s)"),
                  {{metric::kNodeClaimsCreated, {"provisioned", pool, relaxed}}}},
                 [this, alive = alive_, name = claim.meta.name, pods](const act::Outcome& outcome) {
                   if (!*alive) {
                     return;
                   }
                   if (const base::Error* error = act::error_of(outcome)) {
                     world_.drop_intent(world::IntentKind::kCreatedClaim, name);
                     reports_.not_created(name, *error);
                     return;
                   }
                   for (const auto& pod : pods) {
                     reports_.nominated(*pod, "nodeclaim/" + name);
                   }
                 });
}

// SCH-261; room to spare nominates nothing (SCH-283).
void Provisioner::nominate(const world::Snapshot& planned,
                           const plan::ExistingPlacement& placement) {
  const auto is_real = [&](world::PodId id) { return !plan::is_virtual(*planned.pods[id].pod); };
  if (std::ranges::none_of(placement.pods, is_real)) {
    return;
  }
  const world::NodeRow& row = planned.nodes[placement.node];
  if (row.claim != nullptr && world_.find_claim(row.claim->meta.name)) {
    world_.add_intent({.kind = world::IntentKind::kNomination,
                       .claim = row.claim->meta.name,
                       .until = engine_.now() + config_.nomination_window()});
  }
  std::string where = row.claim != nullptr ? "nodeclaim/" + row.claim->meta.name : std::string();
  if (row.node != nullptr) {
    where += base::concat(where.empty() ? "" : ", ", "node/", row.node->meta.name);
  }
  for (const world::PodId id : placement.pods) {
    if (is_real(id) && !is_overtaken(planned, id)) {
      if (row.claim != nullptr) {
        expect(*planned.pods[id].pod, row.claim->meta.name);
      }
      reports_.nominated(*planned.pods[id].pod, where);
    }
  }
}

}  // namespace control

#include "control/controllers.h"

#include "control/buffers.h"
#include "control/claim_conditions.h"
#include "control/claim_lifecycle.h"
#include "control/class_hash.h"
#include "control/event_keys.h"
#include "control/node_class.h"
#include "control/node_health.h"
#include "control/node_termination.h"
#include "control/overlays.h"
#include "control/pool_health.h"
#include "control/pools.h"
#include "k8s/codec.h"
#include "k8s/kinds.h"

namespace control {

namespace {

using Reconcile = Step (*)(const View&, const std::string&);

Controller make(std::string_view name, Reconcile reconcile, KeysOf keys) {
  Controller controller;
  controller.name = std::string(name);
  controller.reconcile = reconcile;
  controller.keys = std::move(keys);
  return controller;
}

// Kinds of features that are off are left alone: the cluster may not have them.
world::WorldOptions with_features(world::WorldOptions options, const Config& config) {
  options.wants_devices |= !config.plan.ignore_dra_requests;
  options.wants_buffers |= config.plan.capacity_buffers;
  options.wants_services |= !config.plan.default_spread.empty();
  options.wants_overlays |= config.node_overlay;
  return options;
}

}  // namespace

Controllers::Controllers(Dependencies dependencies, Config config)
    : dependencies_(std::move(dependencies)),
      config_(std::move(config)),
      metrics_(dependencies_.metrics != nullptr ? *dependencies_.metrics : own_metrics_),
      world_(with_features(dependencies_.world, config_)),
      actor_({.api = dependencies_.api,
              .cloud = dependencies_.cloud,
              .resolver = dependencies_.resolver,
              .events = dependencies_.events},
             dependencies_.executor,
             dependencies_.effect_log,
             &metrics_),
      engine_(dependencies_.executor,
              actor_,
              world_,
              config_,
              metrics_,
              runtime::Logger(dependencies_.log, "controller")),
      provisioner_(
          dependencies_.executor,
          actor_,
          world_,
          engine_,
          config_,
          dependencies_.rng.split("provisioner"),
          runtime::Logger(dependencies_.log, "controller").with({{"controller", "provisioner"}})),
      disruption_(
          dependencies_.executor,
          world_,
          engine_.memory(),
          dependencies_.rng.split("disruption"),
          runtime::Logger(dependencies_.log, "controller").with({{"controller", "disruption"}}),
          dependencies_.extended_consolidation),
      static_pools_(config_.plan.schema, dependencies_.rng.split("static")) {
  config_.repair_policies = dependencies_.cloud.repair_policies();
  add_claim_controllers();
  add_node_controllers();
  add_pool_controllers();
  add_gated_controllers();
  disruption_.queue().on_start = [this](const disrupt::Command& command) {
    if (on_command) {
      on_command(command);
    }
  };
  disruption_.on_answer = [this] { engine_.enqueue("disruption", ""); };
  engine_.after_event = [this](const k8s::ObjectEvent& event) { after_event(event); };
  engine_.on_unavailable = [this](std::span<const cloud::OfferingRef> offerings) {
    availability_.mark(offerings, engine_.now());
    refresh_catalogues();
    arm_expiry();
  };
}

Controllers::~Controllers() {
  *alive_ = false;
  dependencies_.executor.cancel(expiry_);
}

void Controllers::add_claim_controllers() {
  Controller lifecycle = make(kLifecycle, reconcile_lifecycle, claims_and_their_nodes());
  lifecycle.first_backoff = 1 * k8s::kSecond;  // LIF-70
  lifecycle.longest_backoff = 60 * k8s::kSecond;
  engine_.add(std::move(lifecycle));
  engine_.add(make("nodeclaim.disruption", reconcile_claim_conditions, claims_pools_and_classes()));
  engine_.add(make("nodeclaim.expiration", reconcile_expiration, claims_only()));
  engine_.add(make("nodeclaim.hydration", reconcile_hydration, claims_and_their_nodes()));
  engine_.add(make("nodeclaim.consistency", reconcile_consistency, claims_and_their_nodes()));
  engine_.add(make("nodeclaim.podevents", reconcile_pod_event, pod_milestones()));
  engine_.add(make("nodeclaim.garbagecollection", reconcile_garbage, {}));
}

void Controllers::add_node_controllers() {
  engine_.add(make("node.termination", reconcile_termination, going_nodes()));
  engine_.add(make(
      "eviction-queue",
      reconcile_eviction,
      [this](const k8s::ObjectEvent& event, const world::World&, std::vector<std::string>& keys) {
        if (event.kind == k8s::Kind::kPod &&
            engine_.memory().evictions.contains(event.object->meta.uid)) {
          keys.push_back(event.object->meta.namespace_ + "/" + event.object->meta.name);
        }
      }));
  engine_.add(provisioner_.pod_trigger());
  engine_.add(provisioner_.node_trigger());
  engine_.add(disruption_.controller());
  engine_.add(disruption_.queue().controller());
}

void Controllers::add_pool_controllers() {
  engine_.add(make("nodepool.counter", reconcile_counter, pools(false)));
  engine_.add(make("nodepool.hash", reconcile_hash, pools_and_stale_claims()));
  engine_.add(make("nodepool.readiness", reconcile_readiness, pools(true)));
  engine_.add(make("nodepool.registrationhealth", reconcile_registration_health, pools(true)));
  engine_.add(make("nodepool.validation", reconcile_validation, pools(false)));
  if (dependencies_.resolver != nullptr) {
    engine_.add(make("nodeclass", reconcile_node_class, classes(k8s::Kind::kEC2NodeClass)));
    engine_.add(make("nodeclass.hash", reconcile_class_hash, classes(k8s::Kind::kEC2NodeClass)));
  }
  engine_.add(make("nodeclass.kwok", reconcile_kwok_class, classes(k8s::Kind::kKWOKNodeClass)));
}

// Feature gates (spec 05 A.4).
void Controllers::add_gated_controllers() {
  if (config_.static_capacity) {
    engine_.add(static_pools_.provisioning());
    engine_.add(StaticPools::deprovisioning());
  }
  if (config_.node_repair && !config_.repair_policies.empty()) {
    engine_.add(make("node.health", reconcile_health, nodes_and_their_claims()));
  }
  if (config_.plan.capacity_buffers) {
    engine_.add(make("capacitybuffer", reconcile_buffer, buffers_and_their_targets()));
    engine_.add(provisioner_.buffer_trigger());
  }
  if (config_.node_overlay) {
    engine_.add(make(kOverlays, reconcile_overlays, overlays_and_pools()));
  }
}

void Controllers::start() {
  for (const k8s::Kind kind : world_.kinds()) {
    dependencies_.api.subscribe(kind, [this, alive = alive_](const k8s::ObjectEvent& event) {
      if (*alive) {
        engine_.on_event(event);
      }
    });
  }
  engine_.enqueue("nodeclaim.garbagecollection", "");
  engine_.enqueue("disruption", "");
  engine_.enqueue(kOverlays, "");
}

void Controllers::after_event(const k8s::ObjectEvent& event) {
  if (event.object != nullptr) {
    if (event.op == k8s::EventOp::kDeleted) {
      forget(*event.object);
    } else if (event.kind == k8s::Kind::kEC2NodeClass || event.kind == k8s::Kind::kKWOKNodeClass) {
      refresh_catalogue(*event.object);
    }
  }
  if (on_event) {
    on_event(event);
  }
}

void Controllers::forget(const k8s::Object& object) {
  Memory& memory = engine_.memory();
  if (object.kind == k8s::Kind::kNodeClaim) {
    memory.launches.erase(object.meta.uid);
    memory.consistency_checks.erase(object.meta.uid);
    memory.instances.erase(k8s::as<k8s::NodeClaim>(object).status.provider_id);
  } else if (object.kind == k8s::Kind::kPod) {
    memory.evictions.erase(object.meta.uid);
  } else if (object.kind == k8s::Kind::kNodePool) {
    memory.registrations.erase(object.meta.uid);
  } else if (object.kind == k8s::Kind::kEC2NodeClass) {
    memory.classes.erase(object.meta.name);
  }
}

void Controllers::refresh_catalogue(const k8s::Object& node_class) {
  const std::string kind(k8s::kind_name(node_class.kind));
  const cloud::CataloguePtr source = dependencies_.catalogue(node_class);
  world_.set_catalogue(
      kind, node_class.meta.name, availability_.masked(kind + "/" + node_class.meta.name, source));
  engine_.enqueue(kOverlays, "");
}

void Controllers::refresh_catalogues() {
  const world::SnapshotPtr snapshot = world_.snapshot(engine_.now());
  for (const auto& node_class : snapshot->ec2_classes) {
    refresh_catalogue(*node_class);
  }
  for (const auto& node_class : snapshot->kwok_classes) {
    refresh_catalogue(*node_class);
  }
}

void Controllers::arm_expiry() {
  if (availability_.next_expiry() == 0) {
    return;
  }
  dependencies_.executor.cancel(expiry_);
  expiry_ = dependencies_.executor.after(
      runtime::Duration(availability_.next_expiry() - engine_.now()), [this, alive = alive_] {
        if (*alive && availability_.expire(engine_.now())) {
          refresh_catalogues();
          arm_expiry();
        }
      });
}

}  // namespace control

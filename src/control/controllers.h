// All controllers, wired: the one thing that app/ and sim/ build to have a karpenter. It owns the
// World, the Actor and the Engine, subscribes to the API, and keeps the catalogues current.
//
//   Controllers karpenter({.executor = executor, .api = kube, .cloud = ec2, .resolver = &ec2,
//                          .catalogue = source, .log = sink, .rng = rng.split("control")}, config);
//   karpenter.start();
//
// It may be destroyed at any moment and another one started: all that matters is in the API.
// Thread rule: the loop. The dependencies must outlive it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "act/actor.h"
#include "control/availability.h"
#include "control/config.h"
#include "control/disruption.h"
#include "control/engine.h"
#include "control/provisioner.h"
#include "control/static_pools.h"
#include "runtime/log.h"
#include "runtime/rng.h"
#include "world/world.h"

namespace control {

struct Dependencies {
  // What a node class (EC2NodeClass or KWOKNodeClass) can sell now; null: not known yet. Asked
  // again whenever the class changes, and by refresh_catalogues().
  using CatalogueSource = std::function<cloud::CataloguePtr(const k8s::Object& node_class)>;

  runtime::Executor& executor;
  k8s::KubeApi& api;
  cloud::CloudProvider& cloud;
  cloud::NodeClassResolver* resolver = nullptr;
  CatalogueSource catalogue;
  runtime::LogSink& log;
  runtime::Rng rng;
  act::Actor::EffectLog effect_log = {};
  world::WorldOptions world = {};
  k8s::KubeApi* events = nullptr;       // Where events are written; null: api.
  runtime::Metrics* metrics = nullptr;  // Null: counted for nobody.
  bool extended_consolidation = false;  // disrupt/extended.h
};

class Controllers {
 public:
  Controllers(Dependencies dependencies, Config config);
  ~Controllers();
  Controllers(const Controllers&) = delete;
  Controllers& operator=(const Controllers&) = delete;

  // Subscribes; everything else follows from events. Call once.
  void start();
  // Prices or availability changed outside: asks the source again for every class.
  void refresh_catalogues();

  world::World& world() { return world_; }

  act::Actor& actor() { return actor_; }

  Engine& engine() { return engine_; }

  Provisioner& provisioner() { return provisioner_; }

  const Config& config() const { return config_; }

  runtime::Metrics& metrics() { return metrics_; }

  // Sees every disruption that begins; as on_event.
  std::function<void(const disrupt::Command&)> on_command;

  // Sees every event after it was applied (progress, checkers).
  std::function<void(const k8s::ObjectEvent&)> on_event;

 private:
  void add_claim_controllers();
  void add_node_controllers();
  void add_pool_controllers();
  void add_gated_controllers();
  void after_event(const k8s::ObjectEvent& event);
  void forget(const k8s::Object& object);
  void refresh_catalogue(const k8s::Object& node_class);
  void arm_expiry();

  Dependencies dependencies_;
  Config config_;
  runtime::Metrics own_metrics_;
  runtime::Metrics& metrics_;
  world::World world_;
  act::Actor actor_;
  Engine engine_;
  Provisioner provisioner_;
  Disruption disruption_;
  StaticPools static_pools_;
  Availability availability_;
  runtime::TimerId expiry_ = runtime::TimerId::kNone;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace control

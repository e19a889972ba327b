#include "control/disruption_testing.h"

#include "base/text.h"
#include "world/pods.h"

namespace control::testing {

k8s::Resources cpus(std::int64_t count) {
  k8s::Resources out;
  out.set("cpu", k8s::Quantity::units(count));
  out.set("memory", k8s::Quantity::units(count << 32));
  out.set("pods", k8s::Quantity::units(100));
  return out;
}

std::shared_ptr<cloud::Catalogue> small_catalogue() {
  auto out = std::make_shared<cloud::Catalogue>();
  for (const std::int64_t count : {2, 8}) {
    cloud::InstanceType& type = out->types.emplace_back();
    type.name = base::concat("t", count);
    type.capacity = cpus(count);
    type.labels = {{"karpenter.sh/capacity-type", {"on-demand"}},
                   {"node.kubernetes.io/instance-type", {type.name}},
                   {"topology.kubernetes.io/zone", {"z1"}}};
    type.offerings.push_back(
        {.zone = "z1", .capacity_type = "on-demand", .price = static_cast<double>(count) * 0.1});
  }
  return out;
}

DisruptionScene::DisruptionScene(bool is_extended)
    : disruption_(executor_,
                  world_,
                  memory_,
                  runtime::Rng(1),
                  runtime::Logger(logs_, "test"),
                  is_extended) {
  disruption_.on_answer = [] {};
  allow("100%");
  world_.set_catalogue("EC2NodeClass", "default", small_catalogue());
  world_.mark_synced();
  loop_ = disruption_.controller();
  queue_ = disruption_.queue().controller();
}

void DisruptionScene::allow(const std::string& nodes) {
  k8s::NodePool pool = make_pool("default");
  pool.disruption.budgets[0].nodes = nodes;
  put(world_, pool);
}

void DisruptionScene::add_machine(const std::string& name) {
  put(world_, claim(name));
  put(world_, node(name));
}

void DisruptionScene::add_drifted(const std::string& name) {
  add_machine(name);
  k8s::NodeClaim drifted = claim(name);
  set_condition(drifted.status.conditions, "Consolidatable", "False");
  set_condition(drifted.status.conditions, "Drifted", "True");
  put(world_, drifted);
}

k8s::NodeClaim DisruptionScene::claim(const std::string& name) {
  k8s::NodeClaim out = world::testing::make_launched_claim(name);
  for (const char* type : {"Registered", "Initialized", "Consolidatable"}) {
    set_condition(out.status.conditions, type, "True");
  }
  return out;
}

k8s::Node DisruptionScene::node(const std::string& name) {
  k8s::Node out = world::testing::make_ready_node(name);
  out.meta.labels.insert_or_assign("node.kubernetes.io/instance-type", "t8");
  out.meta.labels.insert_or_assign("karpenter.sh/capacity-type", "on-demand");
  out.meta.labels.insert_or_assign("topology.kubernetes.io/zone", "z1");
  out.meta.labels.insert_or_assign("kubernetes.io/hostname", out.meta.name);
  out.status.capacity = cpus(8);
  out.status.allocatable = cpus(8);
  return out;
}

Step DisruptionScene::run(const Controller& controller, const std::string& key) {
  const world::SnapshotPtr snapshot = world_.snapshot(now_);
  Step step = controller.reconcile({.snapshot = *snapshot,
                                    .world = world_,
                                    .memory = memory_,
                                    .config = config_,
                                    .now = now_,
                                    .said = &said_},
                                   key);
  for (const world::Intent& intent : step.intents) {
    world_.add_intent(intent);
  }
  return step;
}

Step DisruptionScene::pass() {
  Step step = look();
  while (disruption_.is_asking()) {
    executor_.run_ready();
    Step next = look();
    std::ranges::move(next.effects, std::back_inserter(step.effects));
    std::ranges::move(next.metrics, std::back_inserter(step.metrics));
    std::ranges::move(next.enqueue, std::back_inserter(step.enqueue));
    step.wake_at = next.wake_at;
  }
  return step;
}

std::string DisruptionScene::start() {
  pass();
  now_ += config_.validation_wait;
  return pass().enqueue.at(0).second;
}

void DisruptionScene::show_marks(const std::string& name) {
  k8s::Node tainted = node(name);
  tainted.taints.push_back(world::disrupted_taint());
  put(world_, tainted);
  k8s::NodeClaim marked = claim(name);
  set_condition(marked.status.conditions, "DisruptionReason", "True");
  put(world_, marked);
}

Texts DisruptionScene::counted(const Step& step, const runtime::MetricFacts& facts) {
  Texts out;
  for (const runtime::MetricChange& change : step.metrics) {
    if (change.facts == &facts) {
      out.push_back(base::concat(base::join(change.labels, ","), " ", change.amount));
    }
  }
  return out;
}

std::vector<k8s::WriteRequest> DisruptionScene::writes(const Step& step) {
  std::vector<k8s::WriteRequest> out;
  for (const act::Effect& effect : step.effects) {
    if (const auto* write = std::get_if<act::WriteObject>(&effect.action)) {
      out.push_back(write->request);
    }
  }
  return out;
}

Texts DisruptionScene::events(const Step& step) {
  Texts out;
  for (const act::Effect& effect : step.effects) {
    if (const auto* event = std::get_if<act::PublishEvent>(&effect.action)) {
      out.push_back(event->reason + ": " + event->message);
    }
  }
  return out;
}

Texts DisruptionScene::event_objects(const Step& step) {
  Texts out;
  for (const act::Effect& effect : step.effects) {
    if (const auto* event = std::get_if<act::PublishEvent>(&effect.action)) {
      out.push_back(base::concat(event->object.kind, " ", event->object.name, " ", event->reason));
    }
  }
  return out;
}

}  // namespace control::testing

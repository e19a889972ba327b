// Builders of objects and events for tests and benches of everything above world/.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "k8s/kube_api.h"
#include "world/names.h"
#include "world/world.h"

namespace world::testing {

inline constexpr k8s::TimeNs kNow = 1'700'000'000LL * 1'000'000'000;

template <typename T>
void put(World& world, T object) {
  const k8s::Kind kind = object.kind;
  world.apply({kind, k8s::EventOp::kModified, std::make_shared<const T>(std::move(object))});
}

template <typename T>
void remove(World& world, T object) {
  const k8s::Kind kind = object.kind;
  world.apply({kind, k8s::EventOp::kDeleted, std::make_shared<const T>(std::move(object))});
}

inline void set_condition(std::vector<k8s::Condition>& conditions,
                          const std::string& type,
                          const std::string& status,
                          k8s::TimeNs at = kNow) {
  std::erase_if(conditions, [&](const k8s::Condition& c) { return c.type == type; });
  k8s::Condition condition;
  condition.type = type;
  condition.status = status;
  condition.reason = type;
  condition.last_transition = at;
  condition.observed_generation = 1;
  conditions.push_back(condition);
}

inline k8s::NodePool make_pool(const std::string& name) {
  k8s::NodePool pool;
  pool.meta.name = name;
  pool.meta.uid = "uid-" + name;
  pool.meta.generation = 1;
  pool.template_spec.node_class = {
      .group = "karpenter.k8s.aws", .kind = "EC2NodeClass", .name = "default"};
  pool.template_spec.expire_after = 720LL * 3600 * 1'000'000'000;
  set_condition(pool.conditions, "Ready", "True");
  return pool;
}

inline k8s::NodeClaim make_claim(const std::string& name, const std::string& pool = "default") {
  k8s::NodeClaim claim;
  claim.meta.name = name;
  claim.meta.uid = "uid-" + name;
  claim.meta.resource_version = "1";
  claim.meta.generation = 1;
  claim.meta.creation_time = kNow;
  claim.meta.labels[std::string(kPoolLabel)] = pool;
  claim.meta.finalizers.emplace_back(kTerminationFinalizer);
  claim.spec.node_class = {.group = "karpenter.k8s.aws", .kind = "EC2NodeClass", .name = "default"};
  return claim;
}

// Launched as "id-<name>" with 4 CPUs.
inline k8s::NodeClaim make_launched_claim(const std::string& name,
                                          const std::string& pool = "default") {
  k8s::NodeClaim claim = make_claim(name, pool);
  claim.status.provider_id = "id-" + name;
  claim.status.capacity.set("cpu", k8s::Quantity::units(4));
  claim.status.allocatable.set("cpu", k8s::Quantity::units(4));
  set_condition(claim.status.conditions, "Launched", "True");
  return claim;
}

// The Node "node-<name>" of that claim.
inline k8s::Node make_node(const std::string& claim, const std::string& pool = "default") {
  k8s::Node node;
  node.meta.name = "node-" + claim;
  node.meta.uid = "uid-node-" + claim;
  node.meta.resource_version = "1";
  node.meta.labels[std::string(kPoolLabel)] = pool;
  node.provider_id = "id-" + claim;
  return node;
}

// Registered, initialised and Ready.
inline k8s::Node make_ready_node(const std::string& claim, const std::string& pool = "default") {
  k8s::Node node = make_node(claim, pool);
  node.meta.labels[std::string(kRegisteredLabel)] = "true";
  node.meta.labels[std::string(kInitializedLabel)] = "true";
  node.meta.finalizers.emplace_back(kTerminationFinalizer);
  node.status.capacity.set("cpu", k8s::Quantity::units(4));
  node.status.allocatable.set("cpu", k8s::Quantity::units(4));
  set_condition(node.status.conditions, "Ready", "True");
  return node;
}

inline k8s::Pod make_pod(const std::string& name, const std::string& node = "") {
  k8s::Pod pod;
  pod.meta.name = name;
  pod.meta.namespace_ = "default";
  pod.meta.uid = "uid-pod-" + name;
  pod.meta.creation_time = kNow;
  pod.spec.node_name = node;
  k8s::Container container;
  container.name = "main";
  container.resources.requests.set("cpu", k8s::Quantity::units(1));
  pod.spec.containers.push_back(container);
  pod.status.phase = node.empty() ? "Pending" : "Running";
  return pod;
}

}  // namespace world::testing

// Builders of objects and events for tests and benches of everything above world/.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "k8s/kube_api.h"
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

k8s::NodePool make_pool(const std::string& name);
k8s::NodeClaim make_claim(const std::string& name, const std::string& pool = "default");
// Launched as "id-<name>" with 4 CPUs.
k8s::NodeClaim make_launched_claim(const std::string& name, const std::string& pool = "default");
// The Node "node-<name>" of that claim.
k8s::Node make_node(const std::string& claim, const std::string& pool = "default");
// Registered, initialised and Ready.
k8s::Node make_ready_node(const std::string& claim, const std::string& pool = "default");
k8s::Pod make_pod(const std::string& name, const std::string& node = "");

void set_condition(std::vector<k8s::Condition>& conditions,
                   const std::string& type,
                   const std::string& status,
                   k8s::TimeNs at = kNow);

}  // namespace world::testing

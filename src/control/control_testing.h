// A small world for tests of reconcile functions: one pool, one ready EC2NodeClass, one instance
// type in two zones, and what a step wants done as plain values.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "control/view.h"
#include "world/world_testing.h"

namespace control::testing {

using namespace world::testing;

class ControlTest : public ::testing::Test {
 protected:
  ControlTest() {
    put(world_, make_pool("default"));
    k8s::EC2NodeClass node_class;
    node_class.meta.name = "default";
    node_class.meta.uid = "uid-class";
    node_class.meta.generation = 1;
    node_class.meta.finalizers = {"karpenter.k8s.aws/termination"};
    set_condition(node_class.conditions, "Ready", "True");
    put(world_, node_class);
    cloud::InstanceType type;
    type.name = "m5.large";
    type.labels = {{"kubernetes.io/arch", {"amd64"}},
                   {"node.kubernetes.io/instance-type", {"m5.large"}},
                   {"topology.kubernetes.io/zone", {"a", "b"}}};
    type.capacity.set("cpu", k8s::Quantity::units(2));
    type.capacity.set("pods", k8s::Quantity::units(10));
    for (const auto& [zone, price] : {std::pair{"a", 0.2}, {"b", 0.1}}) {
      cloud::Offering offering;
      offering.zone = zone;
      offering.capacity_type = "on-demand";
      offering.price = price;
      type.offerings.push_back(offering);
    }
    catalogue_.types.push_back(type);
    world_.set_catalogue(
        "EC2NodeClass", "default", std::make_shared<const cloud::Catalogue>(catalogue_));
    world_.mark_synced();
  }

  Step run(Step (*reconcile)(const View&, const std::string&), const std::string& key) {
    const auto snapshot = world_.snapshot(now_);
    return reconcile(View{*snapshot, world_, memory_, config_, now_}, key);
  }

  // The only write of a step, or an empty one.
  static k8s::WriteRequest write_of(const Step& step) {
    k8s::WriteRequest found{};
    for (const act::Effect& effect : step.effects) {
      if (const auto* write = std::get_if<act::WriteObject>(&effect.action)) {
        EXPECT_TRUE(found.key.name.empty()) << "more than one write";
        found = write->request;
      }
    }
    return found;
  }

  static std::vector<k8s::WriteRequest> writes_of(const Step& step) {
    std::vector<k8s::WriteRequest> found;
    for (const act::Effect& effect : step.effects) {
      if (const auto* write = std::get_if<act::WriteObject>(&effect.action)) {
        found.push_back(write->request);
      }
    }
    return found;
  }

  // The names that the step deletes, in order.
  static std::vector<std::string> deleted_by(const Step& step) {
    std::vector<std::string> names;
    for (const k8s::WriteRequest& write : writes_of(step)) {
      if (write.verb == k8s::Verb::kDelete) {
        names.push_back(write.key.name);
      }
    }
    return names;
  }

  template <typename Action>
  static const Action* action_of(const Step& step) {
    for (const act::Effect& effect : step.effects) {
      if (const auto* action = std::get_if<Action>(&effect.action)) {
        return action;
      }
    }
    return nullptr;
  }

  static std::vector<std::string> reasons_of(const Step& step) {
    std::vector<std::string> reasons;
    for (const act::Effect& effect : step.effects) {
      if (const auto* event = std::get_if<act::PublishEvent>(&effect.action)) {
        reasons.push_back(event->reason);
      }
    }
    return reasons;
  }

  void remember_launch(const std::string& claim) {
    cloud::Instance instance;
    instance.provider_id = "id-" + claim;
    instance.instance_type = "m5.large";
    instance.zone = "b";
    instance.capacity_type = "on-demand";
    memory_.launches.insert_or_assign("uid-" + claim, Memory::Launch{instance, now_, 0});
  }

  void remember_failure(const std::string& claim, base::ErrorCode code) {
    memory_.launches.insert_or_assign("uid-" + claim,
                                      Memory::Launch{std::unexpected(cloud::LaunchFailure{
                                                         .error = {code, "no"}, .unavailable = {}}),
                                                     now_,
                                                     1});
  }

  world::World world_;
  cloud::Catalogue catalogue_;
  Memory memory_;
  Config config_;
  k8s::TimeNs now_ = kNow;
};

// As the lifecycle controller leaves it: no condition is missing.
inline k8s::NodeClaim make_initialized_claim(const std::string& name) {
  k8s::NodeClaim claim = make_launched_claim(name);
  for (const char* type : {"Registered", "Initialized", "Ready"}) {
    set_condition(claim.status.conditions, type, "True");
  }
  return claim;
}

inline bool has(const k8s::WriteRequest& request, std::string_view text) {
  return request.body.find(text) != std::string::npos;
}

}  // namespace control::testing

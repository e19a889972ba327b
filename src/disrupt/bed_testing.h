// A running cluster for a test of disruption: one pool, machines of a small catalogue, bound pods.
// What is added may be changed and put again; find() takes a fresh look.
//
//   Bed bed;
//   bed.add_machine("a", {.type = "t16"});
//   bed.add_pod("web", "a");
//   const Findings found = bed.find(Method::kSingleNode);
//
// Types t2, t4, t8, t16 have that many CPUs and four times as many GiB; they cost 0.1 dollars per
// CPU and hour, spot 0.03, in zones z1, z2, z3. Node and claim of machine "a" are "a" and
// "claim-a".
#pragma once

#include <string>
#include <vector>

#include "disrupt/methods.h"
#include "disrupt/validation.h"
#include "k8s/time.h"
#include "world/world.h"
#include "world/world_testing.h"

namespace disrupt::testing {

inline constexpr k8s::TimeNs kNow = world::testing::kNow;

cloud::CataloguePtr small_catalogue();

struct MachineSpec {
  std::string type = "t8";
  std::string zone = "z1";
  std::string capacity = "on-demand";
  std::string pool = "default";
};

class Bed {
 public:
  Bed();

  template <typename T>
  void put(T object) {
    world::testing::put(world_, std::move(object));
  }

  k8s::NodePool make_pool(const std::string& name) const;
  k8s::NodeClaim make_claim(const std::string& name, const MachineSpec& spec = {}) const;
  k8s::Node make_node(const std::string& name, const MachineSpec& spec = {}) const;
  k8s::Pod make_pod(const std::string& name, const std::string& node, int milli_cpu = 100) const;
  k8s::PodDisruptionBudget make_pdb(const std::string& name) const;  // Of all pods; allows none.

  // Initialised, ready, consolidatable.
  void add_machine(const std::string& name, const MachineSpec& spec = {});
  // The same with the condition Drifted since then.
  void add_drifted(const std::string& name, k8s::TimeNs since, const MachineSpec& spec = {});
  // Running.
  void add_pod(const std::string& name, const std::string& node, int milli_cpu = 100);

  world::World& world() { return world_; }

  world::SnapshotPtr snapshot() { return world_.snapshot(now); }

  Findings find(Method method);
  std::expected<Command, Refusal> validate_now(const Command& command);
  // What blocks the machine; empty: nothing.
  std::string blocked(const std::string& name, Grace grace = Grace::kGraceful);
  // What was said about the machine, in order.
  std::vector<std::string> notes(const Findings& findings, const std::string& name);

  Settings settings;
  k8s::NodePool pool;  // "default"; put it again after a change.
  k8s::TimeNs now = kNow;

 private:
  world::World world_;
  plan::PlanMemory memory_;
};

std::vector<std::string> nodes_of(const Findings& findings);  // Of the first command.

}  // namespace disrupt::testing

// A small cluster written down for a test: pools, pods, nodes, and the fake catalogue of spec 02
// s16.1. Builders return references, so that a test reads as a sentence.
//
//   Scene scene;
//   scene.pool("default");
//   scene.pod("web").spec.node_selector["size"] = "small";
//   const Plan plan = scene.plan();
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plan/plan.h"
#include "plan/provisionable.h"

namespace plan::testing {

// SCH-500..503: `fake-it-<i>` with i+1 CPU, 2(i+1) Gi, 10(i+1) pods.
cloud::CataloguePtr fake_catalogue(int types);
// A catalogue of one type with the given zones, on-demand and spot in each.
cloud::InstanceType make_type(const std::string& name,
                              int cpu,
                              int memory_gi,
                              int pods,
                              const std::vector<std::string>& zones = {"test-zone-1",
                                                                       "test-zone-2",
                                                                       "test-zone-3"},
                              const std::string& arch = "amd64");
cloud::CataloguePtr make_catalogue(std::vector<cloud::InstanceType> types);

k8s::Resources resources(const std::string& cpu, const std::string& memory);
k8s::SelectorTerm term(std::string key, std::string op, std::vector<std::string> values);
k8s::LabelSelector selector(std::string key, std::string value);
k8s::TopologySpreadConstraint spread(std::string key, k8s::LabelSelector of, int max_skew = 1);
k8s::PodAffinityTerm affinity(std::string key, k8s::LabelSelector of);

// A machine of a scene. A claim without name is made up at build(), from the node.
struct Machine {
  k8s::Node node;
  k8s::NodeClaim claim;
  bool has_node = true;
  bool has_claim = true;
  bool is_leaving = false;  // Marked for deletion.
};

// What becomes of the claims of a plan (Scene::launch).
enum class Launch : std::uint8_t {
  kReady,     // Initialised nodes that hold their pods.
  kInFlight,  // Claims without a node; their pods still pend.
};

class Scene {
 public:
  explicit Scene(cloud::CataloguePtr catalogue = fake_catalogue(10))
      : catalogue_(std::move(catalogue)) {}

  k8s::NodePool& pool(const std::string& name);
  // Pending, unschedulable, 100m and 128Mi, created one second after the last.
  k8s::Pod& pod(const std::string& name);
  std::vector<k8s::Pod*> pods(const std::string& prefix, int count);
  // Bound to a node of this scene.
  k8s::Pod& bound_pod(const std::string& name, const std::string& node);
  k8s::Pod& daemon(const std::string& name);
  // Initialised, of the pool, in the zone, with 4 CPU, 8Gi and 20 pods.
  k8s::Node& node(const std::string& name, const std::string& pool, const std::string& zone);

  // The same, with the claim at hand.
  Machine& machine(const std::string& name, const std::string& pool, const std::string& zone);

  // Makes the plan true: machines for its claims, and its pods bound where they were placed.
  void launch(const Plan& plan, Launch how = Launch::kReady);

  // Every pod of the scene, in order of creation.
  std::deque<k8s::Pod>& all_pods() { return pods_; }

  const cloud::Catalogue& catalogue() const { return *catalogue_; }

  // The pool cannot be used now.
  void set_unready(const std::string& pool, const std::string& why) { unready_[pool] = why; }

  // Of the pools that follow.
  void set_catalogue(cloud::CataloguePtr catalogue) { catalogue_ = std::move(catalogue); }

  world::Snapshot& extra() { return snapshot_; }

  Options options = {};

  // Builds the snapshot and plans. The scene may be changed and planned again.
  Plan plan();
  std::string pod_name(world::PodId id) const;
  // Pods of the plan by claim, names sorted.
  std::vector<std::vector<std::string>> claims(const Plan& plan) const;
  // Placed pods per value of a key that each claim or node is narrowed to, sorted by value.
  std::map<std::string, int> spread_over(const Plan& plan, const std::string& key) const;

  const world::Snapshot& snapshot() const { return built_; }

  // The snapshot as plan() would see it.
  void build();
  // The pods made so far stay as they are; references to them end. For scenes of many pods, which
  // are then held once, as a cluster holds them.
  void settle();

  // Names of the pods that the plan does not place.
  std::vector<std::string> unplaced_of(const Plan& plan) const;
  // Why the pod was not placed; empty: it was.
  std::string reason(const Plan& plan, const std::string& pod) const;

 private:
  void add_pods(world::Snapshot& snapshot);
  void build_nodes();
  k8s::Pod& pod_of(world::PodId id);
  void launch_claim(const PlannedClaim& planned, Launch how);

  cloud::CataloguePtr catalogue_;
  std::deque<k8s::NodePool> pools_;
  std::deque<k8s::Pod> pods_;
  k8s::TimeNs made_pods_ = 0;
  model::PodShapes shapes_;
  std::deque<k8s::Pod> daemons_;
  std::deque<Machine> machines_;
  std::map<std::string, cloud::CataloguePtr> catalogues_;  // By pool.
  std::map<std::string, std::string> unready_;             // By pool.
  world::Snapshot snapshot_;
  world::Snapshot built_;
};

const k8s::SelectorTerm* requirement(const k8s::NodeClaim& claim, const std::string& key);

}  // namespace plan::testing

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

 private:
  cloud::CataloguePtr catalogue_;
  std::deque<k8s::NodePool> pools_;
  std::deque<k8s::Pod> pods_;
  std::deque<k8s::Pod> daemons_;
  std::deque<k8s::Node> nodes_;
  world::Snapshot snapshot_;
  world::Snapshot built_;
};

const k8s::SelectorTerm* requirement(const k8s::NodeClaim& claim, const std::string& key);

}  // namespace plan::testing

// A small cluster for explanations: pools over one catalogue, pods, nodes.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"

namespace explain::testing {

// Types of 2, 4 and 8 cores with 2 GiB per core, sold in zones z1 and z2.
cloud::CataloguePtr small_catalogue();

class Cluster {
 public:
  k8s::NodePool& pool(const std::string& name);
  // Pending; asks for one core and 1 GiB.
  k8s::Pod& pod(const std::string& name);
  // Of 4 cores in zone z1.
  k8s::Node& node(const std::string& name);

  // Of the first pod.
  std::string why();
  // Changes that would place the first pod; empty: none was found.
  std::vector<std::string> remedy();

 private:
  plan::Problem problem();

  std::vector<std::unique_ptr<k8s::NodePool>> pools_;
  std::vector<std::unique_ptr<k8s::Pod>> pods_;
  std::vector<std::unique_ptr<k8s::Node>> nodes_;
  world::Snapshot snapshot_;
  std::vector<world::PodId> ids_;
};

}  // namespace explain::testing

// A large running cluster for benchmarks: thousands of machines of the KWOK catalogue, or of EC2's,
// some thirty pods on each, mostly plain, the rest spread over zones or hosts, near each other or
// apart.
//
//   Crowd crowd({.machines = 1500, .is_tight = true});
//   const world::SnapshotPtr snapshot = crowd.snapshot();
//
// Loose: a third of the pods has gone since the machines were filled, so that much can go. Tight:
// only machines of the cheapest family, each filled to the brim: nothing can go, and every search
// has to look everywhere. Equal options give equal clusters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "cloud/label_schema.h"
#include "disrupt/market_testing.h"
#include "world/world.h"

namespace disrupt::testing {

struct CrowdOptions {
  int machines = 100;
  bool is_tight = false;
  std::uint64_t seed = 1;
  bool is_ec2 = false;
};

class Crowd {
 public:
  explicit Crowd(const CrowdOptions& options);

  // Initialised, ready, consolidatable, without pods.
  void add_machine(const std::string& name, const std::string& type, const std::string& zone);

  world::SnapshotPtr snapshot();

  std::shared_ptr<const cloud::LabelSchema> schema() const { return market_.schema; }

  const cloud::CataloguePtr& catalogue() const { return market_.catalogue; }

  world::World& world() { return world_; }

  std::size_t pods() const { return pods_; }

 private:
  world::World world_;
  Market market_;
  std::size_t pods_ = 0;
};

}  // namespace disrupt::testing

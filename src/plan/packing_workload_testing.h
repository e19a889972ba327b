// The workloads that packing is measured on, over the EC2 catalogue of us-east-1 and one NodePool
// as the field's getting-started guide has it (amd64, Linux, families c, m and r after generation
// 2).
//
//   Scene scene = packing_workload({.family = Family::kWide, .pods = 1000});
//   const Plan plan = scene.plan();
//
// Equal seeds give equal workloads. Thread rule: pure functions.
#pragma once

#include <cstdint>

#include "plan/scene_testing.h"

namespace plan::testing {

enum class Family : std::uint8_t {
  kDiverse,   // W1: the pods of spec 02 s16 (SCH-520).
  kWide,      // W3: 30 deployments over a wide range of sizes (spec 02 s16.4, wideDeployments).
  kLongTail,  // W4: a few large deployments and many small ones, as real clusters have them.
};

struct PackingWorkload {
  Family family = Family::kDiverse;
  int pods = 1000;
  bool has_spot = false;  // On-demand alone otherwise.
  std::uint64_t seed = 1;
};

Scene packing_workload(const PackingWorkload& asked);

// us-east-1, as no account has narrowed it.
cloud::CataloguePtr ec2_catalogue();

// What the plan's claims cost together, in dollars per hour.
double price_of(const Plan& plan);

}  // namespace plan::testing

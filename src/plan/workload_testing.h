// The field's scheduling benchmark (spec 02 s16): its pods, its catalogue, its one pool.
//
//   Scene scene = diverse_workload(1000);
//   scene.build();
//   const Candidates candidates = find_candidates(scene.snapshot(), {});
#pragma once

#include "plan/scene_testing.h"

namespace plan::testing {

// SCH-510, SCH-520: a fifth each of generic pods, zone spread, hostname spread, zone affinity and
// hostname anti-affinity; the rest generic. `pools` more than one: copies of the pool.
Scene diverse_workload(int pods, int pools = 1);
// Generic pods only.
Scene generic_workload(int pods);
// The diverse pods, pending beside a running cluster: machines of 16 CPU with ten pods each, which
// leave them little room.
Scene running_workload(int machines, int pending);
// SCH-521.
Scene preference_workload(int pods);

}  // namespace plan::testing

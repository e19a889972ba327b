// In which zone pending pods could go, for the metric of SCH-350: how many pods wait for each zone.
//
// Thread rule: one owner of the round; ask before the round is solved.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "plan/pod_class.h"

namespace plan {

// Zone -> pods. "flexible": several zones, or no opinion; "none": no zone would do.
using ZoneCounts = std::map<std::string, std::int64_t, std::less<>>;

ZoneCounts count_effective_zones(PlanBase& base,
                                 Topology& topology,
                                 const PodClasses& classes,
                                 std::span<const world::PodId> pods,
                                 const std::vector<std::uint32_t>& class_of_pod);

}  // namespace plan

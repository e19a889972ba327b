// What happens in a simulated day: workloads with their rhythm, batch jobs, releases, and what the
// cloud does to them. Written in a small YAML document beside ordinary manifests
// (docs/simulate.md); parsed strictly into these values.
//
//   const Scenario scenario = TRY(parse_scenario(manifest, file_text));
//
// Thread rule: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "k8s/manifest.h"
#include "k8s/meta.h"
#include "k8s/time.h"

namespace sim::days {

inline constexpr std::string_view kScenarioVersion = "simulate/v1";
inline constexpr std::string_view kScenarioKind = "Scenario";

// "14:30" is every day, "2 14:30" the second day only.
struct DayTime {
  std::int64_t day = 0;        // From 1; 0: every day.
  k8s::DurationNs of_day = 0;  // Since midnight, at most 24 h.
};

struct Between {
  DayTime from;
  DayTime to;  // Earlier in the day than `from`: on the next one.
};

struct CurvePoint {
  k8s::DurationNs of_day = 0;
  double value = 0;
};

// What the pods of a workload are.
struct PodShape {
  std::string cpu;  // Quantities, as they stand.
  std::string memory;
  k8s::StringMap labels;
  k8s::StringMap annotations;
  std::string spec = {};  // JSON of a PodSpec that is merged in; empty: nothing.
};

struct DeploymentPlan {
  std::string name;
  std::string namespace_ = "default";
  std::int64_t copies = 1;  // More: name-1, name-2, ... each with dice of its own.
  bool is_given = false;    // It is among the manifests and only scaled here.
  PodShape pod;
  std::vector<CurvePoint> curve;  // By time; never empty.
  double noise = 0;               // Up to this share more or less, drawn at each step.
  double weekend = 1;             // Factor on Saturday and Sunday.
  double variation = 0;           // Each copy is up to this share larger or smaller.
  std::vector<DayTime> releases;
  std::string min_available = {};  // Of a PodDisruptionBudget; both empty: none.
  std::string max_unavailable = {};
};

struct JobPlan {
  std::string name;
  std::string namespace_ = "default";
  PodShape pod;
  double per_hour = 0;           // Poisson arrivals ...
  std::optional<Between> hours;  // ... in these hours only; none: always.
  std::vector<DayTime> at;       // Arrivals by the clock.
  std::int64_t fewest_pods = 1;
  std::int64_t most_pods = 1;
  k8s::DurationNs median = 0;  // Of a pod's run; log-normal.
  k8s::DurationNs p95 = 0;     // Not below the median.
};

// Which offerings; empty lists mean all. Names of types may have '*'.
struct OfferFilter {
  std::vector<std::string> zones;
  std::vector<std::string> instance_types;
  std::vector<std::string> capacity_types;

  bool allows(std::string_view zone, std::string_view type, std::string_view capacity_type) const;
};

// These offerings are sold out.
struct Shortage {
  Between when;
  OfferFilter what;
};

// Spot machines are reclaimed, so many of those that run then.
struct Reclaim {
  DayTime at;
  double share = 1;
  OfferFilter what;
};

struct Scenario {
  std::string title;
  std::string description;
  std::string region = "us-east-1";
  k8s::TimeNs start = 0;
  std::int64_t days = 1;
  k8s::DurationNs warm_up = k8s::kHour;     // Before the start; not counted.
  k8s::DurationNs step = 5 * k8s::kMinute;  // How often curves are followed.
  std::vector<std::string> manifests;       // Files, relative to the scenario's.
  std::vector<DeploymentPlan> deployments;
  std::vector<JobPlan> jobs;
  double interruptions_per_node_day = 0;  // Of spot machines.
  std::vector<Reclaim> reclaims;
  std::vector<Shortage> shortages;
  std::vector<DayTime> image_releases;  // Drift: aliases give new images.
};

bool is_scenario(const k8s::Manifest& manifest);

// `text` is that of the whole file, to find lines. Errors: kInvalid with one "FILE:LINE: field:
// what is wrong" per line.
base::Result<Scenario> parse_scenario(const k8s::Manifest& manifest, std::string_view text);

// What the curve says at this time of day: straight between points, round midnight too.
double value_at(const std::vector<CurvePoint>& curve, k8s::DurationNs of_day);

// "m7g.*" and the like.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace sim::days

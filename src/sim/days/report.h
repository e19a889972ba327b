// What came of simulated days, as values: cost, nodes, waiting, evictions, and every decision with
// its reason. How it is shown is app/'s business.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "k8s/meta.h"
#include "k8s/time.h"

namespace sim::days {

// The mean over one step of the report, but for the pending pods, of which it is the most.
struct Sample {
  double nodes = 0;
  double price = 0;  // Dollars per hour.
  double pods = 0;   // With a node.
  double pending = 0;
};

struct Waits {
  std::size_t pods = 0;
  k8s::DurationNs p50 = 0;
  k8s::DurationNs p90 = 0;
  k8s::DurationNs p99 = 0;
  k8s::DurationNs longest = 0;
};

struct Decision {
  k8s::TimeNs at = 0;
  std::string what;    // "launch", "delete", "replace", "interruption", "news".
  std::string reason;  // "pods", "Empty", "Underutilized", "Drifted", ...; empty: news.
  std::string text;
  double savings = 0;  // Dollars per hour, as promised by the decision.
};

// Voluntary disruption of one method.
struct MethodSum {
  std::size_t commands = 0;
  std::size_t nodes = 0;  // That were to go.
  std::size_t replacements = 0;
  double savings = 0;  // Dollars per hour, summed over the commands.
};

struct Report {
  std::string title;
  std::string description;
  std::uint64_t seed = 0;
  k8s::TimeNs start = 0;
  std::int64_t days = 0;
  k8s::DurationNs step = 0;  // Of the samples.

  double cost = 0;  // Dollars.
  std::map<std::string, double> cost_by_capacity_type;
  double node_hours = 0;
  std::map<std::string, double> node_hours_by_type;
  std::size_t most_nodes = 0;
  std::size_t launched = 0;
  std::size_t terminated = 0;

  std::size_t pods_started = 0;
  std::size_t most_pods = 0;
  std::size_t still_pending = 0;  // At the end.
  Waits waits;
  // Pods that had to leave, by what made them: "Empty", "Underutilized", "Drifted",
  // "Interruption", "Other" (expiry, deletion by hand).
  std::map<std::string, std::size_t> evictions;
  std::map<std::string, MethodSum> methods;  // "emptiness", "drift", "multi", "single".

  std::vector<Sample> samples;
  std::vector<Decision> decisions;  // In order of time.

  std::size_t evictions_in_all() const;
  // Of consolidation: emptiness, multi-node, single-node.
  std::size_t consolidation_evictions() const;
  double consolidation_savings() const;
};

}  // namespace sim::days

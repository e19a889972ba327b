// What must hold for every plan, checked without any idea of how it was found: against plain labels
// and quantities, machine by machine. Shares no code with the planner or the reference.
//
//   EXPECT_EQ(broken_properties(problem, plan), std::vector<std::string>{});
//
// A claim may become any machine of its instance types and their offerings, so its pods must fit
// each of the machines that its requirements allow. Thread rule: pure functions.
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"

namespace plan::testing {

// One sentence per violation.
std::vector<std::string> broken_properties(const Problem& problem, const Plan& plan);

// A place and the pods on it after the round: a claim, or an existing machine with its old pods.
struct PlannedPlace {
  std::string name;
  const PlannedClaim* claim = nullptr;   // Or
  const world::NodeRow* node = nullptr;  // this.
  std::vector<const k8s::Pod*> placed;
  std::vector<const k8s::Pod*> bound;

  // The value of a label, if it is certain.
  std::optional<std::string> label(const std::string& key) const;
};

// The parts of broken_properties.
void check_claim(const Problem& problem,
                 const PlannedPlace& place,
                 std::vector<std::string>& broken);
void check_node(const Problem& problem,
                const PlannedPlace& place,
                std::vector<std::string>& broken);
void check_volumes(const Problem& problem,
                   const k8s::Pod& pod,
                   const k8s::StringMap& labels,
                   const std::string& where,
                   std::vector<std::string>& broken);
void check_topology(const Problem& problem,
                    const std::vector<PlannedPlace>& places,
                    bool lost_claims,
                    std::vector<std::string>& broken);
bool selectors_match(const k8s::PodSpec& spec, const k8s::StringMap& labels);
bool ports_conflict(const k8s::PodSpec& a, const k8s::PodSpec& b);
// Ignoring those of effect PreferNoSchedule, which are wishes.
bool tolerates_hard_taints(const k8s::PodSpec& spec, const std::vector<k8s::Taint>& taints);

}  // namespace plan::testing

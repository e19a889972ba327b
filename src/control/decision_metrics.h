// What is counted of voluntary disruption: findings, commands, and what became of them (spec 03
// s11, OPR-64).
//
// Thread rule: free functions over values.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "disrupt/command.h"
#include "runtime/metrics.h"

namespace control {

using MetricChanges = std::vector<runtime::MetricChange>;

void count_findings(disrupt::Method method,
                    const disrupt::Findings& findings,
                    MetricChanges& changes);
// DIS-9: a method was evaluated, its wait for validation included.
void count_evaluation(disrupt::Method method, base::Duration took, MetricChanges& changes);
// Machines whose price is not known, as ClusterCost names them, beyond those of before (DIS-225).
void count_unpriced(const std::vector<std::string>& before,
                    const std::vector<std::string>& now,
                    MetricChanges& changes);
// A command is carried out.
void count_decision(const disrupt::Command& command, MetricChanges& changes);
// It did not hold until its validation.
void count_rejection(const disrupt::Command& command, MetricChanges& changes);
// It was given up with so many replacements that were not ready.
void count_failure(const disrupt::Command& command, std::size_t unready, MetricChanges& changes);
// One of its replacements is created.
runtime::MetricChange replacement_created(const disrupt::Command& command,
                                          const k8s::NodeClaim& claim);

}  // namespace control

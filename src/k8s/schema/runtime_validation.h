// What the controller checks of a NodePool or NodeOverlay after the API server has admitted it
// (spec 01 s12). The result goes into condition ValidationSucceeded: False with reason
// NodePoolValidationFailed (pools) or RuntimeValidation (overlays) and the joined texts.
//
//   const auto problems = validate_node_pool(pool, Flavour::kAws);
//   if (!problems.empty()) { refuse(joined(problems)); }
//
// Thread rule: pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/node.h"
#include "k8s/schema/validate.h"

namespace k8s::schema {

// Empty when the pool is good (API-123 to API-130).
std::vector<std::string> validate_node_pool(const NodePool& pool, Flavour flavour);

// Empty when the overlay is good (API-131).
std::vector<std::string> validate_node_overlay(const std::vector<SelectorTerm>& requirements,
                                               const std::vector<std::string>& capacity_names,
                                               Flavour flavour);

// One requirement of a pool or claim (API-127, API-128); empty when it is good.
std::vector<std::string> validate_requirement(const SelectorTerm& requirement, Flavour flavour);

// taints and startupTaints together (API-125, API-126).
std::vector<std::string> validate_taints(const std::vector<Taint>& taints,
                                         const std::vector<Taint>& startup_taints);

// Empty, or why users may not set the label (API-129). The node class's own label is not refused as
// a requirement key (API-130).
std::string restricted_label_problem(std::string_view key, Flavour flavour);

// Sorted.
std::vector<std::string> well_known_labels(Flavour flavour);
bool is_well_known_label(std::string_view key, Flavour flavour);

// Old names of labels to the present ones (API-150).
std::string_view normalized_label(std::string_view key);

// The texts with "; " between.
std::string joined(const std::vector<std::string>& problems);

}  // namespace k8s::schema

// What a new node may be so that it pays to replace others by it: price filters, spot rules and
// minValues (DIS-89 to DIS-93, DIS-100). Pure but for what the planner's tables remember.
#pragma once

#include <expected>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "disrupt/pass.h"
#include "plan/prices.h"

namespace disrupt {

// A claim of a simulation, narrowed to what would be launched.
struct Launch {
  plan::OpenClaim claim;
  std::vector<plan::PricedType> types;  // By price; never empty.

  double price() const;  // DIS-122: of the cheapest offering of the first type; 0 without any.
};

// DIS-84: as the simulation made it, its types cut to as many as a claim may name. Errors: why its
// pods have to wait.
std::expected<Launch, std::string> launch_of(plan::WhatIf& what_if, const plan::OpenClaim& claim);

// DIS-89..93. Errors: why it is no cheaper, as the event says it.
std::expected<Launch, std::string> cheaper_launch(Pass& pass,
                                                  const Candidates& candidates,
                                                  Launch launch);

// Without the types that could come dearer than `price`, and spot only where there is spot
// (DIS-92). nullopt: nothing is left, or minValues do not hold.
std::optional<Launch> capped_launch(Pass& pass, Launch launch, double price);

// Without these instance types; nullopt: nothing is left, or minValues do not hold.
std::optional<Launch> without_types(Pass& pass,
                                    Launch launch,
                                    const std::set<std::string, std::less<>>& types);

// Could it become a spot node?
bool admits_spot(Pass& pass, const Launch& launch);

// DIS-100. nullopt: nothing worth launching is left.
std::optional<Launch> without_same_types(Pass& pass, const Candidates& candidates, Launch launch);

}  // namespace disrupt

// What becomes of several groups of machines that go together, for extended consolidation: one
// simulation for all of them, their new machines as cheap as the packer can make them.
//
// Thread rule: as Pass.
#pragma once

#include <optional>
#include <vector>

#include "disrupt/pass.h"
#include "disrupt/replacement.h"

namespace disrupt {

struct JointAnswer {
  std::vector<Launch> launches;  // Those that the groups' pods need.
  std::vector<plan::ExistingPlacement> placements;
  double price = 0;  // Of the launches; dollars per hour.
};

// Do all pods find a place on machines that stay? The cheapest question.
bool fit_elsewhere(Pass& pass, const Candidates& candidates);

// The cheapest launches that any pool offers first can do with. nullopt: some pod finds no place.
std::optional<JointAnswer> relocate_jointly(Pass& pass, const Candidates& candidates);

}  // namespace disrupt

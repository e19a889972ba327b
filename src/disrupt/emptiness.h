// Emptiness: nodes without pods that would need another place are deleted together, within budgets
// and without simulation (spec 03 s6.1). Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "disrupt/candidate.h"

namespace disrupt {

// Candidates that are about to go, and why.
struct Command {
  std::string reason;
  std::vector<Candidate> candidates;

  bool is_empty() const { return candidates.empty(); }
};

// What the search saw on its way, for events.
struct EmptinessReport {
  Command command;

  // Machines that are blocked (DIS-31), and pools whose consolidation is off (DIS-71).
  struct Note {
    world::NodeId node = 0;
    Blocked blocked;
    bool is_unconsolidatable = false;
  };

  std::vector<Note> notes;
  // Pools with nodes that may lose none now (DIS-60).
  std::vector<std::string> exhausted_pools;
};

// `busy`: claims that a command already holds (DIS-20 row 1).
EmptinessReport find_empty_nodes(const world::Snapshot& snapshot,
                                 const std::set<std::string, std::less<>>& busy);

// DIS-111: what of a waiting command still holds.
Command validate(const world::Snapshot& snapshot,
                 const Command& command,
                 const std::set<std::string, std::less<>>& busy);

}  // namespace disrupt

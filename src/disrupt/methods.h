// The methods of disruption, each a pure search over a Pass (spec 03 s6, s8). Upstream cuts the
// searches off after some minutes; these always finish, with what it would have found.
#pragma once

#include <span>

#include "disrupt/command.h"
#include "disrupt/pass.h"

namespace disrupt {

Findings find_empty(Pass& pass);         // DIS-96
Findings find_static_drift(Pass& pass);  // DIS-142..145
Findings find_drift(Pass& pass);         // DIS-135..140
Findings find_multi_node(Pass& pass);    // DIS-95
Findings find_single_node(Pass& pass);   // DIS-106

Findings find(Method method, Pass& pass);

// Those that are asked, in the order of DIS-3.
std::span<const Method> methods_of(const Settings& settings);

// DIS-72: machines that can go without further ado, best first.
Candidates empty_nodes(Pass& pass, Findings& findings);
// DIS-71: machines that multi- and single-node consolidation may look at, best first.
Candidates consolidatable(Pass& pass, Findings& findings);

// Adds what stands in the way of each machine under this grace (DIS-31).
void note_blocked(const Pass& pass, Grace grace, Findings& findings);

}  // namespace disrupt

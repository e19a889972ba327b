// The moves that one pass of extended consolidation accepted, cut into commands that share no new
// machine: one may fail without the rest.
//
// Thread rule: as Pass.
#pragma once

#include <vector>

#include "disrupt/joint.h"
#include "disrupt/pass.h"
#include "disrupt/payback.h"

namespace disrupt {

// `answer` is one simulation of all parts. What does not pay by itself is left out.
void cut_into_commands(Pass& pass,
                       const std::vector<Candidates>& parts,
                       const JointAnswer& answer,
                       Payback& payback,
                       Findings& findings);

}  // namespace disrupt

// Machines that go together in one command of extended consolidation, with what they need.
//
// Thread rule: as Pass.
#pragma once

#include <vector>

#include "disrupt/pass.h"
#include "disrupt/payback.h"
#include "disrupt/replacement.h"

namespace disrupt {

double price_of(const Candidates& candidates);

struct Part {
  Candidates candidates;
  std::vector<Launch> launches = {};

  double savings() const;
  Outlay outlay() const;
};

// DIS-93: spot for spot only by the gate, and one for one only with a choice.
bool may_launch(Pass& pass, const Part& part);
// Launches narrowed to what keeps half of the saving at worst. False: that leaves nothing.
bool narrow(Pass& pass, Part& part);

}  // namespace disrupt

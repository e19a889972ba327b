// Machines that go together in one command of extended consolidation, with what they need.
//
// Thread rule: as Pass.
#pragma once

#include "disrupt/move.h"
#include "disrupt/pass.h"
#include "disrupt/payback.h"

namespace disrupt {

// What the move costs once.
Outlay outlay_of(const Move& move);

// DIS-93: spot for spot only by the gate, and one for one only with a choice.
bool may_launch(Pass& pass, const Move& move);
// Launches narrowed to what keeps half of the saving at worst. False: that leaves nothing.
bool narrow(Pass& pass, Move& move);

}  // namespace disrupt

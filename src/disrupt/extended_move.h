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

// The machine came up within an hour after a move: for the move itself, or for pods whose room
// others took when the scheduler placed them anew. To plan it anew at once is the way to and fro.
bool came_with_a_move(const Pass& pass, const Candidate& candidate);

// DIS-93: spot for spot only by the gate, and one for one only with a choice.
bool may_launch(Pass& pass, const Move& move);
// Launches narrowed to what keeps half of the saving at worst. False: that leaves nothing.
bool narrow(Pass& pass, Move& move);

}  // namespace disrupt

// --consolidation=extended: moves of any number of machines to any number of others, several per
// pass, each only if it pays (docs/decisions/0014-extended-consolidation.md).
//
// Machines whose pods fit elsewhere go first, the most dollars per eviction first; who cannot go is
// passed over, not stopped at. Then groups of those that waste most are planned anew: their pods
// are put together by the packer of --packing=cost, in whichever pool is cheapest, after
// preferences gave way to room on nodes that exist. All moves of a pass hold together: each is
// planned with the others done. Commands that share no new machine are apart, so that one may fail
// without the rest.
//
// Machines that come up within an hour after a move are not planned anew in that hour; they may go
// when their pods fit elsewhere.
//
// A machine that a move launched or sent pods to is not turned back within an hour into a type that
// the move removed.
//
// Thread rule: as Pass. Work is counted in pods moved, never in time.
#pragma once

#include <vector>

#include "disrupt/pass.h"
#include "disrupt/validation.h"
#include "k8s/time.h"

namespace disrupt {

Findings find_extended(Pass& pass);

// Commands of one pass, which hold together or not: each on top of those before it.
std::vector<Validated> validate_extended(Pass& fresh, const std::vector<Command>& commands);

// How long a move must not be taken back.
inline constexpr k8s::DurationNs kNoReturn = 1 * k8s::kHour;

// What to remember of a command that was started, and under which names its replacements were.
PastMove past_move(const Command& command,
                   const std::vector<std::string>& replacements,
                   k8s::TimeNs now);

}  // namespace disrupt

// Whether a command that has waited still holds (spec 03 s6.4). Pure; a fresh Pass is given.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>
#include <vector>

#include "disrupt/command.h"
#include "disrupt/pass.h"

namespace disrupt {

// DIS-118
enum class Refusal : std::uint8_t { kBudget, kScheduling, kChurn };

std::string_view text_of(Refusal refusal);

// Emptiness may come back with fewer candidates (DIS-111); consolidation as it was (DIS-115).
using Validated = std::expected<Command, Refusal>;

// Commands of one method that waited together; the answers in their order.
std::vector<Validated> validate(Pass& fresh, const std::vector<Command>& commands);

// The command's candidates as they are now, in its order; those that are none any more left out.
Candidates refreshed(const Candidates& eligible, const Command& command);

// Which of one method's commands nothing forbids that has happened since: the candidates are still
// some, and the budgets allow them beside those that are going and those of the commands before
// (DIS-112, DIS-114). `busy` as in Settings. Asks no simulation; O(nodes).
std::vector<bool> still_stand(const world::Snapshot& snapshot,
                              const ClaimNames& busy,
                              const std::vector<Command>& commands);

}  // namespace disrupt

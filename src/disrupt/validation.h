// Whether a command that has waited still holds (spec 03 s6.4). Pure; a fresh Pass is given.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

#include "disrupt/command.h"
#include "disrupt/pass.h"

namespace disrupt {

// DIS-118
enum class Refusal : std::uint8_t { kBudget, kScheduling, kChurn };

std::string_view text_of(Refusal refusal);

// Emptiness may come back with fewer candidates (DIS-111); consolidation as it was (DIS-115).
std::expected<Command, Refusal> validate(Pass& fresh, const Command& command);

}  // namespace disrupt

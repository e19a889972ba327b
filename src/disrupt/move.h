// The one question that consolidation and drift ask: what if these machines went (spec 03 s5.4,
// s5.5)?
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "disrupt/pass.h"
#include "disrupt/replacement.h"

namespace disrupt {

// Candidates that can go, with what has to be launched before. Refers to the last probe's tables:
// valid as long as the Pass.
struct Move {
  Candidates candidates;
  std::vector<Launch> launches;

  double savings() const;  // DIS-122
};

double price_of(const Candidates& candidates);  // Dollars per hour.

// Asks what becomes of the candidates' pods without their machines; the rest of the question
// stands.
void ask(Pass& pass, const Candidates& candidates, plan::WhatIf::Question question);

// What decides whether the machine can be consolidated by itself; nullopt: more than can be told.
std::optional<std::uint64_t> fingerprint_of(Pass& pass, const Candidate& candidate);

// DIS-81..86: every pod finds a place, at whatever price. Errors: the pods that do not (DIS-86).
std::expected<Move, std::string> relocate(Pass& pass, Candidates candidates, bool keeps_settling);

// DIS-88..93: and it pays. Errors: why not, as the event says it.
std::expected<Move, std::string> consolidate(Pass& pass, Candidates candidates);

Command to_command(Pass& pass, Method method, const Move& move);

}  // namespace disrupt

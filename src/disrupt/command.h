// What disruption decides: commands, and what it saw on its way, as data for events, metrics and
// reports (spec 03 s5 to s9). Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "disrupt/candidate.h"
#include "disrupt/score.h"
#include "k8s/time.h"
#include "plan/plan.h"

namespace disrupt {

// In the order of DIS-3. kExtended stands for the last two (disrupt/extended.h).
enum class Method : std::uint8_t {
  kEmptiness,
  kStaticDrift,
  kDrift,
  kMultiNode,
  kSingleNode,
  kExtended,
};

std::string_view reason_of(Method method);  // "Empty", "Drifted", "Underutilized".
std::string_view name_of(Method method);    // "emptiness", "drift", "multi", "single", "extended".
std::string_view consolidation_type_of(Method method);  // DIS-181; empty for drift.

// Candidates that are to go, and what comes first.
struct Command {
  Method method = Method::kEmptiness;
  std::vector<Candidate> candidates = {};
  std::vector<plan::PlannedClaim> replacements = {};
  std::vector<std::string> destinations = {};  // Claims of machines that get pods (DIS-153).
  double savings = 0;                          // DIS-122; dollars per hour.

  bool is_empty() const { return candidates.empty(); }

  std::string_view reason() const { return reason_of(method); }

  std::string_view decision() const { return replacements.empty() ? "delete" : "replace"; }
};

// Something about one machine that users should hear.
struct Note {
  world::NodeId node = 0;
  std::string text;
  std::string event = {};            // When it is not the text as a sentence.
  bool is_unconsolidatable = false;  // Event Unconsolidatable (DIS-73), else DisruptionBlocked.
  bool is_silent = false;            // For reports only.
};

struct Findings {
  std::vector<Command> commands;  // Static drift and extended may have several, the others one.
  std::size_t eligible = 0;       // DIS-7
  bool is_budget_bound = false;   // A candidate was passed over for its pool's budget (DIS-76).
  std::vector<Note> notes;
  // When time alone makes a move pay that does not pay now (disrupt/payback.h).
  std::optional<k8s::TimeNs> look_again = {};
  std::vector<std::string> exhausted_pools;  // DIS-60
  std::vector<Scoring> scorings;             // DIS-128, DIS-130
};

}  // namespace disrupt

// What disruption tells users: events of its findings and commands, as effects of a step (spec 03
// s10).
//
// Thread rule: free functions over values.
#pragma once

#include <string_view>

#include "control/view.h"
#include "disrupt/command.h"

namespace control {

// Whose effects these are.
inline constexpr std::string_view kDisruptionCause = "disruption";

// DIS-31, DIS-60, DIS-73. `snapshot` is the one that the findings are about. Most of them are those
// of ten seconds ago: what was said of them still holds, and is not put into words again.
void publish_findings(const View& view,
                      const world::Snapshot& snapshot,
                      disrupt::Method method,
                      const disrupt::Findings& findings,
                      Step& step);

// DIS-35: what the annotation do-not-disrupt of pods on candidates' machines means, where it is
// more than "true". O(pods with the annotation).
void publish_guards(const View& view, Step& step);

// DIS-128, DIS-131: the pools that approve of the command.
void publish_approvals(const world::Snapshot& snapshot,
                       const disrupt::Command& command,
                       const std::vector<disrupt::Scoring>& scorings,
                       Step& step);

// DIS-94: on every candidate.
void publish_candidacy(const disrupt::Command& command, Step& step);
// DIS-107, DIS-118: the same with the category of what came between.
void publish_rejection(const disrupt::Command& command, std::string_view category, Step& step);

}  // namespace control

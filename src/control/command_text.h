// How commands of disruption stand in the log and in events (DIS-171 to DIS-174). Pure.
#pragma once

#include <string>

#include "disrupt/command.h"
#include "runtime/log.h"

namespace control {

// DIS-172: one candidate's part of a command that was not started: "replace: [n] -> [1
// replacement]".
std::string describe(const disrupt::Command& command, const disrupt::Candidate& candidate);

// DIS-173: a command that was started, by its id.
std::string describe(const disrupt::Command& command, const std::string& id);

// DIS-174
runtime::LogFields fields_of(const disrupt::Command& command);

}  // namespace control

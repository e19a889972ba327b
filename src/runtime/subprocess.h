// Runs a program to its end and collects what it says. Blocks: call it through Executor::blocking.
//
//   auto done = TRY(run_program({.program = "aws", .arguments = {"eks", "get-token"},
//                                .environment = {"PATH=/usr/bin"}, .timeout = 60s}));
//
// No shell: arguments arrive as they are. The program is looked for in the PATH of its environment
// when its name has no slash. Standard input is empty. On time-out it is killed with everything it
// started. Thread rule: any thread but the loop.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace runtime {

struct ProgramCall {
  std::string program;
  std::vector<std::string> arguments{};
  std::vector<std::string> environment{};  // "NAME=value"; nothing else is passed on.
  base::Duration timeout = std::chrono::seconds(60);
  std::size_t max_output_bytes = std::size_t{1} << 20;  // Of each stream.
};

struct ProgramEnd {
  int exit_code = 0;  // 128 + n when signal n ended it.
  std::string out;
  std::string err;
};

// Errors: kNotFound (no such program), kDenied, kTimeout, kLimit (too much output), kInternal.
base::Result<ProgramEnd> run_program(const ProgramCall& call);

}  // namespace runtime

#include "runtime/subprocess.h"

#include <gtest/gtest.h>

namespace runtime {
namespace {

using base::ErrorCode;

ProgramCall shell(std::string script) {
  return {.program = "sh",
          .arguments = {"-c", std::move(script)},
          .environment = {"PATH=/usr/bin:/bin", "GREETING=hello"}};
}

TEST(Subprocess, CollectsBothStreamsAndTheExitCode) {
  const auto end = run_program(shell("echo \"$GREETING\"; echo trouble >&2; exit 3"));

  ASSERT_TRUE(end.has_value()) << end.error().detail;
  EXPECT_EQ(end->out, "hello\n");
  EXPECT_EQ(end->err, "trouble\n");
  EXPECT_EQ(end->exit_code, 3);
}

TEST(Subprocess, PassesNothingElseOfTheEnvironmentOn) {
  const auto end = run_program(shell("echo \"[$HOME]\""));

  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->out, "[]\n");
}

TEST(Subprocess, SaysThatAProgramIsMissing) {
  const auto end =
      run_program({.program = "no-such-program", .environment = {"PATH=/usr/bin:/bin"}});

  ASSERT_FALSE(end.has_value());
  EXPECT_EQ(end.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(end.error().detail, "no-such-program: not found in PATH");
}

TEST(Subprocess, KillsWhatDoesNotEndWithItsChildren) {
  ProgramCall call = shell("sleep 1000 & sleep 1000");
  call.timeout = std::chrono::milliseconds(50);

  const auto end = run_program(call);

  ASSERT_FALSE(end.has_value());
  EXPECT_EQ(end.error().code, ErrorCode::kTimeout);
}

TEST(Subprocess, BoundsTheOutput) {
  ProgramCall call = shell("while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done");
  call.max_output_bytes = 100'000;

  const auto end = run_program(call);

  ASSERT_FALSE(end.has_value());
  EXPECT_EQ(end.error().code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace runtime

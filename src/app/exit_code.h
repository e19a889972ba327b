// Exit codes of every command, as documented in --help and docs/cli.md.
#pragma once

namespace app {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;  // The command ran and failed.
inline constexpr int kExitUsage = 2;   // Bad flags or bad input; stderr says what and where.

}  // namespace app

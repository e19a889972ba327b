// The command line: one function per command, all wired here. Exit codes: app/exit_code.h.
#pragma once

namespace app {

int run(int argc, char** argv);

}  // namespace app

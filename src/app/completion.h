// Completion scripts, made from the commands and flags that the program really has.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace app {

// `shell` is bash, zsh or fish.
std::string completion_script(const CLI::App& program, const std::string& shell);

}  // namespace app

// What checkers of simulated lives are told, and whom they tell.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/node.h"

namespace sim {

// How often something was met: that what should be tested has been.
using Coverage = std::map<std::string, std::uint64_t, std::less<>>;

struct Observer {
  std::function<void(std::string text)> problem;
  std::function<void(std::string_view what)> met;
};

// A machine that is to be bought.
struct NewMachine {
  k8s::StringMap labels;
  std::vector<k8s::Taint> taints;
  k8s::Resources allocatable;  // What it has at least, whichever type it becomes.
};

// A disruption that begins.
struct Decision {
  std::string method;  // "emptiness", "drift", "multi", "single", "extended".
  std::string reason;  // "Empty", "Drifted", "Underutilized".
  std::vector<std::string> claims;
  std::vector<NewMachine> replacements = {};
};

inline bool is_in(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace sim

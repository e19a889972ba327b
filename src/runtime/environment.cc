#include "runtime/environment.h"

#include <unistd.h>

#include "base/text.h"

namespace runtime {

Environment Environment::of_process() {
  Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const auto [name, value] = base::split_once(*entry, '=');
    environment.set(std::string(name), std::string(value.value_or("")));
  }
  return environment;
}

std::optional<std::string> Environment::get(std::string_view name) const {
  const auto it = variables_.find(name);
  return it == variables_.end() ? std::nullopt : std::optional(it->second);
}

std::string Environment::get_or(std::string_view name, std::string_view fallback) const {
  const auto it = variables_.find(name);
  return it == variables_.end() ? std::string(fallback) : it->second;
}

std::vector<std::string> Environment::entries() const {
  std::vector<std::string> out;
  for (const auto& [name, value] : variables_) {
    out.push_back(name + "=" + value);
  }
  return out;
}

}  // namespace runtime

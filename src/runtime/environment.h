// The environment variables, read once into a value. Tests make their own; nothing else in the
// program reads the process environment. Thread rule: a value.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runtime {

class Environment {
 public:
  Environment() = default;

  explicit Environment(std::map<std::string, std::string, std::less<>> variables)
      : variables_(std::move(variables)) {}

  // A copy of the process environment as it is now.
  static Environment of_process();

  // nullopt when unset; set but empty is "".
  std::optional<std::string> get(std::string_view name) const;
  std::string get_or(std::string_view name, std::string_view fallback) const;

  // "NAME=value", as programs are given it.
  std::vector<std::string> entries() const;

  void set(std::string name, std::string value) {
    variables_.insert_or_assign(std::move(name), std::move(value));
  }

 private:
  std::map<std::string, std::string, std::less<>> variables_;
};

}  // namespace runtime

// Values of the device selectors' language (plan/devices_expression.h), with their comparisons.
//
// Thread rule: values.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "k8s/device.h"

namespace plan {

// https://semver.org, precedence included; build metadata is dropped.
struct Version {
  std::int64_t major = 0;
  std::int64_t minor = 0;
  std::int64_t patch = 0;
  std::vector<std::string> prerelease;

  // nullopt: not a semantic version.
  static std::optional<Version> parse(std::string_view text);

  friend std::strong_ordering operator<=>(const Version& a, const Version& b);
  friend bool operator==(const Version& a, const Version& b) = default;
};

// An evaluation that failed. `a && b` and `a || b` may still have an answer (CEL semantics).
struct EvalError {
  friend bool operator==(const EvalError&, const EvalError&) = default;
};

// What `device` and its members are before they are a value: looked up, never copied.
struct DeviceRef {
  enum class Part : std::uint8_t { kDevice, kAttributes, kCapacity };
  Part part = Part::kDevice;
  std::optional<std::string> domain;  // kAttributes, kCapacity: after ["domain"].
  friend bool operator==(const DeviceRef&, const DeviceRef&) = default;
};

struct Value;
using ValueList = std::shared_ptr<const std::vector<Value>>;

struct Value {
  std::variant<EvalError,
               bool,
               std::int64_t,
               double,
               std::string,
               Version,
               k8s::Quantity,
               ValueList,
               DeviceRef>
      data;

  static Value error() { return {EvalError{}}; }

  bool is_error() const { return std::holds_alternative<EvalError>(data); }

  template <typename T>
  const T* as() const {
    return std::get_if<T>(&data);
  }
};

// Different types are unequal; numbers compare across integers and doubles.
bool equals(const Value& a, const Value& b);
// nullopt: not ordered with one another.
std::optional<std::partial_ordering> compare(const Value& a, const Value& b);

Value to_value(const k8s::DeviceAttribute& attribute);

}  // namespace plan

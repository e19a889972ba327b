// Device selectors: the part of CEL that selectors of device classes and claims are written in
// (SCH-431). https://github.com/google/cel-spec/blob/master/doc/langdef.md and
// https://kubernetes.io/docs/reference/using-api/cel/ describe the language.
//
// There: literals (integers, doubles, strings, booleans, lists), device.driver,
// device.attributes["domain"].name, device.capacity["domain"].name,
// device.allowMultipleAllocations, ! - * / % + comparisons, in, && || ?:, has(), cel.bind(),
// exists() and all() over lists, the string functions startsWith, endsWith, contains, matches,
// lowerAscii, upperAscii, size, and Kubernetes' quantity and semver functions. What is not there
// does not compile, and a claim that needs it stays pending with that reason: never a wrong match.
//
//   const auto wants = DeviceExpression::compile("device.driver == 'gpu.example.com'");
//   wants->matches({.driver = slice.driver, .device = device});
//
// Evaluation is linear in the expression, except that exists() and all() multiply by their lists.
// Thread rule: immutable once compiled.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "plan/devices_value.h"

namespace plan {

// A device as an expression sees it.
struct DeviceFacts {
  const std::string& driver;
  const k8s::Device& device;
};

class DeviceExpression {
 public:
  // Errors: kInvalid (not well-formed), kUnsupported (CEL that is not there), kLimit.
  static base::Result<DeviceExpression> compile(std::string_view text);

  // SCH-442: an evaluation that fails is no match.
  bool matches(const DeviceFacts& facts) const;

  enum class Op : std::uint8_t {
    kLiteral,
    kDevice,
    kVariable,
    kSelect,
    kHas,
    kIndex,
    kList,
    kNot,
    kNegate,
    kAnd,
    kOr,
    kConditional,
    kEqual,
    kNotEqual,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kIn,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kRemainder,
    kCall,    // args[0] is the receiver of a method.
    kExists,  // list, body with `name` bound.
    kAll,
    kBind,  // value, body with `name` bound.
  };

  struct Node {
    Op op = Op::kLiteral;
    std::string name = {};
    Value literal = {};
    std::vector<std::uint32_t> args = {};
  };

 private:
  friend class ExpressionParser;
  friend class ExpressionRun;

  std::vector<Node> nodes_;
  std::uint32_t root_ = 0;
};

// SCH-461: the value under an exact qualified name, or under the bare name when the domain is the
// driver. nullptr: the device has no such attribute.
const k8s::DeviceAttribute* find_attribute(const DeviceFacts& facts, std::string_view name);

}  // namespace plan

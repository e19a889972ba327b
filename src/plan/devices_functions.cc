#include "plan/devices_functions.h"

#include <algorithm>

#include <re2/re2.h>

namespace plan {

namespace {

constexpr std::int64_t kRegexMemory = 1 << 20;

Value change_case(const std::string& text, char first, char last, int by) {
  std::string out = text;
  for (char& c : out) {
    c = c >= first && c <= last ? static_cast<char>(c + by) : c;
  }
  return {out};
}

Value text_function(const std::string& name, const std::string& text, const std::string& other) {
  if (name == "startsWith") {
    return {text.starts_with(other)};
  }
  if (name == "endsWith") {
    return {text.ends_with(other)};
  }
  if (name == "contains") {
    return {text.find(other) != std::string::npos};
  }
  if (name != "matches") {
    return Value::error();
  }
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(kRegexMemory);
  const re2::RE2 pattern(other, options);
  return pattern.ok() ? Value{re2::RE2::PartialMatch(text, pattern)} : Value::error();
}

Value order_function(const std::string& name, const Value& a, const Value& b) {
  const auto order = compare(a, b);
  if (!order) {
    return Value::error();
  }
  if (name == "isGreaterThan") {
    return {*order > 0};
  }
  if (name == "isLessThan") {
    return {*order < 0};
  }
  return {std::int64_t{*order < 0 ? -1 : *order > 0 ? 1 : 0}};
}

Value quantity_function(const std::string& name, const k8s::Quantity& quantity) {
  constexpr std::int64_t kNano = 1'000'000'000;
  if (name == "sign") {
    return {std::int64_t{quantity.nano() < 0 ? -1 : quantity.nano() > 0 ? 1 : 0}};
  }
  if (name == "isInteger") {
    return {quantity.nano() % kNano == 0};
  }
  if (name == "asInteger") {
    return quantity.nano() % kNano == 0 ? Value{quantity.value()} : Value::error();
  }
  return name == "asApproximateFloat" ? Value{quantity.as_double()} : Value::error();
}

Value version_function(const std::string& name, const Version& version) {
  return name == "major"   ? Value{version.major}
         : name == "minor" ? Value{version.minor}
         : name == "patch" ? Value{version.patch}
                           : Value::error();
}

Value parse_function(const std::string& name, const std::string& text) {
  if (name == "quantity" || name == "isQuantity") {
    const auto quantity = k8s::Quantity::parse(text);
    return name == "isQuantity" ? Value{quantity.has_value()}
           : quantity           ? Value{*quantity}
                                : Value::error();
  }
  const auto version = Version::parse(text);
  return name == "isSemver" ? Value{version.has_value()}
         : version          ? Value{*version}
                            : Value::error();
}

Value size_of(const Value& value) {
  if (const auto* text = value.as<std::string>()) {
    // In code points, as CEL counts.
    return {static_cast<std::int64_t>(std::ranges::count_if(
        *text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }))};
  }
  const auto* list = value.as<ValueList>();
  return list ? Value{static_cast<std::int64_t>((*list)->size())} : Value::error();
}

}  // namespace

Value call_function(const std::string& name, const std::vector<Value>& args) {
  if (name == "size") {
    return size_of(args[0]);
  }
  const auto* text = args[0].as<std::string>();
  const auto* quantity = args[0].as<k8s::Quantity>();
  if (args.size() == 2) {
    const auto* other_text = args[1].as<std::string>();
    const auto* other = args[1].as<k8s::Quantity>();
    if (text && other_text) {
      return text_function(name, *text, *other_text);
    }
    if (quantity && other && (name == "add" || name == "sub")) {
      return {name == "add" ? *quantity + *other : *quantity - *other};
    }
    const bool is_ordered = (quantity && other) || (args[0].as<Version>() && args[1].as<Version>());
    return is_ordered ? order_function(name, args[0], args[1]) : Value::error();
  }
  if (text && (name == "lowerAscii" || name == "upperAscii")) {
    return name == "lowerAscii" ? change_case(*text, 'A', 'Z', 'a' - 'A')
                                : change_case(*text, 'a', 'z', 'A' - 'a');
  }
  if (text) {
    return parse_function(name, *text);
  }
  if (quantity) {
    return quantity_function(name, *quantity);
  }
  const auto* version = args[0].as<Version>();
  return version ? version_function(name, *version) : Value::error();
}

}  // namespace plan

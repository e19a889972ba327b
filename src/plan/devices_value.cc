#include "plan/devices_value.h"

#include <algorithm>

#include "base/text.h"

namespace plan {
namespace {

std::optional<std::int64_t> parse_part(std::string_view text) {
  const bool is_plain = !text.empty() && (text.size() == 1 || text.front() != '0') &&
                        std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  return is_plain ? base::parse_int(text) : std::nullopt;
}

// Numbers before words, numbers by size, words by text.
std::strong_ordering compare_identifiers(const std::string& a, const std::string& b) {
  const auto left = parse_part(a);
  const auto right = parse_part(b);
  if (left && right) {
    return *left <=> *right;
  }
  if (left.has_value() != right.has_value()) {
    return left ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  return a.compare(b) <=> 0;
}

std::optional<double> as_number(const Value& value) {
  if (const auto* integer = value.as<std::int64_t>()) {
    return static_cast<double>(*integer);
  }
  const auto* number = value.as<double>();
  return number ? std::optional(*number) : std::nullopt;
}

template <typename T>
std::optional<std::partial_ordering> compare_as(const Value& a, const Value& b) {
  const T* left = a.as<T>();
  const T* right = b.as<T>();
  return left && right ? std::optional<std::partial_ordering>(*left <=> *right) : std::nullopt;
}

}  // namespace

std::optional<Version> Version::parse(std::string_view text) {
  text = text.substr(0, text.find('+'));
  const std::size_t dash = text.find('-');
  Version version;
  if (dash != std::string_view::npos) {
    for (const std::string_view part : base::split(text.substr(dash + 1), '.')) {
      if (part.empty()) {
        return std::nullopt;
      }
      version.prerelease.emplace_back(part);
    }
  }
  const auto parts = base::split(text.substr(0, dash), '.');
  if (parts.size() != 3) {
    return std::nullopt;
  }
  const auto major = parse_part(parts[0]);
  const auto minor = parse_part(parts[1]);
  const auto patch = parse_part(parts[2]);
  if (!major || !minor || !patch) {
    return std::nullopt;
  }
  version.major = *major;
  version.minor = *minor;
  version.patch = *patch;
  return version;
}

std::strong_ordering operator<=>(const Version& a, const Version& b) {
  if (const auto order =
          std::tie(a.major, a.minor, a.patch) <=> std::tie(b.major, b.minor, b.patch);
      order != 0) {
    return order;
  }
  if (a.prerelease.empty() || b.prerelease.empty()) {  // A release comes after its candidates.
    return a.prerelease.empty() <=> b.prerelease.empty();
  }
  for (std::size_t i = 0; i < std::min(a.prerelease.size(), b.prerelease.size()); ++i) {
    if (const auto order = compare_identifiers(a.prerelease[i], b.prerelease[i]); order != 0) {
      return order;
    }
  }
  return a.prerelease.size() <=> b.prerelease.size();
}

bool equals(const Value& a, const Value& b) {
  const auto* left = a.as<ValueList>();
  const auto* right = b.as<ValueList>();
  if (left && right) {
    return std::ranges::equal(**left, **right, equals);
  }
  const auto order = compare(a, b);
  return order ? *order == 0 : a.data == b.data;
}

std::optional<std::partial_ordering> compare(const Value& a, const Value& b) {
  if (const auto order = compare_as<std::int64_t>(a, b)) {
    return order;
  }
  const auto left = as_number(a);
  const auto right = as_number(b);
  if (left && right) {
    return *left <=> *right;
  }
  if (const auto order = compare_as<std::string>(a, b)) {
    return order;
  }
  if (const auto order = compare_as<Version>(a, b)) {
    return order;
  }
  if (const auto order = compare_as<k8s::Quantity>(a, b)) {
    return order;
  }
  return compare_as<bool>(a, b);
}

Value to_value(const k8s::DeviceAttribute& attribute) {
  if (const auto* number = std::get_if<std::int64_t>(&attribute)) {
    return {*number};
  }
  if (const auto* truth = std::get_if<bool>(&attribute)) {
    return {*truth};
  }
  if (const auto* text = std::get_if<std::string>(&attribute)) {
    return {*text};
  }
  const auto version = Version::parse(std::get<k8s::VersionText>(attribute).text);
  return version ? Value{*version} : Value{EvalError{}};
}

}  // namespace plan

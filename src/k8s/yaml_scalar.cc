#include "k8s/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>

#include "k8s/json_out.h"

namespace k8s {
namespace {

bool is_one_of(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

bool is_null(std::string_view text) {
  constexpr std::array<std::string_view, 5> kWords = {"", "~", "null", "Null", "NULL"};
  return is_one_of(text, kWords);
}

std::optional<bool> to_bool(std::string_view text) {
  constexpr std::array<std::string_view, 11> kTrue = {
      "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"};
  constexpr std::array<std::string_view, 11> kFalse = {
      "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"};
  if (is_one_of(text, kTrue)) {
    return true;
  }
  return is_one_of(text, kFalse) ? std::optional(false) : std::nullopt;
}

// Words of letters and dots that stand for infinities and not-a-number.
bool is_special_float(std::string_view text) {
  constexpr std::array<std::string_view, 6> kWords = {
      ".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"};
  if (text.starts_with('+') || text.starts_with('-')) {
    text.remove_prefix(1);
  }
  return is_one_of(text, kWords);
}

// The digits without sign, "_" and base prefix.
struct IntegerText {
  bool is_negative = false;
  int base = 10;
  std::string digits;
};

IntegerText split_integer(std::string_view text) {
  IntegerText out;
  if (text.starts_with('-') || text.starts_with('+')) {
    out.is_negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.starts_with("0x") || text.starts_with("0X")) {
    out.base = 16;
    text.remove_prefix(2);
  } else if (text.starts_with("0b") || text.starts_with("0B")) {
    out.base = 2;
    text.remove_prefix(2);
  } else if (text.starts_with("0o") || text.starts_with("0O")) {
    out.base = 8;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    out.base = 8;
    text.remove_prefix(1);
  }
  std::ranges::copy_if(text, std::back_inserter(out.digits), [](char c) { return c != '_'; });
  return out;
}

std::optional<std::string> to_integer(std::string_view text) {
  const IntegerText parts = split_integer(text);
  std::uint64_t value = 0;
  const char* end = parts.digits.data() + parts.digits.size();
  const auto [rest, error] = std::from_chars(parts.digits.data(), end, value, parts.base);
  constexpr std::uint64_t kMaxNegative = std::uint64_t{1} << 63;
  if (error != std::errc() || rest != end || (parts.is_negative && value > kMaxNegative)) {
    return std::nullopt;
  }
  return std::string(parts.is_negative && value != 0 ? "-" : "").append(std::to_string(value));
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool has_float_form(std::string_view text) {
  std::size_t at = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  const auto skip_digits = [&] {
    const std::size_t start = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
      ++at;
    }
    return at - start;
  };
  const std::size_t whole = skip_digits();
  std::size_t fraction = 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    fraction = skip_digits();
  }
  if (whole + fraction == 0) {
    return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    at += at < text.size() && (text[at] == '-' || text[at] == '+') ? 1U : 0U;
    if (skip_digits() == 0) {
      return false;
    }
  }
  return at == text.size();
}

// As Go's encoding/json prints a float64, so that 1.0 is 1.
std::optional<std::string> to_float(std::string_view text) {
  std::string digits;
  std::ranges::copy_if(text, std::back_inserter(digits), [](char c) { return c != '_'; });
  if (!has_float_form(digits)) {
    return std::nullopt;
  }
  const char* first = digits.data() + (digits[0] == '+' ? 1 : 0);
  double value = 0;
  if (std::from_chars(first, digits.data() + digits.size(), value).ec != std::errc()) {
    return std::nullopt;
  }
  const double magnitude = std::fabs(value);
  const bool is_plain = magnitude == 0 || (magnitude >= 1e-6 && magnitude < 1e21);
  std::array<char, 64> buffer{};
  const auto [end, error] =
      std::to_chars(buffer.data(),
                    buffer.data() + buffer.size(),
                    value,
                    is_plain ? std::chars_format::fixed : std::chars_format::scientific);
  return error == std::errc() ? std::optional(std::string(buffer.data(), end)) : std::nullopt;
}

bool may_be_number(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.';
}

}  // namespace

bool append_plain_scalar(std::string& out, std::string_view text) {
  constexpr std::size_t kLongestWord = 5;
  if (text.size() <= kLongestWord) {
    if (is_null(text)) {
      out.append("null");
      return true;
    }
    if (const std::optional<bool> value = to_bool(text)) {
      out.append(*value ? "true" : "false");
      return true;
    }
    if (is_special_float(text)) {
      return false;
    }
  }
  if (!text.empty() && may_be_number(text[0])) {
    if (const auto integer = to_integer(text)) {
      out.append(*integer);
      return true;
    }
    if (const auto number = to_float(text)) {
      out.append(*number);
      return true;
    }
  }
  append_json_string(out, text);
  return true;
}

std::string plain_key(std::string_view text) {
  if (const std::optional<bool> value = to_bool(text)) {
    return *value ? "true" : "false";
  }
  if (!text.empty() && may_be_number(text[0])) {
    if (auto integer = to_integer(text)) {
      return *integer;
    }
  }
  return std::string(text);
}

}  // namespace k8s

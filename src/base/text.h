// Small text tools without locale and without format strings. For anything longer than a few
// pieces, append to one std::string.
//
//   base::concat("incompatible with ", count, " of ", total, " types");
//   base::join(names, ", ");
//
// Thread rule: pure functions.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace base {

std::string to_text(std::int64_t number);
std::string to_text(std::uint64_t number);
// The shortest form that reads back as the same number: "0.1", "1e+30", "2".
std::string to_text(double number);
// Exactly `decimals` digits after the point.
std::string to_fixed(double number, int decimals);

// The whole text must be the number; no blanks, no plus sign. Out of range is nullopt.
std::optional<std::int64_t> parse_int(std::string_view text);
// Decimal and exponent forms; not "inf", "nan" or hexadecimal.
std::optional<double> parse_double(std::string_view text);
// What Kubernetes' flags take: 1, t, T, TRUE, true, True, 0, f, F, FALSE, false, False.
std::optional<bool> parse_bool(std::string_view text);

// Blanks are space, tab, CR, LF, VT, FF.
std::string_view trim(std::string_view text);
// "a,,b" gives three parts, "" gives one empty part. The views point into the text.
std::vector<std::string_view> split(std::string_view text, char separator);

// The text before and after the first separator; the second is nullopt when there is none.
struct TextPair {
  std::string_view before;
  std::optional<std::string_view> after;
};

TextPair split_once(std::string_view text, char separator);

std::string to_lower(std::string_view text);  // ASCII only.
bool equals_ignoring_case(std::string_view a, std::string_view b);
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);
// At least `width` columns (display_width), filled with blanks.
std::string pad_right(std::string_view text, std::size_t width);
std::string pad_left(std::string_view text, std::size_t width);
// Columns on a terminal, taking each UTF-8 code point as one.
std::size_t display_width(std::string_view text);

template <typename Range>
std::string join(const Range& parts, std::string_view separator) {
  std::string text;
  bool first = true;
  for (const auto& part : parts) {
    if (!first) {
      text += separator;
    }
    first = false;
    text += part;
  }
  return text;
}

inline void append_piece(std::string& text, std::string_view piece) {
  text += piece;
}

template <typename T>
  requires std::is_arithmetic_v<T>
void append_piece(std::string& text, T number) {
  if constexpr (std::is_same_v<T, bool>) {
    text += number ? "true" : "false";
  } else if constexpr (std::is_same_v<T, char>) {
    text += number;
  } else if constexpr (std::is_floating_point_v<T>) {
    text += to_text(static_cast<double>(number));
  } else if constexpr (std::is_signed_v<T>) {
    text += to_text(static_cast<std::int64_t>(number));
  } else {
    text += to_text(static_cast<std::uint64_t>(number));
  }
}

// Text, characters, numbers and bools, one after the other.
template <typename... Pieces>
std::string concat(const Pieces&... pieces) {
  std::string text;
  (append_piece(text, pieces), ...);
  return text;
}

}  // namespace base

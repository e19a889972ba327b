#include "base/hash.h"

#include <functional>

namespace base {

std::string hex64(std::uint64_t value) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[text.size() - 1 - i] = kDigits[(value >> (4 * i)) & 0xf];
  }
  return text;
}

std::size_t TextHash::operator()(std::string_view text) const noexcept {
  return std::hash<std::string_view>()(text);
}

}  // namespace base

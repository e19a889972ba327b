#include "k8s/quantity.h"

#include <algorithm>
#include <array>
#include <limits>

namespace k8s {
namespace {

constexpr Int128 kNano = 1'000'000'000;
constexpr Int128 kMaxNano = static_cast<Int128>(std::numeric_limits<std::int64_t>::max()) * kNano;
constexpr std::string_view kExpected = "a Kubernetes quantity (such as 100m, 2, 1.5Gi, 1e3)";

struct Suffix {
  int binary_power = 0;   // Times 1024 to this power.
  int decimal_power = 0;  // Times 10 to this power.
  Quantity::Format format = Quantity::Format::kDecimalSI;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// "e3", "E-6". Kubernetes reads the exponent as a 32-bit number; beyond 999 every value is either
// capped or rounded to one nano, so it is clamped there.
bool parse_exponent(std::string_view text, Suffix* out) {
  std::string_view digits = text.substr(1);
  const bool negative = !digits.empty() && digits[0] == '-';
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) {
    digits.remove_prefix(1);
  }
  if (digits.empty() || digits.size() > 9 || !std::ranges::all_of(digits, is_digit)) {
    return false;
  }
  int exponent = 0;
  for (const char c : digits) {
    exponent = std::min(exponent * 10 + (c - '0'), 9999);
  }
  *out = {0, negative ? -exponent : exponent, Quantity::Format::kDecimalExponent};
  return true;
}

bool parse_suffix(std::string_view text, Suffix* out) {
  constexpr std::string_view kDecimal = "kMGTPE";
  constexpr std::string_view kBinary = "KMGTPE";
  if (text.empty()) {
    return true;
  }
  if (text.size() == 2 && text[1] == 'i') {
    const std::size_t at = kBinary.find(text[0]);
    *out = {static_cast<int>(at) + 1, 0, Quantity::Format::kBinarySI};
    return at != std::string_view::npos;
  }
  if (text.size() > 1) {
    return (text[0] == 'e' || text[0] == 'E') && parse_exponent(text, out);
  }
  if (const std::size_t at = kDecimal.find(text[0]); at != std::string_view::npos) {
    out->decimal_power = 3 * (static_cast<int>(at) + 1);
    return true;
  }
  out->decimal_power = text[0] == 'm' ? -3 : text[0] == 'u' ? -6 : text[0] == 'n' ? -9 : 0;
  return out->decimal_power != 0;
}

// The digits without leading zeros, and how many of them stand before the decimal point (negative:
// zeros that follow the point).
struct Digits {
  std::string digits;
  long point = 0;
};

// Advances over the number; false when there is no digit.
bool scan_digits(std::string_view text, std::size_t* at, Digits* out) {
  bool any = false;
  bool seen_point = false;
  for (; *at < text.size(); ++*at) {
    const char c = text[*at];
    if (c == '.' && !seen_point) {
      seen_point = true;
      continue;
    }
    if (!is_digit(c)) {
      break;
    }
    any = true;
    if (out->digits.empty() && c == '0') {
      out->point -= seen_point ? 1 : 0;
      continue;
    }
    out->digits.push_back(c);
    out->point += seen_point ? 0 : 1;
  }
  return any;
}

// digits * scale in nano units, rounded away from zero and capped.
Int128 to_nano(const Digits& d, int binary_power) {
  const long point = d.point;
  if (d.digits.empty()) {
    return 0;
  }
  if (point > 19) {
    return kMaxNano;
  }
  const Int128 scale = static_cast<Int128>(1) << (10 * binary_power);
  Int128 whole = 0;
  for (long i = 0; i < point; ++i) {
    const auto at = static_cast<std::size_t>(i);
    whole = whole * 10 + (at < d.digits.size() ? d.digits[at] - '0' : 0);
  }
  if (whole > std::numeric_limits<std::int64_t>::max() / scale) {
    return kMaxNano;
  }
  if (point < -40) {
    return 1;
  }
  // Horner from the last digit: floor division commutes with adding a floored tail, so this is
  // exact.
  Int128 fraction = 0;
  bool inexact = false;
  const auto first = static_cast<std::size_t>(std::max(point, 0L));
  const auto divide = [&](Int128 value) {
    inexact = inexact || value % 10 != 0;
    fraction = value / 10;
  };
  for (std::size_t i = d.digits.size(); i > first; --i) {
    divide((d.digits[i - 1] - '0') * scale * kNano + fraction);
  }
  for (long i = point; i < 0; ++i) {
    divide(fraction);
  }
  const Int128 nano = whole * scale * kNano + fraction + (inexact ? 1 : 0);
  return std::min(nano, kMaxNano);
}

std::string to_text(Int128 value) {
  std::array<char, 48> buffer{};
  std::size_t at = buffer.size();
  const bool negative = value < 0;
  do {
    const int digit = static_cast<int>(value % 10);
    buffer[--at] = static_cast<char>('0' + (negative ? -digit : digit));
    value /= 10;
  } while (value != 0);
  if (negative) {
    buffer[--at] = '-';
  }
  return {buffer.data() + at, buffer.size() - at};
}

std::string decimal_text(Int128 nano, bool exponent_form) {
  constexpr std::array<std::string_view, 10> kSuffixes = {
      "n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
  std::size_t step = 0;
  while (step + 1 < kSuffixes.size() && nano % 1000 == 0) {
    nano /= 1000;
    ++step;
  }
  if (!exponent_form) {
    return to_text(nano).append(kSuffixes[step]);
  }
  const int exponent = 3 * static_cast<int>(step) - 9;
  return exponent == 0 ? to_text(nano) : to_text(nano) + "e" + std::to_string(exponent);
}

std::string binary_text(Int128 units) {
  constexpr std::array<std::string_view, 7> kSuffixes = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  std::size_t step = 0;
  while (step + 1 < kSuffixes.size() && units % 1024 == 0) {
    units /= 1024;
    ++step;
  }
  return to_text(units).append(kSuffixes[step]);
}

std::int64_t round_away(Int128 nano, Int128 unit) {
  Int128 value = nano / unit;
  if (nano % unit != 0) {
    value += nano > 0 ? 1 : -1;
  }
  const Int128 low = std::numeric_limits<std::int64_t>::min();
  const Int128 high = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::clamp(value, low, high));
}

}  // namespace

base::Result<Quantity> Quantity::parse(std::string_view text) {
  const auto refuse = [&] {
    return base::fail(
        base::ErrorCode::kInvalid,
        std::string("\"").append(text.substr(0, 64)).append("\" is not ").append(kExpected));
  };
  std::size_t at = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    at = 1;
  }
  Digits digits;
  if (!scan_digits(text, &at, &digits)) {
    return refuse();
  }
  Suffix suffix;
  if (!parse_suffix(text.substr(at), &suffix)) {
    return refuse();
  }
  digits.point += suffix.decimal_power;
  const Int128 nano = to_nano(digits, suffix.binary_power);
  return from_nano(negative ? -nano : nano, suffix.format);
}

std::int64_t Quantity::value() const {
  return round_away(nano_, kNano);
}

std::int64_t Quantity::milli_value() const {
  return round_away(nano_, kNano / 1000);
}

double Quantity::as_double() const {
  return static_cast<double>(nano_) / 1e9;
}

std::string Quantity::text() const {
  if (nano_ == 0) {
    return "0";
  }
  const Int128 magnitude = nano_ < 0 ? -nano_ : nano_;
  // A binary value below 1Ki, or one that is not whole, has no exact binary form.
  if (format_ == Format::kBinarySI && magnitude >= 1024 * kNano && magnitude % kNano == 0) {
    return binary_text(nano_ / kNano);
  }
  return decimal_text(nano_, format_ == Format::kDecimalExponent);
}

Quantity& Quantity::operator+=(const Quantity& other) {
  if (nano_ == 0) {
    format_ = other.format_;
  }
  nano_ += other.nano_;
  return *this;
}

Quantity& Quantity::operator-=(const Quantity& other) {
  if (nano_ == 0) {
    format_ = other.format_;
  }
  nano_ -= other.nano_;
  return *this;
}

}  // namespace k8s

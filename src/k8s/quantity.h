// Kubernetes resource.Quantity: an exact decimal with the canonical text forms of the API server.
//
// Kept as nano units (1e-9) in 128 bits, so that sums and comparisons are exact for every value
// that the API server accepts (it caps magnitudes at 2^63-1 and rounds sub-nano fractions away from
// zero). Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ ;
// SCH-62, SCH-610.
//
//   Quantity memory = *Quantity::parse("1536Mi");
//   memory.text();                 // "1536Mi"
//   memory.value();                // 1610612736 (rounded up)
//
// Thread rule: value.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace k8s {

// 128 bits are an extension of the compilers, which -Wpedantic would refuse unmarked.
__extension__ typedef __int128 Int128;

class Quantity {
 public:
  enum class Format : std::uint8_t { kDecimalSI, kBinarySI, kDecimalExponent };

  constexpr Quantity() = default;

  static constexpr Quantity from_nano(Int128 nano, Format format = Format::kDecimalSI) {
    Quantity q;
    q.nano_ = nano;
    q.format_ = format;
    return q;
  }

  static constexpr Quantity units(std::int64_t value, Format format = Format::kDecimalSI) {
    return from_nano(static_cast<Int128>(value) * kNanoPerUnit, format);
  }

  static constexpr Quantity milli(std::int64_t value) {
    return from_nano(static_cast<Int128>(value) * (kNanoPerUnit / 1000));
  }

  // Errors: kInvalid with the offending text and the accepted form.
  static base::Result<Quantity> parse(std::string_view text);

  constexpr Int128 nano() const { return nano_; }

  constexpr Format format() const { return format_; }

  // Rounded up, as Go's Value() and MilliValue(); saturating at int64.
  std::int64_t value() const;
  std::int64_t milli_value() const;
  double as_double() const;

  constexpr bool is_zero() const { return nano_ == 0; }

  // Canonical form, e.g. "100m", "1", "1Gi".
  std::string text() const;

  // The format of a sum is the format of the left operand, unless that is zero (as Go's Add).
  Quantity& operator+=(const Quantity& other);
  Quantity& operator-=(const Quantity& other);

  friend Quantity operator+(Quantity a, const Quantity& b) { return a += b; }

  friend Quantity operator-(Quantity a, const Quantity& b) { return a -= b; }

  // By value; the format does not take part.
  friend constexpr bool operator==(const Quantity& a, const Quantity& b) {
    return a.nano_ == b.nano_;
  }

  friend constexpr std::strong_ordering operator<=>(const Quantity& a, const Quantity& b) {
    return a.nano_ < b.nano_   ? std::strong_ordering::less
           : a.nano_ > b.nano_ ? std::strong_ordering::greater
                               : std::strong_ordering::equal;
  }

 private:
  static constexpr Int128 kNanoPerUnit = 1'000'000'000;
  Int128 nano_ = 0;
  Format format_ = Format::kDecimalSI;
};

// Resource name -> quantity, sorted by name, no name twice. Small: a pod has 2 to 5 entries.
class Resources {
 public:
  using Entry = std::pair<std::string, Quantity>;

  Resources() = default;
  Resources(std::initializer_list<Entry> entries);

  // nullptr when absent.
  const Quantity* find(std::string_view name) const;
  // Zero when absent.
  Quantity get(std::string_view name) const;
  void set(std::string_view name, Quantity quantity);
  void erase(std::string_view name);
  // Per-name sum and difference over the union of names (SCH-60 merge, subtractFrom).
  void add(const Resources& other);
  void subtract(const Resources& other);
  // Per-name maximum over the union of names.
  void raise_to(const Resources& other);

  bool empty() const { return entries_.empty(); }

  std::size_t size() const { return entries_.size(); }

  auto begin() const { return entries_.begin(); }

  auto end() const { return entries_.end(); }

  friend bool operator==(const Resources&, const Resources&) = default;

 private:
  std::vector<Entry> entries_;
};

}  // namespace k8s

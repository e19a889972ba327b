// A stable 64-bit hash: the same bytes give the same number on every machine and in every release,
// so it may be printed, stored and compared between runs (effect logs, plans, names). Not for
// hostile input where collisions matter: it is no cryptographic hash.
//
//   base::Hasher hasher;
//   hasher.add("node-1").add(std::uint64_t{42});
//   std::uint64_t digest = hasher.digest();
//
// Thread rule: plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace base {

// Spreads every input bit over all output bits.
constexpr std::uint64_t mix64(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  x ^= x >> 33;
  return x;
}

class Hasher {
 public:
  constexpr Hasher() = default;

  constexpr explicit Hasher(std::uint64_t seed) : state_(kOffset ^ mix64(seed)) {}

  // The length takes part: add("ab").add("c") differs from add("a").add("bc").
  constexpr Hasher& add(std::string_view text) {
    add(static_cast<std::uint64_t>(text.size()));
    for (const char c : text) {
      state_ = (state_ ^ static_cast<unsigned char>(c)) * kPrime;
    }
    return *this;
  }

  constexpr Hasher& add(std::uint64_t number) {
    state_ = (state_ ^ mix64(number)) * kPrime;
    return *this;
  }

  constexpr std::uint64_t digest() const { return mix64(state_); }

 private:
  static constexpr std::uint64_t kOffset = 0xcbf29ce484222325ULL;  // FNV-1a.
  static constexpr std::uint64_t kPrime = 0x100000001b3ULL;

  std::uint64_t state_ = kOffset;
};

// FNV-1a of the bytes, finished with mix64.
constexpr std::uint64_t hash64(std::string_view text) {
  return Hasher().add(text).digest();
}

// 16 lower-case hexadecimal digits.
std::string hex64(std::uint64_t value);

// For transparent look-up in hash containers keyed by text. Need not be stable between runs.
struct TextHash {
  using is_transparent = void;
  using is_avalanching = void;

  std::size_t operator()(std::string_view text) const noexcept;
};

}  // namespace base

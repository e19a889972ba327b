// Chance, by a seed (xoshiro256**): equal seeds give equal numbers on every machine. Pass a Rng& to
// whatever wants chance; give independent parts their own stream with split(), so that a draw in
// one does not disturb the other. Only real_seed() asks the system. Not for secrets.
//
//   Rng rng(seed);
//   Rng faults = rng.split("faults");
//   if (faults.chance(0.1)) { ... }
//
// Thread rule: one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"

namespace runtime {

class Rng {
 public:
  using result_type = std::uint64_t;

  explicit Rng(std::uint64_t seed);

  // An independent stream that depends on the seed and the name only, not on earlier draws.
  Rng split(std::string_view name) const;

  std::uint64_t next();
  // Even over [0, bound). REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound);
  // Even over [low, high], both included.
  std::int64_t between(std::int64_t low, std::int64_t high);
  base::Duration between(base::Duration low, base::Duration high);
  // Even over [0, 1).
  double unit();

  bool chance(double probability) { return unit() < probability; }

  // REQUIRES: not empty.
  template <typename T>
  T& pick(std::span<T> items) {
    return items[below(items.size())];
  }

  template <typename T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      std::swap(items[i - 1], items[below(i)]);
    }
  }

  // UniformRandomBitGenerator.
  std::uint64_t operator()() { return next(); }

  static constexpr std::uint64_t min() { return 0; }

  static constexpr std::uint64_t max() { return std::numeric_limits<std::uint64_t>::max(); }

 private:
  std::uint64_t seed_;
  std::array<std::uint64_t, 4> state_;
};

// A version 4 UUID, lower case with dashes.
std::string make_uuid(Rng& rng);
// `length` characters of the alphabet that Kubernetes uses for generated names: consonants and
// digits that do not form words.
std::string make_name_suffix(Rng& rng, std::size_t length = 5);

// From the operating system's entropy: another number each time.
std::uint64_t real_seed();

}  // namespace runtime

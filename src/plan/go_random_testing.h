// The stream of Go's math/rand for a seed, so that workloads of the field's benchmark are generated
// bit for bit (SCH-525).
//
//   GoRandom random(42);
//   random.below(100);   // 5, then 87
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace plan::testing {

extern const std::array<std::uint64_t, 607> kGoRandomTable;

// Additive lagged Fibonacci, length 607, tap 273.
class GoRandom {
 public:
  explicit GoRandom(std::int64_t seed);

  // 63 bits.
  std::uint64_t next();
  // Uniform in [0, bound). REQUIRES: 0 < bound < 2^31.
  std::uint32_t below(std::uint32_t bound);

 private:
  std::array<std::uint64_t, 607> state_;
  std::size_t tap_ = 0;
  std::size_t feed_ = 607 - 273;
};

}  // namespace plan::testing
